"""What personal data the ward keeps, why, and on which legal basis."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.personal_data import FieldCode
from webapp.queries.personal_data import FieldRow, field_rows
from webapp.services.subject_requests import confirm_basis
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.registers.requests_forms import BasisForm
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/personal-data")
@requires(Permission.PERSONAL_DATA_VIEW)
def personal_data() -> ResponseReturnValue:
    """List every kind of personal data with purpose and basis."""
    return render_template(
        "registers/personal_data.html",
        rows=field_rows(db.session, current_actor().ward_id),
        may_handle=current_actor().can(Permission.PERSONAL_DATA_HANDLE),
    )


@bp.route("/personal-data/<code>", methods=["GET", "POST"])
@requires(Permission.PERSONAL_DATA_HANDLE)
@commits
def personal_data_basis(code: str) -> ResponseReturnValue:
    """Confirm or change the legal basis of one kind."""
    row = _row(code)
    form = BasisForm(basis=row.basis or _(row.field.basis))
    if form.validate_on_submit():
        with problems_on(form):
            confirm_basis(db.session, row.code, form.basis.data or "", actor=current_actor(), clock=clock())
            flash(_("Đã ghi căn cứ pháp lý."), "ok")
            return redirect(url_for(".personal_data"), 303)
    page = render_template("registers/personal_data_basis.html", row=row, form=form)
    return page, 422 if form.is_submitted() else 200


def _row(code: str) -> FieldRow:
    if code not in set(FieldCode):
        raise NotFound
    return next(row for row in field_rows(db.session, current_actor().ward_id) if row.code == code)
