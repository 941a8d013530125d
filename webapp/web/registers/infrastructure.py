"""Registers of infrastructure: groups, 5G sites, platforms, machines, milestones. Nothing is ever overwritten."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.adoption import IndicatorSource, IndicatorUnit
from webapp.core.errors import InvalidInput, NotFound
from webapp.queries.adoption import overview
from webapp.queries.indicators import IndicatorRow, find_indicator
from webapp.queries.infrastructure import Subject, history, subjects
from webapp.services.infrastructure import LISTED, add_item, record_findings, retire_item
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.registers.infrastructure_forms import (
    BY_RESIDENTS,
    CountsForm,
    FindingsForm,
    ItemForm,
    is_listed,
    put_problems,
    subject_data,
)
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.figures import indicator_name, present
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/infrastructure")
@requires(Permission.INFRASTRUCTURE_VIEW)
def infrastructure() -> ResponseReturnValue:
    """Show every register with its figure."""
    today = clock().today()
    found = overview(db.session, current_actor().ward_id, day=today, today=today)
    views = [
        present(figure, url_for(".infrastructure_register", code=figure.indicator.code))
        for figure in found.figures
        if _has_register(figure.indicator)
    ]
    return render_template("registers/infrastructure.html", views=views)


@bp.get("/infrastructure/<code>")
@requires(Permission.INFRASTRUCTURE_VIEW)
def infrastructure_register(code: str) -> ResponseReturnValue:
    """Show one register: what is known now, and every entry ever made."""
    return _page(_indicator(code))


@bp.post("/infrastructure/<code>")
@requires(Permission.INFRASTRUCTURE_RECORD)
@commits
def infrastructure_record(code: str) -> ResponseReturnValue:
    """Take findings."""
    indicator = _indicator(code)
    listed = subjects(db.session, current_actor().ward_id, indicator)
    form = _findings_form(listed, posted=True) if is_listed(indicator) else _counts_form(indicator, listed, posted=True)
    if form.validate():
        try:
            command = form.command(indicator, listed) if isinstance(form, FindingsForm) else form.command(indicator)
            count = record_findings(db.session, command, actor=current_actor(), clock=clock())
        except InvalidInput as error:
            put_problems(form, error)
        else:
            flash(_("Đã ghi %(count)s mục vào sổ.", count=count), "ok")
            return redirect(url_for(".infrastructure_register", code=code), 303)
    return _page(indicator, form=form), 422


@bp.post("/infrastructure/<code>/items")
@requires(Permission.INFRASTRUCTURE_RECORD)
@commits
def infrastructure_add(code: str) -> ResponseReturnValue:
    """List another site, platform or milestone."""
    indicator = _indicator(code)
    form = ItemForm()
    if form.validate_on_submit():
        with problems_on(form):
            add_item(db.session, form.command(code), actor=current_actor(), clock=clock())
            flash(_("Đã thêm vào danh sách."), "ok")
            return redirect(url_for(".infrastructure_register", code=code), 303)
    return _page(indicator, item_form=form), 422


@bp.post("/infrastructure/<code>/items/<uuid:item_id>/retire")
@requires(Permission.INFRASTRUCTURE_RECORD)
@commits
def infrastructure_retire(code: str, item_id: UUID) -> ResponseReturnValue:
    """Take a thing off the list; its history stays."""
    retire_item(db.session, item_id, actor=current_actor(), clock=clock())
    flash(_("Đã bỏ khỏi danh sách. Lịch sử vẫn còn."), "ok")
    return redirect(url_for(".infrastructure_register", code=code), 303)


def _has_register(indicator: IndicatorRow) -> bool:
    kept = {IndicatorSource.GROUP, IndicatorSource.WARD, *LISTED}
    return indicator.source in kept or indicator.unit is IndicatorUnit.PER_RESIDENT


def _indicator(code: str) -> IndicatorRow:
    indicator = find_indicator(db.session, current_actor().ward_id, code)
    if not _has_register(indicator):
        raise NotFound
    return indicator


def _findings_form(listed: list[Subject], *, posted: bool = False) -> FindingsForm:
    if posted:
        form = FindingsForm()
    else:
        form = FindingsForm(
            formdata=None, observed_on=clock().today(), subjects=[subject_data(subject) for subject in listed]
        )
    form.name_fields(listed)
    return form


def _counts_form(indicator: IndicatorRow, listed: list[Subject], *, posted: bool = False) -> CountsForm:
    found = listed[0].found
    if posted:
        form = CountsForm()
    else:
        form = CountsForm(
            formdata=None,
            observed_on=clock().today(),
            numerator=found.numerator if found else None,
            denominator=found.denominator if found else None,
        )
    form.name_fields(indicator)
    return form


def _page(
    indicator: IndicatorRow, *, form: FindingsForm | CountsForm | None = None, item_form: ItemForm | None = None
) -> str:
    ward_id = current_actor().ward_id
    listed = subjects(db.session, ward_id, indicator)
    wrong = form or item_form
    if form is None:
        form = _findings_form(listed) if is_listed(indicator) else _counts_form(indicator, listed)
    return render_template(
        "registers/infrastructure_register.html",
        indicator=indicator,
        name=indicator_name(indicator),
        listed=listed,
        by_id={str(subject.id): subject for subject in listed},
        by_answers=is_listed(indicator),
        by_residents=indicator.code == BY_RESIDENTS,
        by_items=indicator.source in LISTED,
        form=form,
        item_form=item_form or ItemForm(formdata=None),
        wrong=wrong,
        has_errors=wrong is not None,
        may_record=current_actor().can(Permission.INFRASTRUCTURE_RECORD),
        entries=history(db.session, ward_id, indicator.code),
    )
