"""Pages of one household: registering it, its visits, mending its name, taking it off the list."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.surveys import HouseholdStatus
from webapp.queries.surveys import current_round, list_groups, list_rounds
from webapp.queries.visits import household_visits
from webapp.services.households import (
    AlreadyListed,
    ChangeHousehold,
    RegisterHousehold,
    change_household,
    register_household,
    vacate_household,
)
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_household
from webapp.web.surveys.forms import HouseholdForm


@bp.route("/households/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_REGISTER)
@commits
def register() -> ResponseReturnValue:
    """Put a household on a group's list; when it is there already, say so and lead to it."""
    form, twin = _register_form(), None
    if form.validate_on_submit():
        command = RegisterHousehold(
            group_id=UUID(form.group.data),
            head_name=form.head_name.data or "",
            address=form.address.data or "",
            number=form.number.data,
        )
        try:
            with problems_on(form):
                made = register_household(db.session, command, actor=current_actor(), cipher=cipher(), clock=clock())
                flash(_("Đã thêm hộ vào danh sách."), "ok")
                return redirect(url_for(".show_household", household_id=made), 303)
        except AlreadyListed as error:
            twin = error.household_id
    status = 409 if twin else 422 if form.errors or form.form_errors else 200
    return render_template("surveys/register.html", form=form, twin=twin, has_errors=status >= 400), status


@bp.get("/households/<uuid:household_id>")
@requires(Permission.HOUSEHOLD_VIEW)
def show_household(household_id: UUID) -> ResponseReturnValue:
    """Show a household and its visits over the rounds."""
    actor = current_actor()
    household = find_household(household_id, Permission.HOUSEHOLD_VIEW)
    rounds = list_rounds(db.session, actor.ward_id)
    visits = household_visits(db.session, actor.ward_id, household_id)
    now = current_round([found for found in rounds if found.is_open], clock().today())
    return render_template(
        "surveys/household.html",
        household=household,
        visits=visits,
        now=now,
        this_round=next((visit for visit in visits if now and visit.round_id == now.round_id), None),
        listed=household.status is HouseholdStatus.ACTIVE,
        may=actor.can,
        permission=Permission,
    )


@bp.route("/households/<uuid:household_id>/change", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_REGISTER)
@commits
def change(household_id: UUID) -> ResponseReturnValue:
    """Mend a name or an address."""
    household = find_household(household_id, Permission.HOUSEHOLD_REGISTER)
    form = HouseholdForm(data={"head_name": household.head_name, "address": household.address})
    del form.group, form.number
    twin = None
    if form.validate_on_submit():
        command = ChangeHousehold(
            household_id=household_id, head_name=form.head_name.data or "", address=form.address.data or ""
        )
        try:
            with problems_on(form):
                change_household(db.session, command, actor=current_actor(), cipher=cipher(), clock=clock())
                flash(_("Đã sửa tên, địa chỉ của hộ."), "ok")
                return redirect(url_for(".show_household", household_id=household_id), 303)
        except AlreadyListed as error:
            twin = error.household_id
    status = 409 if twin else 422 if form.errors or form.form_errors else 200
    return render_template(
        "surveys/change.html", form=form, household=household, twin=twin, has_errors=status >= 400
    ), status


@bp.route("/households/<uuid:household_id>/vacate", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_REGISTER)
@commits
def vacate(household_id: UUID) -> ResponseReturnValue:
    """Ask, then take a household off the list; its visits stay."""
    household = find_household(household_id, Permission.HOUSEHOLD_REGISTER)
    if request.method == "POST":
        vacate_household(db.session, household_id, actor=current_actor(), clock=clock())
        flash(_("Đã đưa hộ ra khỏi danh sách. Các phiếu cũ vẫn còn."), "ok")
        return redirect(url_for(".household_list", group=household.group_id), 303)
    return render_template("surveys/vacate.html", household=household)


def _register_form() -> HouseholdForm:
    actor = current_actor()
    groups = list_groups(db.session, actor.ward_id, actor.group_scope(Permission.HOUSEHOLD_REGISTER))
    if not groups:
        raise NotFound
    wanted = request.args.get("group")
    chosen = next((str(group.group_id) for group in groups if str(group.group_id) == wanted), None)
    form = HouseholdForm(group=chosen or (str(groups[0].group_id) if len(groups) == 1 else None))
    blank = [] if len(groups) == 1 else [SelectChoice("", _("Chọn tổ dân phố"))]
    form.group.choices = [*blank, *(SelectChoice(str(group.group_id), group.name) for group in groups)]
    form.group.invalid_choice_message = _("Chọn tổ dân phố của hộ.")
    return form
