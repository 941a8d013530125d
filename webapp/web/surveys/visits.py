"""Sending a visit, its receipt, its page and its history."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.errors import Conflict, InvalidInput, RoundShut, WrongState
from webapp.queries.households import next_left
from webapp.queries.visits import list_revisions
from webapp.services.submit_visit import submit_visit
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import STATUS, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.refusals import note_refusal
from webapp.web.shared.return_fields import return_label
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_household, find_visit, questions_of, sit_down
from webapp.web.surveys.envelope import Envelope, read_envelope
from webapp.web.surveys.history import history_of
from webapp.web.surveys.review_page import asked_again
from webapp.web.surveys.summary import sections_of
from webapp.web.surveys.visit_steps import check_page


@bp.post("/visits/<uuid:visit_id>/submit")
@requires(Permission.VISIT_SUBMIT)
@commits
def submit(visit_id: UUID) -> ResponseReturnValue:
    """Store the visit that the check page carries; sent twice it is stored once and gets the same receipt."""
    envelope = read_envelope(visit_id, request.form.get("content", ""))
    reason = request.form.get("reason", "").strip()
    missing = {question.code for question in envelope.questions} - set(request.form.getlist("confirmed"))
    if envelope.base_revision is not None and not reason:
        missing.add("reason")
    if missing:
        return _again(envelope, 422, missing=frozenset(missing))
    try:
        submit_visit(db.session, envelope.command(reason=reason), actor=current_actor(), clock=clock())
    except (WrongState, Conflict, InvalidInput) as error:
        db.session.rollback()
        if isinstance(error, RoundShut):
            note_refusal(error)
        return _again(envelope, next(status for kind, status in STATUS.items() if isinstance(error, kind)), say(error))
    return redirect(url_for(".receipt", visit_id=visit_id), 303)


def _again(
    envelope: Envelope, status: int, message: str = "", missing: frozenset[str] = frozenset()
) -> ResponseReturnValue:
    desk = sit_down(envelope.content.round_id, envelope.content.household_id)
    return check_page(desk, envelope, status, message=message, missing=missing)


@bp.get("/visits/<uuid:visit_id>/receipt")
@requires(Permission.VISIT_SUBMIT)
def receipt(visit_id: UUID) -> ResponseReturnValue:
    """Show that the ward has the visit, and what comes next."""
    visit = find_visit(visit_id, Permission.VISIT_SUBMIT)
    following = next_left(
        db.session,
        current_actor().ward_id,
        visit.group_id,
        round_id=visit.content.round_id,
        after=visit.number,
        cipher=cipher(),
    )
    return render_template("surveys/receipt.html", visit=visit, following=following)


@bp.get("/visits/<uuid:visit_id>")
@requires(Permission.VISIT_VIEW)
def show_visit(visit_id: UUID) -> ResponseReturnValue:
    """Show what a visit says now, its state and what can be done with it."""
    visit = find_visit(visit_id, Permission.VISIT_VIEW)
    return render_template(
        "surveys/visit.html",
        visit=visit,
        household=find_household(visit.content.household_id, Permission.VISIT_VIEW),
        sections=sections_of(visit.content, questions_of(visit)),
        asked=asked_again(visit.confirmed),
        return_label=return_label,
        may=current_actor().can,
        permission=Permission,
    )


@bp.get("/visits/<uuid:visit_id>/history")
@requires(Permission.VISIT_VIEW)
def history(visit_id: UUID) -> ResponseReturnValue:
    """Show every revision: who, when, why, and what changed."""
    visit = find_visit(visit_id, Permission.VISIT_VIEW)
    revisions = list_revisions(db.session, current_actor().ward_id, visit_id)
    return render_template(
        "surveys/history.html",
        visit=visit,
        household=find_household(visit.content.household_id, Permission.VISIT_VIEW),
        revisions=history_of(revisions, questions_of(visit)),
    )
