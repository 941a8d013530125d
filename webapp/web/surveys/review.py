"""Looking over submitted visits: approve one or many, send one or many back with field and reason."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import InvalidInput
from webapp.queries.surveys import current_round, list_groups, list_rounds, review_counts
from webapp.services.review import ReturnVisits, approve_unquestioned, approve_visits, return_visit, return_visits
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_household, find_round, find_visit
from webapp.web.surveys.forms import ReturnForm
from webapp.web.surveys.review_page import read_seen, review_page


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
    """Show a group's submitted visits; approve the ticked ones, the page, or all about which nothing is open."""
    message = ""
    if request.method == "POST":
        try:
            done = _approve(round_id, group_id)
            flash(_("Đã duyệt %(count)s phiếu.", count=done), "ok")
            return redirect(url_for(".review_group", round_id=round_id, group_id=group_id), 303)
        except InvalidInput as error:
            message = say(error)
    page = review_page(round_id, group_id, message=message)
    return page, 422 if message else 200


def _approve(round_id: UUID, group_id: UUID) -> int:
    actor, action = current_actor(), request.form.get("action", "chosen")
    if action == "all":
        return approve_unquestioned(db.session, round_id, group_id, actor=actor, clock=clock())
    seen = read_seen("page" if action == "page" else "visit")
    return approve_visits(db.session, list(seen), seen=seen, actor=actor, clock=clock())


@bp.route("/visits/<uuid:visit_id>/return", methods=["GET", "POST"])
@requires(Permission.VISIT_REVIEW)
@commits
def send_back(visit_id: UUID) -> ResponseReturnValue:
    """Ask for field and reason and send a visit back."""
    visit = find_visit(visit_id, Permission.VISIT_REVIEW)
    form = ReturnForm()
    if form.validate_on_submit():
        with problems_on(form):
            said = {"reason": form.reason.data, "field": form.field.data}
            return_visit(db.session, visit_id, **said, actor=current_actor(), clock=clock())
            flash(_("Đã trả phiếu lại cho tổ. Phiếu chưa được tính cho đến khi sửa xong."), "ok")
            return redirect(url_for(".review_group", round_id=visit.content.round_id, group_id=visit.group_id), 303)
    household = find_household(visit.content.household_id, Permission.VISIT_VIEW)
    page = render_template("surveys/return.html", form=form, visit=visit, household=household)
    return page, 422 if form.errors or form.form_errors else 200


@bp.post("/rounds/<uuid:round_id>/review/<uuid:group_id>/return")
@requires(Permission.VISIT_REVIEW)
@commits
def send_back_many(round_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Ask for one field and reason for the ticked visits, then send them all back, or none."""
    chosen = list(read_seen("visit"))
    if not chosen:
        return review_page(round_id, group_id, message=_("Chọn ít nhất một phiếu để trả lại.")), 422
    form = ReturnForm()
    if request.form.get("confirmed") == "yes" and form.validate():
        command = ReturnVisits(visit_ids=chosen, reason=form.reason.data, field=form.field.data)
        with problems_on(form):
            done = return_visits(db.session, command, actor=current_actor(), clock=clock())
            flash(_("Đã trả lại %(count)s phiếu. Các phiếu này chưa được tính cho đến khi sửa xong.", count=done), "ok")
            return redirect(url_for(".review_group", round_id=round_id, group_id=group_id), 303)
    page = render_template(
        "surveys/return_many.html", form=form, round=find_round(round_id), group_id=group_id, chosen=chosen
    )
    return page, 422 if form.errors or form.form_errors else 200
