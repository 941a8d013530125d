"""The first page, health, language, and first-run set-up."""

from webapp.web.home import reminders, routes, setup, waiting
from webapp.web.home.blueprint import bp

__all__ = ["bp", "reminders", "routes", "setup", "waiting"]
