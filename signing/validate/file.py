"""A whole file: read it, examine each signature, judge them together, let the worst decide."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.errors import DocumentEncrypted, DocumentUnreadable
from signing.fields import OpenedPdf, looks_like_pdf, open_pdf
from signing.model import Code, FileReport, Reason, SignatureKind, SignatureReport, worst
from signing.settings import MAX_PDF_BYTES, utc_now
from signing.trust import TrustStore
from signing.validate.evidence import Evidence, gather
from signing.validate.modifications import explained, is_maintenance
from signing.validate.signature import (
    Checkpoint,
    Draft,
    examine,
    finish,
    judge_document_timestamp,
    judge_signature,
)
from signing.validate.structure import count_byte_ranges, end_of_last_revision, tail_is_explained
from signing.validate.texts import reason

NOBODY: Final = TrustStore.nobody()
_LOG: Final = logging.getLogger(__name__)
_QUIET: Final = ("pyhanko", "pyhanko_certvalidator")


class _Unreadable(Exception):
    """Carries the text for a file that cannot be checked."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class _Opened:
    reader: PdfFileReader
    notes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """How to check. ``next_covers``: the file is about to be signed, so permitted changes await that signature."""

    trust: TrustStore
    crls: Sequence[bytes]
    when: Checkpoint
    next_covers: bool = False


def validate_pdf(
    source: bytes | Path,
    *,
    trust: TrustStore = NOBODY,
    crls: Sequence[bytes] = (),
    at: datetime | Literal["now"] | None = None,
    now: datetime | None = None,
) -> FileReport:
    """Check every signature of a PDF. Never raises for anything about the file and never uses the network.

    Nobody is trusted but the anchors of ``trust``. ``crls`` are DER revocation lists. ``at`` None: a certificate is
    judged at the time that a trusted timestamp proves, otherwise at ``now`` (the clock by default); ``"now"`` or a
    moment: exactly then.
    """
    now = now or utc_now()
    task = _Task(trust=trust, crls=crls, when=Checkpoint(now=now, at=now if at == "now" else at))
    return _report(source, task)


def inspect_base(
    data: bytes, *, trust: TrustStore = NOBODY, crls: Sequence[bytes] = (), now: datetime | None = None
) -> FileReport:
    """As ``validate_pdf`` for a file about to be signed: permitted changes count as covered by the coming signature."""
    when = Checkpoint(now=now or utc_now())
    return _report(data, _Task(trust=trust, crls=crls, when=when, next_covers=True))


def _report(source: bytes | Path, task: _Task) -> FileReport:
    """Return the one boundary: whatever a crafted file raises becomes the verdict ``unreadable``."""
    data = b""
    try:
        data = source if isinstance(source, bytes) else _read(source)
        code, reasons, signatures = _check(data, task)
    except _Unreadable as problem:
        code, reasons, signatures = Code.UNREADABLE, (reason(Code.UNREADABLE, text=problem.text),), ()
    except Exception as error:  # noqa: BLE001  -- crafted files raise far more than the library's own errors
        _LOG.info("file not checked: %s", type(error).__name__)  # its text may quote the file
        code, reasons, signatures = Code.UNREADABLE, (reason(Code.UNREADABLE),), ()
    return FileReport(
        code=code,
        reasons=reasons,
        checked_at=task.when.now,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        signatures=signatures,
    )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_PDF_BYTES:
            raise _Unreadable("too_big")
        return path.read_bytes()
    except OSError as error:
        raise _Unreadable("missing") from error


def _check(data: bytes, task: _Task) -> tuple[Code, tuple[Reason, ...], tuple[SignatureReport, ...]]:
    opened = _open(data)
    drafts, unreadable = _examine_all(opened.reader, data)
    listed = len(drafts) + len(unreadable)
    if not listed and not count_byte_ranges(data):
        return Code.UNSIGNED, (reason(Code.UNSIGNED), *opened.notes), ()
    evidence = gather(opened.reader, crls=task.crls, certificates=task.trust.intermediates)
    asyncio.run(_judge_all(drafts, evidence=evidence, trust=task.trust, when=task.when))
    _judge_tail(drafts, data, opened.reader)
    _judge_changes(drafts, next_covers=task.next_covers)
    signatures = (*_finish_all(drafts, evidence), *unreadable)
    codes = [signature.code for signature in signatures]
    reasons = list(opened.notes)
    if count_byte_ranges(data) > listed:
        codes.append(Code.UNREADABLE)
        reasons.insert(0, reason(Code.UNREADABLE, text="hidden_signature"))
    code = worst(codes)
    return code, (*_file_reasons(code, signatures), *reasons), signatures


