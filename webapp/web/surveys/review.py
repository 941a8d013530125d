"""Looking over submitted visits: approve one or many, send one back with the reason."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.access import Permission
from webapp.core.errors import InvalidInput, NotFound
from webapp.queries.review import list_for_review
from webapp.queries.surveys import current_round, list_groups, list_rounds, review_counts
from webapp.services.review import approve_visits, return_visit
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_household, find_round, find_visit
from webapp.web.surveys.forms import ReturnForm


@bp.get("/review")
@requires(Permission.VISIT_REVIEW)
def review() -> ResponseReturnValue:
    """Lead to the review of the round that is on."""
    rounds = list_rounds(db.session, current_actor().ward_id)
    now = current_round(rounds, clock().today())
    if now is None:
        return redirect(url_for(".round_list"), 303)
    return redirect(url_for(".review_round", round_id=now.round_id), 303)


@bp.get("/rounds/<uuid:round_id>/review")
@requires(Permission.VISIT_REVIEW)
def review_round(round_id: UUID) -> ResponseReturnValue:
    """Show which groups have visits to look over."""
    actor = current_actor()
    found = find_round(round_id)
    groups = list_groups(db.session, actor.ward_id, actor.group_scope(Permission.VISIT_REVIEW))
    counts = review_counts(db.session, actor.ward_id, round_id, [group.group_id for group in groups])
    return render_template("surveys/review.html", round=found, groups=groups, counts=counts)


@bp.route("/rounds/<uuid:round_id>/review/<uuid:group_id>", methods=["GET", "POST"])
@requires(Permission.VISIT_REVIEW)
@commits
def review_group(round_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Show a group's submitted visits; approve those that are ticked."""
    actor, message = current_actor(), ""
    if request.method == "POST":
        try:
            chosen = [UUID(text) for text in request.form.getlist("visit")]
        except ValueError as error:
            raise BadRequest from error
        try:
            done = approve_visits(db.session, chosen, actor=actor, clock=clock())
            flash(_("Đã duyệt %(count)s phiếu.", count=done), "ok")
            return redirect(url_for(".review_group", round_id=round_id, group_id=group_id), 303)
        except InvalidInput as error:
            message = say(error)
    found = find_round(round_id)
    groups = list_groups(db.session, actor.ward_id, frozenset({group_id}))
    if not groups:
        raise NotFound
    visits = list_for_review(db.session, actor.ward_id, round_id, group_id, cipher=cipher())
    page = render_template(
        "surveys/review_group.html",
        round=found,
        group=groups[0],
        visits=visits,
        message=message,
        has_errors=bool(message),
    )
    return page, 422 if message else 200


@bp.route("/visits/<uuid:visit_id>/return", methods=["GET", "POST"])
@requires(Permission.VISIT_REVIEW)
@commits
def send_back(visit_id: UUID) -> ResponseReturnValue:
    """Ask for the reason and send a visit back."""
    visit = find_visit(visit_id, Permission.VISIT_REVIEW)
    form = ReturnForm()
    if form.validate_on_submit():
        with problems_on(form):
            return_visit(db.session, visit_id, reason=form.reason.data, actor=current_actor(), clock=clock())
            flash(_("Đã trả phiếu lại cho tổ. Phiếu chưa được tính cho đến khi sửa xong."), "ok")
            return redirect(url_for(".review_group", round_id=visit.content.round_id, group_id=visit.group_id), 303)
    household = find_household(visit.content.household_id, Permission.VISIT_VIEW)
    page = render_template("surveys/return.html", form=form, visit=visit, household=household)
    return page, 422 if form.errors else 200
