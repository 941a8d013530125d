"""Registers of documents and of infrastructure."""

from webapp.web.registers import infrastructure, ledger, outgoing, personal_data, requests
from webapp.web.registers.blueprint import bp

__all__ = ["bp", "infrastructure", "ledger", "outgoing", "personal_data", "requests"]
