"""Check the signatures of a PDF: one verdict, one main code, reasons in words.

Nothing is ever fetched from the network.
"""

from __future__ import annotations

from signing.validate.file import validate_pdf
from signing.validate.isolated import bound_this_process, validate_isolated

__all__ = ["bound_this_process", "validate_isolated", "validate_pdf"]
