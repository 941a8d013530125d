"""Looking over submitted visits: approving them, or sending them back with the reason."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.facts import CountedVisit
from webapp.core.ports import Clock
from webapp.core.rounds import check_unlocked
from webapp.core.surveys import COUNTED, VisitStatus, check_visit_move
from webapp.core.text import clean
from webapp.models.surveys import RoundGroup, SurveyRound, Visit
from webapp.services.audit import record
from webapp.services.fact_rows import hold_facts, measures_from_json
from webapp.services.facts import visit_changed

REASON_MAX = 500


def return_visit(session: Session, visit_id: UUID, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Send a visit back to whoever made it; until it is corrected it does not count.

    Raises NotFound, WrongState, NotAllowed, and InvalidInput without a reason.
    """
    reason = clean(reason)
    if not reason:
        raise InvalidInput(Problem("reason", N_("Ghi lý do trả lại, để tổ trưởng biết cần sửa gì.")))
    if len(reason) > REASON_MAX:
        raise InvalidInput(Problem("reason", N_("Lý do dài quá %(most)s chữ."), {"most": REASON_MAX}))
    _hold_household(session, visit_id, actor)
    visit = _load(session, [visit_id], actor)[0]
    check_visit_move(visit.status, VisitStatus.NEEDS_CORRECTION)
    _set_status(session, actor.ward_id, [visit_id], VisitStatus.NEEDS_CORRECTION, return_reason=reason)
    visit_changed(session, actor.ward_id, old=_counted(visit), new=None)
    record(session, AuditTag.VISIT_RETURN, actor=actor, clock=clock, subject=visit_id, revision=visit.revision)


def approve_visits(session: Session, visit_ids: Sequence[UUID], *, actor: Actor, clock: Clock) -> int:
    """Approve one visit or many together; gives how many. They counted before and count after.

    Raises NotFound, WrongState and NotAllowed; then none is approved.
    """
    wanted = sorted(set(visit_ids))
    if not wanted:
        raise InvalidInput(N_("Chọn ít nhất một phiếu để duyệt."))
    hold_facts(session, actor.ward_id)
    visits = _load(session, wanted, actor)
    for visit in visits:
        if visit.status is not VisitStatus.SUBMITTED:
            raise WrongState(N_("Có phiếu vừa được sửa, trả lại hoặc duyệt. Tải lại danh sách rồi chọn lại."))
    _set_status(session, actor.ward_id, wanted, VisitStatus.APPROVED)
    record(
        session,
        AuditTag.VISIT_APPROVE,
        actor=actor,
        clock=clock,
        subject=wanted[0] if len(wanted) == 1 else None,
        visits=[str(visit_id) for visit_id in wanted],
    )
    return len(wanted)


def _hold_household(session: Session, visit_id: UUID, actor: Actor) -> None:
    """Take the household's lock before the visit's row, in the order of a correction: else the two could deadlock."""
    household_id = session.scalar(
        select(Visit.household_id).where(Visit.ward_id == actor.ward_id, Visit.id == visit_id)
    )
    if household_id is None:
        raise NotFound
    hold_facts(session, actor.ward_id, household_id=household_id)


def _load(session: Session, visit_ids: Sequence[UUID], actor: Actor) -> list[Row[Any]]:
    """Read visits for a change, locked in the order of their ids. Raises RoundShut when round or group is locked."""
    require(actor, Permission.VISIT_REVIEW)
    found = session.execute(
        select(
            Visit.id,
            Visit.round_id,
            Visit.group_id,
            Visit.household_id,
            Visit.status,
            Visit.revision,
            Visit.visited_on,
            Visit.submitted_at,
            Visit.measures,
            SurveyRound.status.label("round_status"),
            RoundGroup.status.label("group_status"),
        )
        .join(SurveyRound, and_(SurveyRound.ward_id == Visit.ward_id, SurveyRound.id == Visit.round_id))
        .outerjoin(
            RoundGroup,
            and_(
                RoundGroup.ward_id == Visit.ward_id,
                RoundGroup.round_id == Visit.round_id,
                RoundGroup.group_id == Visit.group_id,
            ),
        )
        .where(Visit.ward_id == actor.ward_id, Visit.id.in_(visit_ids))
        .order_by(Visit.id)
        .with_for_update(of=Visit)
    ).all()
    if len(found) != len(visit_ids):
        raise NotFound
    for visit in found:
        require(actor, Permission.VISIT_REVIEW, group_id=visit.group_id)
        check_unlocked(visit.round_status, visit.group_status, subject=visit.id)
    return list(found)


def _set_status(
    session: Session, ward_id: UUID, visit_ids: Sequence[UUID], status: VisitStatus, return_reason: str = ""
) -> None:
    session.execute(
        update(Visit)
        .where(Visit.ward_id == ward_id, Visit.id.in_(visit_ids))
        .values(status=status, return_reason=return_reason)
        .execution_options(synchronize_session=False)
    )


def _counted(visit: Row[Any]) -> CountedVisit | None:
    if visit.status not in COUNTED:
        return None
    return CountedVisit(
        visit_id=visit.id,
        round_id=visit.round_id,
        group_id=visit.group_id,
        household_id=visit.household_id,
        visited_on=visit.visited_on,
        submitted_at=visit.submitted_at,
        measures=measures_from_json(visit.measures),
    )
