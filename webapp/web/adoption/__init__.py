"""Pages of `adoption`: route modules hang their views on `bp`."""

from webapp.web.adoption.blueprint import bp

__all__ = ["bp"]
