"""Sign one PDF with a key at hand: check first, sign, check the result, only then hand it over."""

from __future__ import annotations

from signing.sign.document import ALONE, Surroundings, sign_pdf

__all__ = ["ALONE", "Surroundings", "sign_pdf"]
