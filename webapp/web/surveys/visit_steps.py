"""The form of a visit, page by page. Nothing is stored here: every page carries what was typed on the others."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.extra_questions import NO_QUESTIONS
from webapp.core.ids import new_id
from webapp.core.survey_checks import hard_problems
from webapp.core.survey_questions import soft_questions
from webapp.core.surveys import Answers, VisitOutcome, VisitStatus
from webapp.core.visit_content import VisitContent
from webapp.web.shared.access import requires
from webapp.web.shared.return_fields import on_first_page, return_anchor, return_label
from webapp.web.shared.transactions import commits
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import Desk, find_visit, refuse_if_closed, sit_down
from webapp.web.surveys.envelope import Envelope, read_envelope
from webapp.web.surveys.extra_part import ExtraPart
from webapp.web.surveys.last_round import LastRound
from webapp.web.surveys.summary import sections_of
from webapp.web.surveys.visit_answers import read_answers, read_people, show_problems
from webapp.web.surveys.visit_draft import Draft
from webapp.web.surveys.visit_errors import error_lines
from webapp.web.surveys.visit_fields import Fields, fields_of_last_round, fields_of_visit

ON_START = {"visited_on", "outcome", "adult_count"}


@bp.get("/rounds/<uuid:round_id>/households/<uuid:household_id>/visit")
@requires(Permission.VISIT_SUBMIT)
def new_visit(round_id: UUID, household_id: UUID) -> ResponseReturnValue:
    """Open a form, with last round's answers where there are any; the visit's identifier is made here."""
    desk = sit_down(round_id, household_id)
    refuse_if_closed(desk)
    visit = desk.visit
    if visit and (visit.outcome is VisitOutcome.INTERVIEWED or visit.status is VisitStatus.NEEDS_CORRECTION):
        return redirect(url_for(".show_visit", visit_id=visit.visit_id), 303)
    return start_page(desk, Draft(fields_of_last_round(desk.previous, new_id(), desk.days.today.isoformat())))


@bp.get("/visits/<uuid:visit_id>/correct")
@requires(Permission.VISIT_SUBMIT)
def correct_visit(visit_id: UUID) -> ResponseReturnValue:
    """Open the form with what is stored; sending it makes a new revision."""
    stored = find_visit(visit_id, Permission.VISIT_SUBMIT)
    desk = sit_down(stored.content.round_id, stored.content.household_id)
    refuse_if_closed(desk)
    if not stored.may_correct:
        return redirect(url_for(".show_visit", visit_id=visit_id), 303)
    draft = Draft(fields_of_visit(stored.content, stored.revision))
    on_start = on_first_page(stored.return_field, by_totals=draft.by_totals)
    return details_page(desk, draft) if stored.content.answers and not on_start else start_page(desk, draft)


@bp.post("/rounds/<uuid:round_id>/households/<uuid:household_id>/visit")
@requires(Permission.VISIT_SUBMIT)
@commits
def step(round_id: UUID, household_id: UUID) -> ResponseReturnValue:
    """Go to another page of the form, or add or take away an adult's line; stores nothing."""
    desk = sit_down(round_id, household_id)
    action = request.form.get("action", "check")
    fields = Fields(request.form)
    if action.startswith("edit-"):
        fields, action = _reopened(desk), action.removeprefix("edit-")
    if action in {"totals", "lines"}:
        fields["mode"], action = action, "continue"
    draft = Draft(fields)
    if action == "add":
        return details_page(desk, draft.add_adult())
    if action.startswith("remove-"):
        return details_page(desk, draft.without_adult(action.removeprefix("remove-")))
    pages = {"start": start_page, "details": details_page, "extra": extra_page, "continue": _after_start}
    return pages.get(action, _check)(desk, draft)


def _reopened(desk: Desk) -> Fields:
    """Unfold what the check page carried."""
    envelope = read_envelope(Draft(Fields(request.form)).visit_id, request.form.get("content", ""))
    content = envelope.content
    if (content.household_id, content.round_id) != (desk.household.household_id, desk.round.round_id):
        raise NotFound
    return fields_of_visit(content, envelope.base_revision)


