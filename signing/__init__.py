"""Sign PDFs (PAdES) and check their signatures. Usable alone: no web framework, no database.

See README.md for the rule of this package, its decisions and the table of verdicts. Names are fetched when they are
asked for: the agent beside a token needs neither pyHanko nor fonts, and starts without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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

_HOMES: Final = {
    "FileReport": "signing.model",
    "Level": "signing.model",
    "Place": "signing.model",
    "SignRequest": "signing.model",
    "SignedPdf": "signing.model",
    "SigningError": "signing.errors",
    "Stamp": "signing.model",
    "Surroundings": "signing.sign",
    "TrustStore": "signing.trust",
    "open_pkcs12": "signing.keystores",
    "sign_pdf": "signing.sign",
    "validate_pdf": "signing.validate",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its room."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
