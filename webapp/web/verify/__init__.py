"""Pages of `verify`: route modules hang their views on `bp`."""

from webapp.web.verify.blueprint import bp

__all__ = ["bp"]
