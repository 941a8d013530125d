"""The JSON API of the heads' phones and of other programs; see README.md."""

from webapp.web.api import devices, ping, reference, visits
from webapp.web.api.blueprint import bp

__all__ = ["bp", "devices", "ping", "reference", "visits"]
