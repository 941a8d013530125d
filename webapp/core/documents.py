"""Ward documents (Decree 30/2020): states and moves, number and symbol, the order person → number → seal."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from webapp.core.errors import N_, WrongState


class DocumentStatus(StrEnum):
    """Where an outgoing document stands."""

    DRAFT = "draft"
    AWAITING_SIGNATURE = "awaiting_signature"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# Authorised person signs → number and date → register → clerk seals → published (Decree 30, Arts 14–19, 32–33).
DOCUMENT_MOVES: Final[Mapping[DocumentStatus, frozenset[DocumentStatus]]] = MappingProxyType(
    {
        DocumentStatus.DRAFT: frozenset({DocumentStatus.AWAITING_SIGNATURE, DocumentStatus.WITHDRAWN}),
        DocumentStatus.AWAITING_SIGNATURE: frozenset(
            {DocumentStatus.SIGNED, DocumentStatus.REJECTED, DocumentStatus.WITHDRAWN}
        ),
        DocumentStatus.REJECTED: frozenset({DocumentStatus.AWAITING_SIGNATURE, DocumentStatus.WITHDRAWN}),
        DocumentStatus.SIGNED: frozenset({DocumentStatus.NUMBERED}),
        DocumentStatus.NUMBERED: frozenset({DocumentStatus.SEALED}),
        DocumentStatus.SEALED: frozenset({DocumentStatus.PUBLISHED}),
        DocumentStatus.PUBLISHED: frozenset(),
        DocumentStatus.WITHDRAWN: frozenset(),
    }
)


# Only the agency signs a copy that it made itself: the exception of Decree 30, Art 32.2.
COPY_MOVES: Final[Mapping[DocumentStatus, frozenset[DocumentStatus]]] = MappingProxyType(
    dict.fromkeys(DocumentStatus, frozenset())
    | {
        DocumentStatus.DRAFT: frozenset({DocumentStatus.NUMBERED, DocumentStatus.WITHDRAWN}),
        DocumentStatus.NUMBERED: frozenset({DocumentStatus.SEALED}),
        DocumentStatus.SEALED: frozenset({DocumentStatus.PUBLISHED}),
    }
)


class VersionKind(StrEnum):
    """What made a version of the file; every version is immutable and named by its SHA-256."""

    UPLOADED = "uploaded"
    PREPARED = "prepared"
    INITIALLED = "initialled"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    ARCHIVED = "archived"  # the published file with archive timestamps behind it


class StepKind(StrEnum):
    """Who signs at a step: initials of drafter or head of department ("ký nháy"), authorised person, agency."""

    INITIALS = "initials"
    PERSON = "person"
    AGENCY = "agency"


class StepStatus(StrEnum):
    """Whether the step is done."""

    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"


class SigningCapacity(StrEnum):
    """Prefix of the signing capacity (Decree 30, Art 13); the value is printed as it stands."""

    OWN = ""
    TM = "TM."
    Q = "Q."
    KT = "KT."
    TL = "TL."
    TUQ = "TUQ."


class KeystoreKind(StrEnum):
    """Where the private key lives."""

    PKCS12 = "pkcs12"  # an encrypted file, kept by the ward
    PKCS11 = "pkcs11"  # a token or HSM at the server
    CSC = "csc"  # a remote signing provider (Cloud Signature Consortium API)
    AGENT = "agent"  # a token or file on the staff member's own computer, behind the signing agent
    VGCA = "vgca"  # a token on the staff member's own computer, behind the government's signing tool


# With these the server asks the key itself; with the others somebody's own computer signs what was prepared.
SERVER_KEYS: Final = frozenset({KeystoreKind.PKCS12, KeystoreKind.PKCS11, KeystoreKind.CSC})


class KeystoreOwner(StrEnum):
    """Whose key it is."""

    PERSON = "person"
    AGENCY = "agency"


def check_document_move(current: DocumentStatus, wanted: DocumentStatus, *, is_copy: bool = False) -> None:
    """Refuse a move that the table does not allow. Raises WrongState."""
    if wanted in (COPY_MOVES if is_copy else DOCUMENT_MOVES)[current]:
        return
    if wanted is DocumentStatus.SEALED:
        # Decree 30 Art 32.2: the agency key only on documents that carry the authorised person's signature.
        raise WrongState(N_("Chỉ đóng dấu (ký số cơ quan) sau khi người có thẩm quyền đã ký và văn bản đã có số."))
    raise WrongState(N_("Văn bản không thể chuyển sang bước này ở trạng thái hiện tại."))


def format_number(number: int) -> str:
    """Give the number with a leading zero below ten (Decree 30, Appendix I)."""
    return f"{number:02d}"


def format_notation(number: int, symbol: str) -> str:
    """Give number and symbol: `30/KH-UBND`, `05/BC-UBND`; slash between, no spaces."""
    return f"{format_number(number)}/{symbol}"


def document_symbol(type_abbreviation: str, agency: str, unit: str = "") -> str:
    """Give the symbol: `KH-UBND`; a letter has no type abbreviation and names the drafting unit: `UBND-VX`."""
    return f"{type_abbreviation}-{agency}" if type_abbreviation else f"{agency}-{unit}" if unit else agency


def format_day(day: dt.date) -> str:
    """Write a date as documents do: leading zero for days below 10 and for months 1 and 2 only."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def tidy_filename(name: str) -> str:
    """Keep the last part of an uploaded file's name: printable, ending in .pdf, 120 letters at most."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*;').strip()
    stem = plain[:-4] if plain.lower().endswith(".pdf") else plain
    return f"{stem.strip('. ')[:116] or 'van-ban'}.pdf"


def signing_capacity_text(capacity: SigningCapacity, agency: str, principal: str = "") -> str:
    """Say for whom a person signs: TM. names the agency, the others the principal; empty for one's own office."""
    return f"{capacity.value} {agency if capacity is SigningCapacity.TM else principal}".strip()
