"""Choosing the level of signatures of types of documents; it counts for every signature made from then on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, Conflict, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.core.signature_levels import DEFAULT_LEVEL, SignatureLevel
from webapp.models.documents import DocumentType
from webapp.models.locking import locked_row
from webapp.models.workflow import DocumentLevel
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLevel:
    """Another level for a type; `shown` is what the page said before."""

    type_code: str
    shown: SignatureLevel
    level: SignatureLevel


def choose_levels(session: Session, choices: Sequence[ChooseLevel], *, actor: Actor, clock: Clock) -> int:
    """Keep the levels that were changed and give their number; each is in the audit log with what it was before.

    Raises InvalidInput when nothing was changed, NotFound, Conflict when somebody else changed one meanwhile.
    """
    require(actor, Permission.CHAIN_MANAGE)
    changed = [one for one in choices if one.level is not one.shown]
    if not changed:
        raise InvalidInput(Problem("", N_("Chưa có mức nào thay đổi.")))
    for one in changed:
        _choose(session, one, actor=actor, clock=clock)
    return len(changed)


def _choose(session: Session, one: ChooseLevel, *, actor: Actor, clock: Clock) -> None:
    if session.get(DocumentType, one.type_code) is None:
        raise NotFound
    row = locked_row(
        session,
        DocumentLevel,
        {"ward_id": actor.ward_id, "type_code": one.type_code},
        level=DEFAULT_LEVEL,
        changed_at=clock.now(),
        changed_by=actor.account_id,
    )
    if row.level is not one.shown:
        raise Conflict
    row.level, row.changed_at, row.changed_by = one.level, clock.now(), actor.account_id
    record(
        session,
        AuditTag.LEVEL_CHANGE,
        actor=actor,
        clock=clock,
        type=one.type_code,
        before=one.shown.value,
        level=one.level.value,
    )
