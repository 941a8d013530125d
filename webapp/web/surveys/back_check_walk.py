"""Back-checks for who walks: my list, the paper for the way, and the blind form."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.surveys import VisitOutcome
from webapp.queries.back_check import SampleRow, list_sample
from webapp.services.back_check import SecondAnswers, answer_back_check
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.back_check_forms import SecondForm
from webapp.web.surveys.blueprint import bp


@bp.get("/back-checks")
@requires(Permission.BACK_CHECK)
def my_back_checks() -> ResponseReturnValue:
    """Show the households that this person asks again."""
    return render_template("surveys/back_check_mine.html", rows=_mine())


@bp.get("/back-checks/walk")
@requires(Permission.BACK_CHECK)
def back_check_walk() -> ResponseReturnValue:
    """Give the list for the way, to be printed, with boxes for the answers."""
    left = [row for row in _mine() if row.answered_at is None]
    return render_template("surveys/back_check_walk.html", rows=left)


@bp.route("/back-checks/<uuid:check_id>/visits/<uuid:visit_id>", methods=["GET", "POST"])
@requires(Permission.BACK_CHECK)
@commits
def back_check_visit(check_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    """Ask again, without showing what was answered first."""
    row = next((row for row in _mine(check_id) if row.visit_id == visit_id), None)
    if row is None:
        raise NotFound
    form = SecondForm()
    if request.method == "POST" and (answers := form.read()) is not None:
        outcome = VisitOutcome(form.outcome.data)
        command = SecondAnswers(check_id=check_id, visit_id=visit_id, outcome=outcome, answers=answers)
        with problems_on(form):
            answer_back_check(db.session, command, actor=current_actor(), clock=clock())
            flash(_("Đã lưu phúc tra hộ số %(number)s.", number=row.household_number), "ok")
            return redirect(url_for(".my_back_checks"), 303)
    return render_template("surveys/back_check_visit.html", form=form, row=row), 422 if form.errors else 200


def _mine(check_id: UUID | None = None) -> list[SampleRow]:
    actor = current_actor()
    return list_sample(db.session, actor.ward_id, cipher=cipher(), check_id=check_id, assigned_to=actor.account_id)
