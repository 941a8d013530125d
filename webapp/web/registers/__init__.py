"""Registers of documents."""

from webapp.web.registers import outgoing
from webapp.web.registers.blueprint import bp

__all__ = ["bp", "outgoing"]
