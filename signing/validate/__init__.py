"""Check the signatures of a PDF: one verdict, one main code, reasons in words.

Nothing is ever fetched from the network.
"""

from __future__ import annotations

from signing.validate.file import validate_pdf
from signing.validate.isolated import bound_this_process, validate_isolated
from signing.validate.received import Expected, check_received

__all__ = ["Expected", "bound_this_process", "check_received", "validate_isolated", "validate_pdf"]
