"""Sign one PDF: check first, sign, check the result, only then hand it over."""

from __future__ import annotations

from signing.sign.document import sign_pdf
from signing.sign.files import sign_file
from signing.sign.surroundings import ALONE, RaiseLevel, Surroundings

__all__ = ["ALONE", "RaiseLevel", "Surroundings", "sign_file", "sign_pdf"]