def _after_start(desk: Desk, draft: Draft) -> ResponseReturnValue:
    form = draft.form
    if not read_people(form):
        return start_page(desk, draft, 422)
    outcome = VisitOutcome(form.outcome.data)
    problems = [p for p in hard_problems(outcome, form.visited_on.data, None, desk.days) if p.field == "visited_on"]
    if problems:
        show_problems(form, problems)
        return start_page(desk, draft, 422)
    if outcome is not VisitOutcome.INTERVIEWED:
        return _check(desk, draft)
    if not draft.by_totals and not form.adults.entries:
        draft = draft.with_adults(form.adult_count.data or 0)
    return details_page(desk, draft)


def _check(desk: Desk, draft: Draft) -> ResponseReturnValue:
    form = draft.form
    if not read_people(form):
        return start_page(desk, draft, 422)
    outcome = VisitOutcome(form.outcome.data)
    answers: Answers | None = None
    if outcome is VisitOutcome.INTERVIEWED:
        answers, complete = read_answers(form)
        if not complete:
            return details_page(desk, draft, 422)
    problems = hard_problems(outcome, form.visited_on.data, answers, desk.days)
    if problems:
        show_problems(form, problems)
        on_start = answers is None or any(problem.field in ON_START for problem in problems)
        return (start_page if on_start else details_page)(desk, draft, 422)
    extra = ExtraPart(desk.extra if answers else NO_QUESTIONS, draft.fields)
    if not extra.complete(draft.extra_seen):
        return extra_page(desk, draft, 422)
    if extra.unseen(draft.extra_seen):
        return extra_page(desk, draft)
    return check_page(desk, _envelope(desk, draft, outcome, answers, extra))


def _envelope(desk: Desk, draft: Draft, outcome: VisitOutcome, answers: Answers | None, extra: ExtraPart) -> Envelope:
    content = VisitContent(
        visit_id=draft.visit_id,
        round_id=desk.round.round_id,
        household_id=desk.household.household_id,
        outcome=outcome,
        visited_on=draft.form.visited_on.data,
        answers=answers,
        extra=extra.answers,
    )
    another = desk.visit.visited_on if desk.visit and desk.visit.visit_id != content.visit_id else None
    questions = soft_questions(answers, desk.previous, visited_on=another)
    return Envelope(
        content=content,
        base_revision=draft.base_revision,
        questions=tuple(questions),
        form_version=extra.form.version if extra.form.questions else "",
    )


def check_page(
    desk: Desk, envelope: Envelope, status: int = 200, *, message: str = "", missing: frozenset[str] = frozenset()
) -> ResponseReturnValue:
    """Show everything once more before it is sent; also when it could not be stored, so that nothing is lost.

    `missing`: codes of questions that were not confirmed, and "reason".
    """
    page = render_template(
        "surveys/check.html",
        desk=desk,
        envelope=envelope,
        sections=sections_of(envelope.content, desk.extra.questions),
        confirmed=request.form.getlist("confirmed"),
        reason=request.form.get("reason", ""),
        message=message,
        missing=missing,
        has_errors=status != 200,
    )
    return page, status


def start_page(desk: Desk, draft: Draft, status: int = 200) -> ResponseReturnValue:
    """Show outcome, day and how many people."""
    return _form_page("surveys/start.html", desk, draft, status)


def details_page(desk: Desk, draft: Draft, status: int = 200) -> ResponseReturnValue:
    """Show the lines of the adults (or the totals), the minors and the house."""
    return _form_page("surveys/details.html", desk, draft, status)


def extra_page(desk: Desk, draft: Draft, status: int = 200) -> ResponseReturnValue:
    """Show the round's extra questions that the answers so far call for."""
    part = ExtraPart(desk.extra, draft.fields)
    more = part.unseen(draft.extra_seen) if draft.extra_seen else []
    if status >= 400:
        part.complete(draft.extra_seen)
    page = render_template(
        "surveys/extra.html", desk=desk, draft=draft, part=part, more=more, has_errors=status >= 400, errors=part.errors
    )
    return page, status


def _form_page(template: str, desk: Desk, draft: Draft, status: int) -> ResponseReturnValue:
    page = render_template(
        template,
        desk=desk,
        draft=draft,
        form=draft.form,
        last=LastRound.of(desk.previous),
        return_label=return_label,
        return_anchor=return_anchor,
        errors=error_lines(draft.form) if status >= 400 else [],
        has_errors=status >= 400,
    )
    return page, status
