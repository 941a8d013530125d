"""Registers of documents and of infrastructure."""

from webapp.web.registers import (
    incoming,
    incoming_desk,
    incoming_work,
    infrastructure,
    ledger,
    outgoing,
    personal_data,
    requests,
)
from webapp.web.registers.blueprint import bp

__all__ = [
    "bp",
    "incoming",
    "incoming_desk",
    "incoming_work",
    "infrastructure",
    "ledger",
    "outgoing",
    "personal_data",
    "requests",
]
