"""How far the ward is: against the plan, indicator by indicator, group by group, on any day."""

from webapp.web.adoption import dashboard, groups, indicators, settings
from webapp.web.adoption.blueprint import bp

__all__ = ["bp", "dashboard", "groups", "indicators", "settings"]
