"""The level of signatures of each type of document: one page, one form."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import Field, HiddenField, SelectField

from webapp.core.access import Permission
from webapp.core.signature_levels import SignatureLevel
from webapp.queries.signature_levels import LevelRow, list_levels
from webapp.services.signature_levels import ChooseLevel, choose_levels
from webapp.web.documents.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.labels import label
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, settings

CHOICES = [member.value for member in SignatureLevel]


@bp.route("/levels", methods=["GET", "POST"])
@requires(Permission.CHAIN_MANAGE)
@commits
def levels() -> ResponseReturnValue:
    """Show the types with their levels, and keep those that were changed."""
    actor = current_actor()
    rows = list_levels(db.session, actor.ward_id)
    form = levels_form(rows)
    if form.validate_on_submit():
        with problems_on(form):
            count = choose_levels(db.session, chosen(form, rows), actor=actor, clock=clock())
            flash(gettext("Đã đổi mức của %(count)s loại văn bản.", count=count), "ok")
            return redirect(url_for(".levels"), 303)
    page = render_template(
        "documents/levels.html",
        form=form,
        lines=[(row, *fields_of(form, row)) for row in rows],
        fetches=settings().revocation_fetch,
    )
    return page, 422 if form.is_submitted() else 200


def levels_form(rows: Sequence[LevelRow]) -> PageForm:
    """Make a form with a list for each type, and what it showed before."""
    fields: dict[str, object] = {}
    for row in rows:
        fields[f"level-{row.type_code}"] = SelectField(row.type_name, default=row.level.value)
        fields[f"shown-{row.type_code}"] = HiddenField(default=row.level.value)
    made: PageForm = type("LevelsForm", (PageForm,), fields)()
    for row in rows:
        fields_of(made, row)[0].choices = [(member.value, label(member)) for member in SignatureLevel]
    return made


def fields_of(form: PageForm, row: LevelRow) -> tuple[Field, Field]:
    """Give the list and the hidden field of a type."""
    return form[f"level-{row.type_code}"], form[f"shown-{row.type_code}"]


def chosen(form: PageForm, rows: Sequence[LevelRow]) -> list[ChooseLevel]:
    """Give what was sent; a hidden field that somebody bent says nothing else than the page does."""
    orders = []
    for row in rows:
        wanted, shown = fields_of(form, row)
        before = SignatureLevel(shown.data) if shown.data in CHOICES else row.level
        orders.append(ChooseLevel(type_code=row.type_code, shown=before, level=SignatureLevel(wanted.data)))
    return orders
