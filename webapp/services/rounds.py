"""Survey rounds: planned, opened, closed, opened again or locked for good."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.surveys import RoundStatus, VisitStatus, check_round_move
from webapp.core.text import clean
from webapp.models.surveys import SurveyRound, Visit
from webapp.services.audit import record
from webapp.services.fact_rows import hold_facts

NAME_MAX = 120
LONGEST = dt.timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRound:
    """A round to come: its name and the days on which its visits may be dated."""

    name: str
    starts_on: dt.date
    ends_on: dt.date


def plan_round(session: Session, command: PlanRound, *, actor: Actor, clock: Clock) -> UUID:
    """Put a round on the list, not open yet. Raises InvalidInput, and NotAllowed without ROUND_MANAGE."""
    require(actor, Permission.ROUND_MANAGE)
    name = clean(command.name)
    problems = list(_problems(name, command))
    same = select(SurveyRound.id).where(SurveyRound.ward_id == actor.ward_id, SurveyRound.name == name)
    if not problems and session.scalar(same) is not None:
        problems.append(Problem("name", N_("Đã có đợt khảo sát tên này. Đặt tên khác.")))
    if problems:
        raise InvalidInput(problems)
    planned = SurveyRound(
        ward_id=actor.ward_id,
        id=new_id(),
        name=name,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        status=RoundStatus.PLANNED,
    )
    session.add(planned)
    session.flush()
    record(session, AuditTag.ROUND_CHANGE, actor=actor, clock=clock, subject=planned.id, to=RoundStatus.PLANNED.value)
    return planned.id


def move_round(session: Session, round_id: UUID, wanted: RoundStatus, *, actor: Actor, clock: Clock) -> None:
    """Open, close, open again or lock a round. Locking locks its counted visits with it; reported figures stay.

    Waits for visits on their way in. Raises NotFound, WrongState and NotAllowed.
    """
    require(actor, Permission.ROUND_MANAGE)
    found = held_round(session, actor.ward_id, round_id)
    hold_facts(session, actor.ward_id, alone=True)
    before = found.status
    check_round_move(before, wanted)
    found.status = wanted
    locked = lock_visits(session, actor.ward_id, round_id) if wanted is RoundStatus.LOCKED else 0
    session.flush()
    record(
        session,
        AuditTag.ROUND_CHANGE,
        actor=actor,
        clock=clock,
        subject=round_id,
        before=before.value,
        to=wanted.value,
        **({"visits": locked} if locked else {}),
    )


def held_round(session: Session, ward_id: UUID, round_id: UUID) -> SurveyRound:
    """Give the round, its row locked until the transaction ends. Raises NotFound.

    Taken before the facts, as an import does; not against foreign keys, for submissions take those after the facts.
    """
    found = session.scalar(
        select(SurveyRound)
        .where(SurveyRound.ward_id == ward_id, SurveyRound.id == round_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _problems(name: str, command: PlanRound) -> list[Problem]:
    problems = []
    if not name:
        problems.append(Problem("name", N_("Đặt tên cho đợt khảo sát, ví dụ “Đợt 1 năm 2026”.")))
    elif len(name) > NAME_MAX:
        problems.append(Problem("name", N_("Tên dài quá %(most)s chữ."), {"most": NAME_MAX}))
    if command.ends_on < command.starts_on:
        problems.append(Problem("ends_on", N_("Ngày kết thúc phải từ ngày bắt đầu trở đi.")))
    elif command.ends_on - command.starts_on > LONGEST:
        problems.append(Problem("ends_on", N_("Một đợt khảo sát không dài quá 400 ngày.")))
    return problems


def lock_visits(session: Session, ward_id: UUID, round_id: UUID, group_id: UUID | None = None) -> int:
    """Lock the counted visits of a round, or of one group in it; give how many."""
    done = session.execute(
        update(Visit)
        .where(
            Visit.ward_id == ward_id,
            Visit.round_id == round_id,
            *([] if group_id is None else [Visit.group_id == group_id]),
            Visit.status.in_((VisitStatus.SUBMITTED, VisitStatus.APPROVED)),
        )
        .values(status=VisitStatus.LOCKED)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
