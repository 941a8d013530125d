"""Survey rounds for the statistician: plan, open, close, open again, lock."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.pace import Pace
from webapp.core.surveys import ROUND_MOVES, RoundStatus, check_round_move
from webapp.queries.surveys import list_rounds
from webapp.services.rounds import PlanRound, move_round, plan_round
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_round
from webapp.web.surveys.forms import RoundForm
from webapp.web.surveys.progress import round_lines


@bp.get("/rounds")
@requires(Permission.ROUND_VIEW)
def round_list() -> ResponseReturnValue:
    """Show the ward's rounds."""
    actor = current_actor()
    return render_template(
        "surveys/rounds.html", rounds=list_rounds(db.session, actor.ward_id), may=actor.can, permission=Permission
    )


@bp.get("/rounds/<uuid:round_id>")
@requires(Permission.ROUND_VIEW)
def show_round(round_id: UUID) -> ResponseReturnValue:
    """Show how far each group is in a round, who is behind, and where the round can go from here."""
    actor = current_actor()
    found = find_round(round_id)
    return render_template(
        "surveys/round.html",
        round=found,
        lines=round_lines(found, actor),
        pace=Pace(found.starts_on, found.ends_on, clock().today()),
        moves=sorted(ROUND_MOVES[found.status]),
        may=actor.can,
        permission=Permission,
    )


@bp.route("/rounds/new", methods=["GET", "POST"])
@requires(Permission.ROUND_MANAGE)
@commits
def plan() -> ResponseReturnValue:
    """Plan a round."""
    form = RoundForm()
    if form.validate_on_submit():
        command = PlanRound(name=form.name.data, starts_on=form.starts_on.data, ends_on=form.ends_on.data)
        with problems_on(form):
            made = plan_round(db.session, command, actor=current_actor(), clock=clock())
            flash(_("Đã lập đợt khảo sát. Mở đợt khi bắt đầu đi khảo sát."), "ok")
            return redirect(url_for(".show_round", round_id=made), 303)
    return render_template("surveys/round_new.html", form=form), 422 if form.errors else 200


@bp.route("/rounds/<uuid:round_id>/move", methods=["GET", "POST"])
@requires(Permission.ROUND_MANAGE)
@commits
def move(round_id: UUID) -> ResponseReturnValue:
    """Ask, then open, close, open again or lock a round."""
    found = find_round(round_id)
    try:
        wanted = RoundStatus(request.values.get("to", ""))
    except ValueError:
        abort(404)
    if request.method == "POST" and request.form.get("confirmed") == "yes":
        move_round(db.session, round_id, wanted, actor=current_actor(), clock=clock())
        flash(_("Đã đổi trạng thái của đợt khảo sát."), "ok")
        return redirect(url_for(".show_round", round_id=round_id), 303)
    check_round_move(found.status, wanted)
    lines = round_lines(found, current_actor())
    return render_template("surveys/round_move.html", round=found, wanted=wanted, lines=lines)
