"""Which extra questions a visit answers, and whether the answers can be stored: one rule for every way in."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.errors import N_, Problem
from webapp.core.extra_answers import extra_problems
from webapp.core.extra_questions import NO_QUESTIONS, ExtraForm, number_of
from webapp.core.surveys import VisitOutcome
from webapp.queries.extra_forms import active_form, used_form

_KEPT_MAX: Final = 512


def extra_form_of(
    session: Session, ward_id: UUID, round_id: UUID, *, version: str, extra: Mapping[str, Any]
) -> ExtraForm:
    """Find the extra questions that were asked.

    The version says it, also when a newer one is in use by now: a visit begun before keeps its questions. Without a
    (known) version, answers belong to the questions in use; and who sends neither was not asked (imports, the grid).
    """
    number = number_of(version)
    if number == 0 or (number is None and not extra):
        return NO_QUESTIONS
    known = _version(session, ward_id, round_id, number) if number else None
    return known or active_form(session, ward_id, round_id)


def problems_of_extra(form: ExtraForm, outcome: VisitOutcome, extra: Mapping[str, Any]) -> list[Problem]:
    """Give what cannot be stored; empty when all is well."""
    if outcome is VisitOutcome.INTERVIEWED:
        return extra_problems(form.questions, extra)
    message = N_("Không hỏi được thì không có câu trả lời. Chọn lại kết quả lần đến nhà.")
    return [Problem("outcome", message)] if extra else []


# Versions in use never change, so each is read once per process: a submission must not wait for them.
_kept: dict[tuple[UUID, UUID, int], ExtraForm] = {}


def _version(session: Session, ward_id: UUID, round_id: UUID, number: int) -> ExtraForm | None:
    key = (ward_id, round_id, number)
    form = _kept.get(key) or used_form(session, ward_id, round_id, number)
    if form is not None:
        if len(_kept) >= _KEPT_MAX:
            _kept.clear()
        _kept[key] = form
    return form
