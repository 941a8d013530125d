"""The JSON API of the heads' phones and of other programs; see README.md."""

from webapp.web.api import devices, docs, openapi, ping, reference, visits
from webapp.web.api.blueprint import bp

__all__ = ["bp", "devices", "docs", "openapi", "ping", "reference", "visits"]
