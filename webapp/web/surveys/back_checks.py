"""Back-checks for the office: draw a sample, hand it out, read how far answers agree."""

from collections.abc import Callable, Iterable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.access import Permission
from webapp.core.back_check import Agreement, agreements, discrepancies
from webapp.core.errors import NotFound
from webapp.queries.back_check import (
    CheckRow,
    ComparedRow,
    back_checkers,
    get_check,
    list_checks,
    list_compared,
    list_sample,
)
from webapp.services.back_check import DrawSample, assign_visits, draw_sample
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.back_check_forms import AssignForm, DrawForm
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_round

Part = tuple[str, int, list[Agreement]]


@bp.get("/rounds/<uuid:round_id>/back-checks")
@requires(Permission.QUALITY_VIEW)
def back_checks(round_id: UUID) -> ResponseReturnValue:
    """Show the samples of a round and the form to draw another."""
    return _samples(round_id, DrawForm())


def _samples(round_id: UUID, form: DrawForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    found, checks = find_round(round_id), list_checks(db.session, actor.ward_id, round_id)
    may_draw = actor.can(Permission.VISIT_REVIEW)
    page = render_template("surveys/back_checks.html", round=found, checks=checks, form=form, may_draw=may_draw)
    return page, status


@bp.post("/rounds/<uuid:round_id>/back-checks")
@requires(Permission.VISIT_REVIEW)
@commits
def back_check_draw(round_id: UUID) -> ResponseReturnValue:
    """Draw a sample."""
    find_round(round_id)
    form = DrawForm()
    if form.validate():
        order = DrawSample(
            round_id=round_id, wanted=form.wanted.data or 0, percent=form.unit.data == "percent", seed=form.seed.data
        )
        with problems_on(form):
            check_id = draw_sample(db.session, order, actor=current_actor(), clock=clock())
            flash(_("Đã chọn mẫu phúc tra. Hãy giao việc cho người đi hỏi lại."), "ok")
            return redirect(url_for(".back_check", check_id=check_id), 303)
    return _samples(round_id, form, 422)


@bp.get("/back-checks/<uuid:check_id>")
@requires(Permission.QUALITY_VIEW)
def back_check(check_id: UUID) -> ResponseReturnValue:
    """Show a sample: who asks whom, and how far it is."""
    return _sample(check_id, AssignForm.of(back_checkers(db.session, current_actor().ward_id)))


def _sample(check_id: UUID, form: AssignForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    check = _find_check(check_id)
    rows = list_sample(db.session, actor.ward_id, cipher=cipher(), check_id=check_id)
    may_assign = actor.can(Permission.VISIT_REVIEW)
    page = render_template("surveys/back_check.html", check=check, rows=rows, form=form, may_assign=may_assign)
    return page, status


@bp.post("/back-checks/<uuid:check_id>/assign")
@requires(Permission.VISIT_REVIEW)
@commits
def back_check_assign(check_id: UUID) -> ResponseReturnValue:
    """Give the ticked visits to somebody."""
    actor = current_actor()
    _find_check(check_id)
    form = AssignForm.of(back_checkers(db.session, actor.ward_id))
    try:
        chosen = [UUID(text) for text in request.form.getlist("visit")]
    except ValueError as error:
        raise BadRequest from error
    if form.validate():
        with problems_on(form):
            who = UUID(form.account_id.data)
            done = assign_visits(db.session, check_id, chosen, who, actor=actor, clock=clock())
            flash(_("Đã giao %(count)s phiếu.", count=done), "ok")
            return redirect(url_for(".back_check", check_id=check_id), 303)
    return _sample(check_id, form, 422)


@bp.get("/back-checks/<uuid:check_id>/report")
@requires(Permission.QUALITY_VIEW)
def back_check_report(check_id: UUID) -> ResponseReturnValue:
    """Show how far second answers agree with first ones: by question, group and head, and where they differ."""
    check = _find_check(check_id)
    rows = list_compared(db.session, current_actor().ward_id, check_id)
    differing = [(row, found) for row in rows if (found := discrepancies(row.first, row.second))]
    return render_template(
        "surveys/back_check_report.html",
        check=check,
        rows=rows,
        whole=agreements([(row.first, row.second) for row in rows]),
        by_group=_parts(rows, lambda row: row.group_name),
        by_head=_parts(rows, lambda row: row.made_name),
        differing=differing,
    )


def _parts(rows: Iterable[ComparedRow], name: Callable[[ComparedRow], str]) -> list[Part]:
    found: dict[str, list[ComparedRow]] = {}
    for row in rows:
        found.setdefault(name(row), []).append(row)
    return [(key, len(part), agreements([(row.first, row.second) for row in part])) for key, part in found.items()]


def _find_check(check_id: UUID) -> CheckRow:
    found = get_check(db.session, current_actor().ward_id, check_id)
    if found is None:
        raise NotFound
    return found
