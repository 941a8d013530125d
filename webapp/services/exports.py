"""Giving survey data out: what somebody may have, written down before the first byte leaves."""

from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import NotFound
from webapp.core.events import AuditTag
from webapp.core.exports import ExportFormat, ExportOrder, ExportTable
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock
from webapp.services.audit import record
from webapp.services.jobs import NewJob, enqueue


def allow_export(
    session: Session,
    order: ExportOrder,
    *,
    kind: ExportFormat,
    actor: Actor,
    clock: Clock,
    table: ExportTable = ExportTable.VISITS,
) -> None:
    """Check the order against the person's rights and write it into the audit log.

    `order.group_ids` must lie within the person's groups (None: only for who works for the whole ward). Raises
    NotAllowed for names without the right to them, NotFound for groups of others.
    """
    require(actor, Permission.DATA_EXPORT)
    if order.names:
        require(actor, Permission.DATA_EXPORT_NAMES)
    scope = actor.group_scope(Permission.DATA_EXPORT)
    if scope is not None and (order.group_ids is None or not order.group_ids <= scope):
        raise NotFound
    what = {key: value for key, value in order.to_json().items() if value not in (None, False)}
    record(session, AuditTag.EXPORT, actor=actor, clock=clock, format=kind.value, table=table.value, **what)


def queue_workbook(session: Session, order: ExportOrder, *, actor: Actor, clock: Clock) -> UUID:
    """Queue a workbook; the job page shows how far it is. Raises as `allow_export` does."""
    allow_export(session, order, kind=ExportFormat.XLSX, actor=actor, clock=clock)
    job = NewJob(kind=JobKind.EXPORT, payload=order.to_json())
    job_id = enqueue(session, job, ward_id=actor.ward_id, created_by=actor.account_id, clock=clock)
    if job_id is None:
        raise NotFound
    return job_id


def note_download(session: Session, job_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Write down that a finished workbook was fetched."""
    record(session, AuditTag.EXPORT, actor=actor, clock=clock, subject=job_id, format=ExportFormat.XLSX.value)
