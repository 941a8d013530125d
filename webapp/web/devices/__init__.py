"""Heads' phones for the ward's staff and for heads: codes, the list, and backups that came by hand."""

from webapp.web.devices import backup, codes, phones
from webapp.web.devices.blueprint import bp

__all__ = ["backup", "bp", "codes", "phones"]
