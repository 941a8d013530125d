"""Checking documents, open to everybody."""

from webapp.web.verify import routes
from webapp.web.verify.blueprint import bp

__all__ = ["bp", "routes"]
