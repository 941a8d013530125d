"""Signing or sealing many documents with one entry of the PIN: how many, for how long, and what ends it early."""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from webapp.core.documents import tidy_filename
from webapp.core.errors import DomainError
from webapp.core.jobs import WorkerStopping

MOST: Final = 50
SESSION_LENGTH: Final = dt.timedelta(minutes=30)
"""An opened key is forgotten after that, however many documents are left."""
LEASE: Final = dt.timedelta(seconds=15)
"""After a crash nobody can go on before this is over: the dead process might still be writing."""


class BatchKind(StrEnum):
    """What is done to each document."""

    SIGN = "sign"
    SEAL = "seal"


class BatchPaused(WorkerStopping):
    """The key is no longer in hand: what is left waits until its owner gives the PIN again."""


_KEY_WORDS: Final = ("certificate_", "token_", "key_", "keystore_", "csc_", "remote_")
_KEY_CODES: Final = frozenset(
    {
        "wrong_pin",
        "wrong_code",
        "own_page_needed",
        "credential_disabled",
        "too_many_pins",
        "no_keystore",
        "other_certificate",
        "weak_key",
        "wrong_key_usage",
        "no_key",
        "several_keys",
        "several_tokens",
        "several_certificates",
        "no_signing_certificate",
        "unsupported_key",
        "mechanism_unsupported",
        "raw_signature_invalid",
    }
)


def is_key_trouble(error: DomainError) -> bool:
    """Tell whether a refusal lies with the key, and so would meet every document that is left."""
    return error.code in _KEY_CODES or error.code.startswith(_KEY_WORDS)


def tidy_names(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Give file names for (notation, abstract): readable, harmless, and no two alike whatever the case.

    `30/KH-UBND` becomes `30-KH-UBND`; the abstract is cut at a word.
    """
    taken: set[str] = set()
    names = []
    for notation, abstract in wanted:
        words = abstract if len(abstract) <= 70 else abstract[:71].rsplit(" ", 1)[0]
        parts = (part.replace("/", "-").replace("\\", "-").strip() for part in (notation, words))
        stem = tidy_filename(f"{' '.join(part for part in parts if part)}.pdf")[:-4]
        name, number = f"{stem}.pdf", 1
        while unicodedata.normalize("NFKC", name).casefold() in taken:
            number += 1
            name = f"{stem} ({number}).pdf"
        taken.add(unicodedata.normalize("NFKC", name).casefold())
        names.append(name)
    return names
