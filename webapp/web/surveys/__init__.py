"""Pages of `surveys`: route modules hang their views on `bp`."""

from webapp.web.surveys.blueprint import bp

__all__ = ["bp"]
