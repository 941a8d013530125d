"""Registers of documents and of infrastructure."""

from webapp.web.registers import infrastructure, outgoing
from webapp.web.registers.blueprint import bp

__all__ = ["bp", "infrastructure", "outgoing"]
