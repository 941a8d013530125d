"""Reading every stored file and comparing it with the ledger of signatures; nothing but what was found is written."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import Conflict, NotFound, SigningRefused
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.jobs import JobKind
from webapp.core.ledger_checks import (
    CarriedSignature,
    FileState,
    Finding,
    FindingKind,
    LedgerEntry,
    StoredFile,
    prefix_hash,
)
from webapp.core.ports import Clock, FileStore, SigningGateway
from webapp.models.ledger_checks import FileCheck, LedgerCheck, LedgerFinding
from webapp.services.audit import record
from webapp.services.jobs import NewJob, enqueue

MOST_FINDINGS: Final = 1_000
KEPT: Final = dt.timedelta(days=400)
"""Logs are kept for twelve months at least (domain.md §5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file after it was read. `signatures` is None where they were not looked for or cannot be read."""

    sha256: str
    state: FileState
    signatures: list[dict[str, str]] | None
    carried: tuple[CarriedSignature, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A finished comparison."""

    started_at: dt.datetime
    head: tuple[int, bytes]
    files: int
    signatures: int
    rows: int
    findings: Sequence[Finding]


def ask_for_check(session: Session, *, actor: Actor, clock: Clock) -> None:
    """Queue a comparison now; one a minute is enough, however often the button is pressed. Raises NotAllowed."""
    require(actor, Permission.LEDGER_VIEW)
    order = NewJob(kind=JobKind.LEDGER, dedupe_key=f"ledger:{clock.now():%Y-%m-%dT%H:%M}")
    if enqueue(session, order, ward_id=actor.ward_id, created_by=actor.account_id, clock=clock) is not None:
        record(session, AuditTag.LEDGER_CHECK, actor=actor, clock=clock)


def read_file(
    file: StoredFile,
    *,
    entries: dict[str, LedgerEntry],
    known: list[dict[str, str]] | None,
    look: bool,
    files: FileStore,
    signing: SigningGateway,
) -> ReadFile:
    """Read a file and hash it; with `look` name its signatures too, unless they are `known` already."""
    try:
        content = files.get(file.sha256)
    except NotFound:
        return _unread(file, FileState.MISSING, _about(file, FindingKind.FILE_MISSING), known)
    except Conflict:
        return _unread(file, FileState.ALTERED, _about(file, FindingKind.FILE_ALTERED), known)
    findings: tuple[Finding, ...] = ()
    if known is None and look:
        try:
            known = [{"field": one.field, "sha256": one.sha256} for one in signing.list_signatures(content)]
        except SigningRefused:
            findings = (_about(file, FindingKind.FILE_UNREADABLE),)
    carried = tuple(_carried(one, content, file.sha256, entries) for one in known or ())
    return ReadFile(sha256=file.sha256, state=FileState.WHOLE, signatures=known, carried=carried, findings=findings)


def note_files(session: Session, ward_id: UUID, read: Sequence[ReadFile], *, clock: Clock) -> None:
    """Write down when these files were read and what they were."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(FileCheck)
    statement = statement.on_conflict_do_update(
        index_elements=["ward_id", "sha256"],
        set_={name: statement.excluded[name] for name in ("state", "signatures", "checked_at")},
    )
    rows: list[dict[str, Any]] = [
        {
            "ward_id": ward_id,
            "sha256": one.sha256,
            "state": one.state,
            "signatures": one.signatures,
            "checked_at": clock.now(),
        }
        for one in read
    ]
    if rows:
        session.execute(statement, rows)


def keep_outcome(session: Session, ward_id: UUID, outcome: Outcome, *, clock: Clock) -> UUID:
    """Store a finished comparison and forget those of more than thirteen months ago."""
    check_id, now = new_id(), clock.now()
    session.add(
        LedgerCheck(
            ward_id=ward_id,
            id=check_id,
            started_at=outcome.started_at,
            finished_at=now,
            files=outcome.files,
            signatures=outcome.signatures,
            rows=outcome.rows,
            findings=len(outcome.findings),
            head_hash=outcome.head[1],
        )
    )
    session.flush()
    for number, finding in enumerate(outcome.findings[:MOST_FINDINGS], 1):
        session.add(
            LedgerFinding(
                ward_id=ward_id,
                check_id=check_id,
                number=number,
                kind=finding.kind,
                document_id=finding.document_id,
                sequence=finding.sequence,
                field=finding.field,
                sha256=finding.sha256,
            )
        )
    session.flush()
    _forget_old(session, ward_id, now - KEPT)
    return check_id


def _forget_old(session: Session, ward_id: UUID, before: dt.datetime) -> None:
    old = (LedgerCheck.ward_id == ward_id, LedgerCheck.finished_at < before)
    session.execute(
        delete(LedgerFinding).where(
            LedgerFinding.ward_id == ward_id,
            LedgerFinding.check_id.in_(LedgerCheck.__table__.select().with_only_columns(LedgerCheck.id).where(*old)),
        )
    )
    session.execute(delete(LedgerCheck).where(*old))


def _about(file: StoredFile, kind: FindingKind) -> Finding:
    return Finding(kind=kind, document_id=file.document_id, sha256=file.sha256)


def _carried(one: dict[str, str], content: bytes, sha256: str, entries: dict[str, LedgerEntry]) -> CarriedSignature:
    entry = entries.get(one["sha256"])
    prefix = None
    if entry is not None:
        whole = entry.revision_end == len(content)
        prefix = sha256 if whole else prefix_hash(content, entry.revision_end)
    return CarriedSignature(field=one["field"], sha256=one["sha256"], prefix_sha256=prefix)


def _unread(file: StoredFile, state: FileState, finding: Finding, known: list[dict[str, str]] | None) -> ReadFile:
    return ReadFile(sha256=file.sha256, state=state, signatures=known, carried=(), findings=(finding,))
