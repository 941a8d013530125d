"""Pages of `documents`: route modules hang their views on `bp`."""

from webapp.web.documents.blueprint import bp

__all__ = ["bp"]
