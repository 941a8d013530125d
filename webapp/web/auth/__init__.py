"""Pages of `auth`: route modules hang their views on `bp`."""

from webapp.web.auth.blueprint import bp

__all__ = ["bp"]
