"""Sign PDFs (PAdES) and check their signatures. Usable alone: no web framework, no database.

See README.md for the rule of this package, its decisions and the table of verdicts.
"""

from __future__ import annotations

from signing.errors import SigningError
from signing.keystores import open_pkcs12
from signing.model import FileReport, Level, Place, SignedPdf, SignRequest, Stamp
from signing.sign import Surroundings, sign_pdf
from signing.trust import TrustStore
from signing.validate import validate_pdf

__all__ = [
    "FileReport",
    "Level",
    "Place",
    "SignRequest",
    "SignedPdf",
    "SigningError",
    "Stamp",
    "Surroundings",
    "TrustStore",
    "open_pkcs12",
    "sign_pdf",
    "validate_pdf",
]
