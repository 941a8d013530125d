"""Adding a list of households, merging two that are one, and making two of one."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from webapp.core.access import Permission
from webapp.core.duplicates import Known, Likeness, Pair, find_pairs
from webapp.core.errors import InvalidInput, NotFound, RoundShut, WrongState
from webapp.core.household_operations import parse_household_list
from webapp.queries.group_paper import whole_group
from webapp.queries.households import HouseholdRow
from webapp.queries.visits import household_visits
from webapp.services.household_operations import (
    MergeHouseholds,
    SplitHousehold,
    merge_households,
    register_many,
    split_household,
)
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.refusals import note_refusal
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_household
from webapp.web.surveys.tools.operations import choose_group


class ListForm(PageForm):
    """A list as it was copied."""

    list = TextAreaField(_l("Danh sách hộ, mỗi dòng một hộ"))


class PersonForm(PageForm):
    """What a household is called."""

    head_name = StringField(_l("Họ tên chủ hộ"))
    address = StringField(_l("Địa chỉ"))


@bp.route("/households/many", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_ARRANGE)
@commits
def register_list() -> ResponseReturnValue:
    """Paste a list of households; it is shown once more before it is stored, all of it or nothing."""
    form, lines = ListForm(), None
    choice = choose_group(request.form.get("group") if request.method == "POST" else None)
    if form.validate_on_submit():
        with problems_on(form):
            if choice.group is None:
                raise InvalidInput(_("Chọn tổ dân phố của các hộ."))
            lines = parse_household_list(form.list.data or "")
            if request.form.get("action") == "store":
                group_id = choice.group.group_id
                register_many(db.session, group_id, lines, actor=current_actor(), cipher=cipher(), clock=clock())
                flash(_("Đã thêm %(count)s hộ vào danh sách.", count=len(lines)), "ok")
                return redirect(url_for(".household_list", group=group_id, tab="all"), 303)
    status = 422 if form.errors or form.form_errors else 200
    page = render_template("surveys/tools/register_list.html", form=form, choice=choice, lines=lines)
    return page, status


@bp.get("/households/duplicates")
@requires(Permission.HOUSEHOLD_ARRANGE)
def duplicates() -> ResponseReturnValue:
    """Show households of a group that may be one and the same."""
    choice = choose_group()
    pairs: list[tuple[Pair[UUID], HouseholdRow, HouseholdRow]] = []
    if choice.group is not None:
        rows = whole_group(db.session, current_actor().ward_id, choice.group.group_id, cipher=cipher())
        by_id = {item.household.household_id: item.household for item in rows}
        known = [Known(key=key, head_name=row.head_name, address=row.address) for key, row in by_id.items()]
        pairs = [(pair, by_id[pair.first], by_id[pair.second]) for pair in find_pairs(known)]
    words = {
        Likeness.SAME: _("Cùng tên, cùng địa chỉ"),
        Likeness.NAME: _("Cùng tên, địa chỉ gần giống"),
        Likeness.ADDRESS: _("Cùng địa chỉ, tên gần giống"),
        Likeness.NEAR: _("Tên và địa chỉ gần giống"),
    }
    return render_template("surveys/tools/duplicates.html", choice=choice, pairs=pairs, words=words)


@bp.route("/households/<uuid:household_id>/merge/<uuid:other_id>", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_ARRANGE)
@commits
def merge(household_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Choose which of two stays and what it is called, then make them one."""
    both = [find_household(found, Permission.HOUSEHOLD_ARRANGE) for found in (household_id, other_id)]
    if household_id == other_id:
        raise NotFound
    form, message = PersonForm(data={"head_name": both[0].head_name, "address": both[0].address}), ""
    kept = request.form.get("kept", str(household_id))
    if form.validate_on_submit():
        gone_id = other_id if kept == str(household_id) else household_id
        command = MergeHouseholds(
            kept_id=household_id if gone_id == other_id else other_id,
            gone_id=gone_id,
            head_name=form.head_name.data or "",
            address=form.address.data or "",
        )
        try:
            with problems_on(form):
                merge_households(db.session, command, actor=current_actor(), cipher=cipher(), clock=clock())
                flash(_("Đã gộp hai hộ thành một. Trong 30 ngày có thể hoàn tác."), "ok")
                return redirect(url_for(".show_household", household_id=command.kept_id), 303)
        except WrongState as error:
            message = _refused(error)
    visits = [household_visits(db.session, current_actor().ward_id, row.household_id) for row in both]
    wrong = bool(message or form.errors or form.form_errors)
    page = render_template(
        "surveys/tools/merge.html", form=form, both=both, visits=visits, kept=kept, message=message, has_errors=wrong
    )
    return page, 422 if wrong else 200


@bp.route("/households/<uuid:household_id>/split", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_ARRANGE)
@commits
def split(household_id: UUID) -> ResponseReturnValue:
    """Make a second household out of one; its visits stay where they are."""
    household = find_household(household_id, Permission.HOUSEHOLD_ARRANGE)
    form, message = PersonForm(data={"head_name": "", "address": household.address}), ""
    if form.validate_on_submit():
        command = SplitHousehold(
            household_id=household_id, head_name=form.head_name.data or "", address=form.address.data or ""
        )
        try:
            with problems_on(form):
                split_household(db.session, command, actor=current_actor(), cipher=cipher(), clock=clock())
                flash(_("Đã tách thành hộ mới ở cuối danh sách của tổ."), "ok")
                return redirect(url_for(".household_list", group=household.group_id, tab="all"), 303)
        except WrongState as error:
            message = _refused(error)
    wrong = bool(message or form.errors or form.form_errors)
    page = render_template(
        "surveys/tools/split.html", form=form, household=household, message=message, has_errors=wrong
    )
    return page, 422 if wrong else 200


def _refused(error: WrongState) -> str:
    if isinstance(error, RoundShut):
        note_refusal(error)
    db.session.rollback()
    return say(error)
