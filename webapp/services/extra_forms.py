"""Extra questions of a round: drafted from a workbook, taken into use, retired. A version never changes."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.extra_answers import extra_problems
from webapp.core.extra_questions import ExtraFormStatus, ExtraQuestion
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.surveys import RoundStatus
from webapp.models.extra_forms import ExtraFormRow
from webapp.models.surveys import SurveyRound, Visit, VisitRevision
from webapp.services.audit import record
from webapp.services.fact_rows import hold_facts

VERSIONS_MAX = 99


def draft_form(
    session: Session, round_id: UUID, questions: Sequence[ExtraQuestion], *, actor: Actor, clock: Clock
) -> UUID:
    """Keep questions as the round's next version, not in use yet. Raises NotFound, WrongState, InvalidInput."""
    require(actor, Permission.ROUND_MANAGE)
    _open_round(session, actor, round_id)
    last = session.scalar(
        select(func.max(ExtraFormRow.number)).where(
            ExtraFormRow.ward_id == actor.ward_id, ExtraFormRow.round_id == round_id
        )
    )
    if (last or 0) >= VERSIONS_MAX:
        raise InvalidInput(Problem("file", N_("Đợt này đã có quá nhiều bản câu hỏi thêm.")))
    row = ExtraFormRow(
        ward_id=actor.ward_id,
        id=new_id(),
        round_id=round_id,
        number=(last or 0) + 1,
        status=ExtraFormStatus.DRAFT,
        questions=[question.to_json() for question in questions],
        made_at=clock.now(),
        made_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    _record(session, row, actor=actor, clock=clock)
    return row.id


def use_form(session: Session, form_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Ask these questions from now on; the version in use until now is retired and stays readable.

    Refused while answers of the round would not fit any more: they could not be compared or corrected. Raises
    NotFound, WrongState and InvalidInput (one problem for each question that has such answers).
    """
    require(actor, Permission.ROUND_MANAGE)
    row = _find(session, actor, form_id)
    _open_round(session, actor, row.round_id)
    if row.status is not ExtraFormStatus.DRAFT:
        raise WrongState(N_("Chỉ dùng được một bản nháp."))
    hold_facts(session, actor.ward_id, alone=True)
    misfits = answers_that_do_not_fit(session, actor.ward_id, row.round_id, _questions(row))
    if misfits:
        message = N_("Câu “%(name)s”: %(count)s phiếu đã nộp có câu trả lời không hợp với bản này.")
        raise InvalidInput([Problem("", message, {"name": name, "count": n}) for name, n in misfits.items()])
    for active in _active(session, actor, row.round_id):
        active.status = ExtraFormStatus.RETIRED
    session.flush()
    row.status = ExtraFormStatus.ACTIVE
    session.flush()
    _record(session, row, actor=actor, clock=clock)


def retire_form(session: Session, form_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Ask these questions no more (or throw a draft away); answers given stay. Raises NotFound, WrongState."""
    require(actor, Permission.ROUND_MANAGE)
    row = _find(session, actor, form_id)
    _open_round(session, actor, row.round_id)
    if row.status is ExtraFormStatus.DRAFT:
        session.delete(row)
        session.flush()
        return
    if row.status is ExtraFormStatus.RETIRED:
        raise WrongState(N_("Bản này không còn dùng từ trước."))
    row.status = ExtraFormStatus.RETIRED
    session.flush()
    _record(session, row, actor=actor, clock=clock)


def answers_that_do_not_fit(
    session: Session, ward_id: UUID, round_id: UUID, questions: Sequence[ExtraQuestion]
) -> dict[str, int]:
    """Count, by question, the visits whose answers the questions would refuse. One statement.

    A question that was not asked then is not counted: it is asked when the visit is corrected.
    """
    given = session.scalars(
        select(VisitRevision.extra)
        .join(
            Visit,
            and_(
                Visit.ward_id == VisitRevision.ward_id,
                Visit.id == VisitRevision.visit_id,
                Visit.revision == VisitRevision.number,
            ),
        )
        .where(Visit.ward_id == ward_id, Visit.round_id == round_id, VisitRevision.extra_form > 0)
    )
    counts: Counter[str] = Counter()
    for extra in given:
        names = {problem.field.removeprefix("extra.") for problem in extra_problems(questions, extra)}
        counts.update(names & set(extra))
    return dict(sorted(counts.items()))


def _questions(row: ExtraFormRow) -> list[ExtraQuestion]:
    return [ExtraQuestion.from_json(question) for question in row.questions]


def _active(session: Session, actor: Actor, round_id: UUID) -> Sequence[ExtraFormRow]:
    return session.scalars(
        select(ExtraFormRow).where(
            ExtraFormRow.ward_id == actor.ward_id,
            ExtraFormRow.round_id == round_id,
            ExtraFormRow.status == ExtraFormStatus.ACTIVE,
        )
    ).all()


def _find(session: Session, actor: Actor, form_id: UUID) -> ExtraFormRow:
    row = session.get(ExtraFormRow, (actor.ward_id, form_id), with_for_update=True)
    if row is None:
        raise NotFound
    return row


def _open_round(session: Session, actor: Actor, round_id: UUID) -> None:
    status = session.scalar(
        select(SurveyRound.status).where(SurveyRound.ward_id == actor.ward_id, SurveyRound.id == round_id)
    )
    if status is None:
        raise NotFound
    if status not in {RoundStatus.PLANNED, RoundStatus.OPEN}:
        raise WrongState(N_("Đợt đã đóng hoặc đã chốt nên không đổi câu hỏi thêm được."))


def _record(session: Session, row: ExtraFormRow, *, actor: Actor, clock: Clock) -> None:
    details = {"number": row.number, "to": row.status.value, "questions": len(row.questions)}
    record(session, AuditTag.EXTRA_FORM_CHANGE, actor=actor, clock=clock, subject=row.id, **details)
