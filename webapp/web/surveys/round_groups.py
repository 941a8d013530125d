"""One group in a round: how far its heads are; close it, open it again or lock it ahead of the others."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.rounds import check_group_move
from webapp.core.surveys import RoundStatus
from webapp.queries.group_heads import group_heads, head_shares, last_contacts
from webapp.queries.surveys import RoundRow
from webapp.services.round_groups import MoveGroup, move_group
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_round
from webapp.web.surveys.forms import GroupMoveForm
from webapp.web.surveys.progress import GroupLine, group_line


def _find_line(survey_round: RoundRow, group_id: UUID) -> GroupLine:
    found = group_line(survey_round, group_id, current_actor())
    if found is None:
        raise NotFound
    return found


@bp.get("/rounds/<uuid:round_id>/groups/<uuid:group_id>")
@requires(Permission.ROUND_VIEW)
def show_round_group(round_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Show a group's progress by head, and what can be done with it."""
    actor, found = current_actor(), find_round(round_id)
    line = _find_line(found, group_id)
    heads = group_heads(db.session, actor.ward_id, group_id, now=clock().now())
    shares = {share.account_id: share for share in head_shares(db.session, actor.ward_id, group_id, round_id)}
    return render_template(
        "surveys/round_group.html",
        round=found,
        line=line,
        heads=heads,
        shares=shares,
        contacts=last_contacts(db.session, actor.ward_id, [head.account_id for head in heads]),
        may=actor.can,
        permission=Permission,
    )


@bp.route("/rounds/<uuid:round_id>/groups/<uuid:group_id>/move", methods=["GET", "POST"])
@requires(Permission.ROUND_MANAGE)
@commits
def move_round_group(round_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Ask, then close a group, open it again or lock it; the others go on."""
    found = find_round(round_id)
    line = _find_line(found, group_id)
    try:
        wanted = RoundStatus(request.values.get("to", ""))
    except ValueError:
        abort(404)
    form = GroupMoveForm()
    if request.method == "POST" and request.form.get("confirmed") == "yes" and form.validate():
        reason = form.reason.data or ""
        command = MoveGroup(round_id=round_id, group_id=group_id, wanted=wanted, reason=reason)
        with problems_on(form):
            move_group(db.session, command, actor=current_actor(), clock=clock())
            flash(_("Đã đổi tình trạng của tổ trong đợt này."), "ok")
            return redirect(url_for(".show_round_group", round_id=round_id, group_id=group_id), 303)
    else:
        check_group_move(found.status, line.progress.own_status, wanted)
    page = render_template("surveys/round_group_move.html", round=found, line=line, wanted=wanted, form=form)
    return page, 422 if form.errors or form.form_errors else 200
