"""Registers of documents and of infrastructure."""

from webapp.web.registers import infrastructure, outgoing, personal_data, requests
from webapp.web.registers.blueprint import bp

__all__ = ["bp", "infrastructure", "outgoing", "personal_data", "requests"]
