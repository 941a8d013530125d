"""The ward's own choices for its indicators: the age that counts, and the plan's targets."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.queries.indicators import IndicatorRow, age_versions, find_indicator, registry
from webapp.services.indicators import remove_target, set_adult_age, set_target
from webapp.web.adoption.blueprint import bp
from webapp.web.adoption.forms import AgeForm, TargetForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.figures import age_is_adjustable, indicator_name, target_value_text
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/settings")
@requires(Permission.INDICATOR_MANAGE)
def settings() -> ResponseReturnValue:
    """List the indicators with their ages and targets."""
    rows = [
        (row, indicator_name(row), [(t, target_value_text(row, t)) for t in row.targets])
        for row in registry(db.session, current_actor().ward_id)
    ]
    return render_template("adoption/settings.html", rows=rows)


@bp.get("/settings/<code>")
@requires(Permission.INDICATOR_MANAGE)
def setting(code: str) -> ResponseReturnValue:
    """Show one indicator's choices."""
    return _page(find_indicator(db.session, current_actor().ward_id, code))


@bp.post("/settings/<code>/age")
@requires(Permission.INDICATOR_MANAGE)
@commits
def change_age(code: str) -> ResponseReturnValue:
    """Choose the age; all rounds are counted again with it."""
    row = find_indicator(db.session, current_actor().ward_id, code)
    form = AgeForm()
    if form.validate_on_submit():
        with problems_on(form):
            set_adult_age(db.session, form.command(code), actor=current_actor(), clock=clock())
            flash(_("Đã đổi độ tuổi và tính lại mọi đợt."), "ok")
            return redirect(url_for(".setting", code=code), 303)
    return _page(row, age_form=form), 422


@bp.post("/settings/<code>/targets")
@requires(Permission.INDICATOR_MANAGE)
@commits
def change_target(code: str) -> ResponseReturnValue:
    """Add the target of a year, or change it."""
    row = find_indicator(db.session, current_actor().ward_id, code)
    form = TargetForm()
    if form.validate_on_submit():
        with problems_on(form):
            set_target(db.session, form.command(row), actor=current_actor(), clock=clock())
            flash(_("Đã lưu chỉ tiêu năm %(year)s.", year=form.year.data), "ok")
            return redirect(url_for(".setting", code=code), 303)
    return _page(row, target_form=form), 422


@bp.post("/settings/<code>/targets/<int:year>/remove")
@requires(Permission.INDICATOR_MANAGE)
@commits
def drop_target(code: str, year: int) -> ResponseReturnValue:
    """Take a target away."""
    remove_target(db.session, code, year, actor=current_actor(), clock=clock())
    flash(_("Đã bỏ chỉ tiêu năm %(year)s.", year=year), "ok")
    return redirect(url_for(".setting", code=code), 303)


def _page(row: IndicatorRow, *, age_form: AgeForm | None = None, target_form: TargetForm | None = None) -> str:
    wrong = age_form or target_form
    return render_template(
        "adoption/setting.html",
        indicator=row,
        name=indicator_name(row),
        targets=[(t, target_value_text(row, t)) for t in row.targets],
        versions=age_versions(db.session, current_actor().ward_id, row.code),
        adjustable=age_is_adjustable(row),
        age_form=age_form or AgeForm(formdata=None, adult_age=str(row.adult_age)),
        target_form=target_form or TargetForm(formdata=None, plan_section=row.plan_section),
        wrong=wrong,
        has_errors=wrong is not None,
    )
