"""Back-checks: draw a sample, hand it out, write second answers down."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.back_check import SEED_MAX, KeyAnswers, answer_problems, draw
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.surveys import COUNTED, VisitOutcome
from webapp.models.back_check import BackCheck, BackCheckVisit
from webapp.models.surveys import Visit, VisitRevision
from webapp.queries.back_check import back_checkers
from webapp.queries.surveys import get_round
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSample:
    """Order to draw. `wanted`: visits, or percent of each group; without a seed one is made by chance."""

    round_id: UUID
    wanted: int
    percent: bool = True
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondAnswers:
    """What a second interview gave; `answers` is None when nobody was met."""

    check_id: UUID
    visit_id: UUID
    outcome: VisitOutcome
    answers: KeyAnswers | None = None


def draw_sample(session: Session, command: DrawSample, *, actor: Actor, clock: Clock) -> UUID:
    """Draw from the round's counted interviews, group by group. Raises NotFound and InvalidInput."""
    require(actor, Permission.VISIT_REVIEW)
    if get_round(session, actor.ward_id, command.round_id) is None:
        raise NotFound
    if command.wanted < 1 or (command.percent and command.wanted > 100):
        raise InvalidInput(Problem("wanted", N_("Ghi số từ 1 trở lên; phần trăm thì không quá 100.")))
    if command.seed is not None and not 0 <= command.seed <= SEED_MAX:
        raise InvalidInput(Problem("seed", N_("Số gốc từ 0 đến %(most)s."), {"most": SEED_MAX}))
    visits = _population(session, actor.ward_id, command.round_id)
    if not visits:
        raise InvalidInput(N_("Đợt này chưa có phiếu nào hỏi được để chọn phúc tra."))
    seed = secrets.randbelow(SEED_MAX + 1) if command.seed is None else command.seed
    pairs = [(visit.id, visit.group_id) for visit in visits.values()]
    chosen = draw(pairs, seed, command.wanted, percent=command.percent)
    check_id = new_id()
    values = {"ward_id": actor.ward_id, "id": check_id, "round_id": command.round_id, "seed": seed}
    values |= {"wanted": command.wanted, "percent": command.percent, "population": len(visits)}
    session.execute(insert(BackCheck), {**values, "drawn_at": clock.now(), "drawn_by": actor.account_id})
    rows = [
        {
            "ward_id": actor.ward_id,
            "check_id": check_id,
            "visit_id": visit_id,
            "number": number,
            "revision": visits[visit_id].revision,
            "household_id": visits[visit_id].household_id,
            "group_id": visits[visit_id].group_id,
            "answers": {},
        }
        for number, visit_id in enumerate(chosen, 1)
    ]
    session.execute(insert(BackCheckVisit), rows)
    record(session, AuditTag.BACK_CHECK, actor=actor, clock=clock, subject=check_id, drawn=len(rows), seed=seed)
    return check_id


def _population(session: Session, ward_id: UUID, round_id: UUID) -> dict[UUID, Visit]:
    found = session.scalars(
        select(Visit).where(
            Visit.ward_id == ward_id,
            Visit.round_id == round_id,
            Visit.status.in_(COUNTED),
            Visit.outcome == VisitOutcome.INTERVIEWED,
        )
    )
    return {visit.id: visit for visit in found}


def assign_visits(
    session: Session, check_id: UUID, visit_ids: Collection[UUID], account_id: UUID, *, actor: Actor, clock: Clock
) -> int:
    """Give visits to somebody who will ask again; give how many. Raises InvalidInput.

    Who wrote a visit down does not check it; visits that were asked again already stay as they are.
    """
    require(actor, Permission.VISIT_REVIEW)
    if account_id not in back_checkers(session, actor.ward_id):
        raise InvalidInput(Problem("account_id", N_("Người này không được giao phúc tra.")))
    if not visit_ids:
        raise InvalidInput(N_("Chọn ít nhất một phiếu."))
    own = session.scalar(
        select(VisitRevision.visit_id)
        .where(
            VisitRevision.ward_id == actor.ward_id,
            VisitRevision.visit_id.in_(visit_ids),
            VisitRevision.made_by == account_id,
        )
        .limit(1)
    )
    if own is not None:
        raise InvalidInput(N_("Người này đã tự ghi một phiếu trong số được chọn nên không phúc tra phiếu đó được."))
    done = session.execute(
        update(BackCheckVisit)
        .where(
            BackCheckVisit.ward_id == actor.ward_id,
            BackCheckVisit.check_id == check_id,
            BackCheckVisit.visit_id.in_(visit_ids),
            BackCheckVisit.answered_at.is_(None),
        )
        .values(assigned_to=account_id)
    )
    count = int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
    record(session, AuditTag.BACK_CHECK, actor=actor, clock=clock, subject=check_id, assigned=count)
    return count


def answer_back_check(session: Session, command: SecondAnswers, *, actor: Actor, clock: Clock) -> None:
    """Write second answers down, once. Raises NotFound (not assigned to this person), WrongState, InvalidInput."""
    require(actor, Permission.BACK_CHECK)
    row = session.get(BackCheckVisit, (actor.ward_id, command.check_id, command.visit_id), with_for_update=True)
    if row is None or row.assigned_to != actor.account_id:
        raise NotFound
    if row.answered_at is not None:
        raise WrongState(N_("Hộ này đã được phúc tra."))
    interviewed = command.outcome is VisitOutcome.INTERVIEWED
    answers = (command.answers or KeyAnswers()) if interviewed else KeyAnswers()
    problems = answer_problems(answers)
    if problems:
        raise InvalidInput(problems)
    row.outcome, row.answers = command.outcome, answers.to_json()
    row.answered_at, row.answered_by = clock.now(), actor.account_id
    session.flush()
    record(session, AuditTag.BACK_CHECK, actor=actor, clock=clock, subject=command.visit_id, answered=True)
