"""Reports for the ward's leaders."""

from webapp.web.reports import usage
from webapp.web.reports.blueprint import bp

__all__ = ["bp", "usage"]
