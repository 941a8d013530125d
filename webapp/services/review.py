"""Looking over submitted visits: approving them, or sending them back with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.facts import CountedVisit
from webapp.core.ports import Clock
from webapp.core.return_fields import RETURN_FIELDS
from webapp.core.rounds import check_unlocked
from webapp.core.surveys import COUNTED, VisitStatus, check_visit_move
from webapp.core.text import clean
from webapp.models.surveys import RoundGroup, SurveyRound, Visit
from webapp.queries.review import unquestioned_visits
from webapp.services.audit import record
from webapp.services.fact_rows import hold_facts, measures_from_json
from webapp.services.facts import take_back, visit_changed

REASON_MAX = 500
CHANGED = N_("Có phiếu vừa được sửa, trả lại hoặc duyệt. Tải lại danh sách rồi chọn lại.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnVisits:
    """Visits to send back, why, and the field it is about (core.return_fields; empty: the whole visit)."""

    visit_ids: Sequence[UUID]
    reason: str
    field: str = ""


def return_visit(session: Session, visit_id: UUID, *, reason: str, field: str = "", actor: Actor, clock: Clock) -> None:
    """Send a visit back to whoever made it; until it is corrected it does not count.

    Raises NotFound, WrongState, NotAllowed, and InvalidInput without a reason.
    """
    reason = _checked(reason, field)
    _hold_household(session, visit_id, actor)
    visit = _load(session, [visit_id], actor)[0]
    check_visit_move(visit.status, VisitStatus.NEEDS_CORRECTION)
    _send_back(session, actor.ward_id, [visit_id], reason, field)
    visit_changed(session, actor.ward_id, old=_counted(visit), new=None)
    record(session, AuditTag.VISIT_RETURN, actor=actor, clock=clock, subject=visit_id, revision=visit.revision)


def return_visits(session: Session, command: ReturnVisits, *, actor: Actor, clock: Clock) -> int:
    """Send several visits back with one reason; gives how many.

    Raises NotFound, WrongState, NotAllowed and InvalidInput; then none goes back.
    """
    reason = _checked(command.reason, command.field)
    wanted = sorted(set(command.visit_ids))
    if not wanted:
        raise InvalidInput(N_("Chọn ít nhất một phiếu để trả lại."))
    hold_facts(session, actor.ward_id, alone=True)
    visits = _load(session, wanted, actor)
    for visit in visits:
        check_visit_move(visit.status, VisitStatus.NEEDS_CORRECTION)
    _send_back(session, actor.ward_id, wanted, reason, command.field)
    take_back(session, actor.ward_id, [counted for visit in visits if (counted := _counted(visit))])
    names = [str(visit_id) for visit_id in wanted]
    record(session, AuditTag.VISIT_RETURN, actor=actor, clock=clock, visits=names)
    return len(wanted)


def approve_visits(
    session: Session,
    visit_ids: Sequence[UUID],
    *,
    seen: Mapping[UUID, int] | None = None,
    actor: Actor,
    clock: Clock,
) -> int:
    """Approve one visit or many together; gives how many. They counted before and count after.

    `seen`: the revisions that were looked at (0: not told); one that has been corrected since is not approved unseen.
    Raises NotFound, WrongState and NotAllowed; then none is approved.
    """
    wanted = sorted(set(visit_ids))
    if not wanted:
        raise InvalidInput(N_("Chọn ít nhất một phiếu để duyệt."))
    hold_facts(session, actor.ward_id)
    visits = _load(session, wanted, actor)
    for visit in visits:
        looked_at = (seen or {}).get(visit.id) or visit.revision
        if visit.status is not VisitStatus.SUBMITTED or looked_at != visit.revision:
            raise WrongState(CHANGED)
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


def approve_unquestioned(session: Session, round_id: UUID, group_id: UUID, *, actor: Actor, clock: Clock) -> int:
    """Approve all submitted visits of a group about which nothing had to be asked once more; gives how many."""
    require(actor, Permission.VISIT_REVIEW, group_id=group_id)
    hold_facts(session, actor.ward_id)
    found = unquestioned_visits(session, actor.ward_id, round_id, group_id)
    if not found:
        raise InvalidInput(N_("Không còn phiếu nào không có điều cần xem. Hãy xem từng phiếu rồi duyệt."))
    return approve_visits(session, list(found), seen=found, actor=actor, clock=clock)


def _checked(reason: str, field: str) -> str:
    reason = clean(reason)
    problems = []
    if field not in RETURN_FIELDS:
        problems.append(Problem("field", N_("Chọn một mục trong danh sách.")))
    if not reason:
        problems.append(Problem("reason", N_("Ghi lý do trả lại, để tổ trưởng biết cần sửa gì.")))
    elif len(reason) > REASON_MAX:
        problems.append(Problem("reason", N_("Lý do dài quá %(most)s chữ."), {"most": REASON_MAX}))
    if problems:
        raise InvalidInput(problems)
    return reason


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


def _set_status(session: Session, ward_id: UUID, visit_ids: Sequence[UUID], status: VisitStatus, **more: str) -> None:
    session.execute(
        update(Visit)
        .where(Visit.ward_id == ward_id, Visit.id.in_(visit_ids))
        .values(status=status, **more)
        .execution_options(synchronize_session=False)
    )


def _send_back(session: Session, ward_id: UUID, visit_ids: Sequence[UUID], reason: str, field: str) -> None:
    status = VisitStatus.NEEDS_CORRECTION
    _set_status(session, ward_id, visit_ids, status, return_reason=reason, return_field=field)


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
