"""Pages of `admin`: route modules hang their views on `bp`."""

from webapp.web.admin.blueprint import bp

__all__ = ["bp"]
