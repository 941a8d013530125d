"""The first page, health, language, and first-run set-up."""

from webapp.web.home import routes, setup
from webapp.web.home.blueprint import bp

__all__ = ["bp", "routes", "setup"]