def _file_reasons(code: Code, signatures: Sequence[SignatureReport]) -> list[Reason]:
    """Return the reasons of the signatures that decided, each once."""
    found: dict[str, Reason] = {}
    for signature in signatures:
        for item in signature.reasons:
            if item.code == code.value:
                found.setdefault(item.en, item)
    return list(found.values())


def _open(data: bytes) -> _Opened:
    if not data:
        raise _Unreadable("empty")
    if len(data) > MAX_PDF_BYTES:
        raise _Unreadable("too_big")
    if not looks_like_pdf(data):
        raise _Unreadable("not_pdf")
    for name in _QUIET:  # its warnings quote names and certificates: personal data, and nothing a reader of logs needs
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        opened = _open_leniently(data)
    except DocumentEncrypted as error:
        raise _Unreadable("encrypted") from error
    notes: tuple[Reason, ...] = ()
    if not opened.strict:
        notes = (reason("hybrid" if opened.hybrid else "lenient"),)
    return _Opened(opened.reader, notes)


def _open_leniently(data: bytes) -> OpenedPdf:
    """Open the file; where something is stuck behind its end, open what comes before and let the rest count."""
    try:
        return open_pdf(data)
    except DocumentUnreadable:
        end = end_of_last_revision(data)
        if end is None or end == len(data):
            raise
        return open_pdf(data[:end])


def _examine_all(reader: PdfFileReader, data: bytes) -> tuple[list[Draft], list[SignatureReport]]:
    """Every distinct signature object, in the order of the file; those that cannot be read apart."""
    drafts: list[Draft] = []
    unreadable: list[SignatureReport] = []
    for name, field in _distinct_fields(reader):
        try:
            drafts.append(examine(name, EmbeddedPdfSignature(reader, field, name), data))
        except Exception:  # noqa: BLE001  -- ASN.1 and PDF errors come in many classes
            text = reason(Code.UNREADABLE, text="signature_unreadable")
            unreadable.append(SignatureReport(code=Code.UNREADABLE, reasons=(text,), field=name))
    return sorted(drafts, key=lambda draft: draft.end), unreadable


def _distinct_fields(reader: PdfFileReader) -> Iterator[tuple[str, generic.DictionaryObject]]:
    """Return filled signature fields; one signature object hung into two fields is one signature."""
    seen: set[object] = set()
    for name, value, reference in enumerate_sig_fields(reader, filled_status=True):
        key = value.reference if isinstance(value, generic.IndirectObject) else id(value)
        if key not in seen:
            seen.add(key)
            yield str(name), reference.get_object()


async def _judge_all(drafts: Sequence[Draft], *, evidence: Evidence, trust: TrustStore, when: Checkpoint) -> None:
    """From the end of the file backwards: a trusted document timestamp proves that what it covers existed then."""
    proved: datetime | None = None
    for draft in reversed(drafts):
        if draft.kind is SignatureKind.SIGNATURE:
            await judge_signature(draft, evidence=evidence, trust=trust, when=when, proved=proved)
            continue
        moment = when.at or proved or when.now
        token = await judge_document_timestamp(draft, evidence=evidence, trust=trust, moment=moment)
        if token.trusted and draft.code is Code.OK and token.time is not None:
            proved = min(proved, token.time) if proved else token.time


def _judge_tail(drafts: Sequence[Draft], data: bytes, reader: PdfFileReader) -> None:
    """Bytes behind the last signature that no revision names count against every signature."""
    if not drafts:
        return
    last = drafts[-1]
    if not tail_is_explained(data, reader, after=last.end, revision=last.embedded.signed_revision):
        for draft in drafts:
            draft.find(Code.MODIFIED, "trailing")


def _judge_changes(drafts: Sequence[Draft], *, next_covers: bool) -> None:
    """Judge the changes after each signature, the last first: later verdicts decide on earlier ones."""
    for index in reversed(range(len(drafts))):
        draft = drafts[index]
        later = [(d.code, d.change) for d in drafts[index + 1 :] if d.kind is SignatureKind.SIGNATURE]
        covered = next_covers and draft.change.permitted
        if not covered and not explained(draft.code, draft.change, later):
            draft.find(Code.MODIFIED, None if draft.change.permitted else "not_permitted")
        elif not is_maintenance(draft.change):
            draft.notes.append(reason("extended_by_later"))


def _finish_all(drafts: Sequence[Draft], evidence: Evidence) -> Iterator[SignatureReport]:
    for index, draft in enumerate(drafts):
        archived = any(d.kind is SignatureKind.DOCUMENT_TIMESTAMP for d in drafts[index + 1 :])
        yield finish(draft, evidence=evidence, archived=archived)
