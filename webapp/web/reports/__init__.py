"""Pages of `reports`: route modules hang their views on `bp`."""

from webapp.web.reports.blueprint import bp

__all__ = ["bp"]
