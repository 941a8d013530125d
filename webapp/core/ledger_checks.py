"""Comparing the signature ledger with the stored files: what may be found, and what each finding means."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class FileState(StrEnum):
    """What a file in the store was found to be when it was last read."""

    WHOLE = "whole"
    MISSING = "missing"
    ALTERED = "altered"


class FindingKind(StrEnum):
    """What does not fit."""

    CHAIN_BROKEN = "chain_broken"
    FILE_MISSING = "file_missing"
    FILE_ALTERED = "file_altered"
    FILE_UNREADABLE = "file_unreadable"
    SIGNATURE_UNKNOWN = "signature_unknown"
    SIGNATURE_MISSING = "signature_missing"
    REVISION_ALTERED = "revision_altered"


class FileRole(StrEnum):
    """Why the ward keeps a file. Only made files carry signatures that the ledger must know."""

    BROUGHT = "brought"  # an upload: what is signed in it was signed elsewhere
    MADE = "made"  # what came out of a step of the ward's own
    PAPER = "paper"  # a delegation, an incoming document, a Word file: its bytes count, not its signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that the database names."""

    sha256: str
    role: FileRole
    document_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What of a ledger row is compared with files. `revision_end` counts bytes."""

    sequence: int
    signature_sha256: str
    document_id: UUID
    field: str
    revision_end: int
    revision_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedSignature:
    """A signature in a file; `prefix_sha256` is over the file up to where the ledger says that the revision ends."""

    field: str
    sha256: str
    prefix_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not fit, with what helps to find it."""

    kind: FindingKind
    document_id: UUID | None = None
    sequence: int | None = None
    field: str = ""
    sha256: str = ""


def prefix_hash(content: bytes, end: int) -> str | None:
    """Give the SHA-256 of the first `end` bytes (hex); None when there are not so many."""
    return hashlib.sha256(memoryview(content)[:end]).hexdigest() if 0 < end <= len(content) else None


def compare(
    files: Iterable[StoredFile],
    carried: Mapping[str, Iterable[CarriedSignature]],
    entries: Mapping[str, LedgerEntry],
    *,
    known_to: int,
) -> list[Finding]:
    """Give what does not fit between the files that could be read and the ledger.

    `carried`: signatures by the file's SHA-256. `entries`: ledger rows by the signature's SHA-256. `known_to`: the last
    row that was there before the files were listed; later ones may belong to files that were not.
    """
    files = list(files)
    brought = {
        (file.document_id, one.sha256)
        for file in files
        if file.role is FileRole.BROUGHT
        for one in carried.get(file.sha256, ())
    }
    found: dict[tuple[object, ...], Finding] = {}
    seen: set[str] = set()
    for file in files:
        if file.role is FileRole.PAPER:
            continue
        for one in carried.get(file.sha256, ()):
            entry = entries.get(one.sha256)
            if entry is not None and entry.document_id == file.document_id:
                seen.add(one.sha256)
                if one.prefix_sha256 != entry.revision_sha256:
                    _note(found, FindingKind.REVISION_ALTERED, file, one, entry.sequence)
            elif file.role is FileRole.MADE and (file.document_id, one.sha256) not in brought:
                _note(found, FindingKind.SIGNATURE_UNKNOWN, file, one, None)
    lost = [entry for sha256, entry in entries.items() if sha256 not in seen and entry.sequence <= known_to]
    return [
        *found.values(),
        *(
            Finding(
                kind=FindingKind.SIGNATURE_MISSING,
                document_id=entry.document_id,
                sequence=entry.sequence,
                field=entry.field,
                sha256=entry.revision_sha256,
            )
            for entry in sorted(lost, key=lambda entry: entry.sequence)
        ),
    ]


def _note(
    found: dict[tuple[object, ...], Finding],
    kind: FindingKind,
    file: StoredFile,
    one: CarriedSignature,
    sequence: int | None,
) -> None:
    """Keep a finding once a signature, however many versions carry it: the first file is the one to look at."""
    finding = Finding(
        kind=kind, document_id=file.document_id, sequence=sequence, field=one.field[:80], sha256=file.sha256
    )
    found.setdefault((kind, file.document_id, one.sha256), finding)
