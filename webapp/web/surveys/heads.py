"""Who looks after a group: its heads, substitutes for some days, and which household is whose."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest
from wtforms import SelectChoice

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.number_ranges import read_ranges
from webapp.queries.group_heads import GroupHead, group_heads, head_shares, possible_substitutes
from webapp.queries.households import assigned_households
from webapp.queries.surveys import GroupRow, list_groups
from webapp.services.assignments import AssignHouseholds, assign_households
from webapp.services.substitutes import AddSubstitute, add_substitute, end_substitute
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.forms import AssignForm, SubstituteForm

NOBODY = "-"


def _find_group(group_id: UUID) -> GroupRow:
    found = list_groups(db.session, current_actor().ward_id, {group_id})
    if not found:
        raise NotFound
    return found[0]


def _heads(group_id: UUID) -> list[GroupHead]:
    return group_heads(db.session, current_actor().ward_id, group_id, now=clock().now())


def _others(heads_there: list[GroupHead]) -> list[SelectChoice]:
    """Give who may stand in: the group's own heads need no leave."""
    own = {head.account_id for head in heads_there if not head.is_substitute}
    people = possible_substitutes(db.session, current_actor().ward_id)
    return [SelectChoice(str(person.account_id), person.name) for person in people if person.account_id not in own]


@bp.route("/groups/<uuid:group_id>/heads", methods=["GET", "POST"])
@requires(Permission.ROUND_MANAGE)
@commits
def heads(group_id: UUID) -> ResponseReturnValue:
    """Show who looks after a group; name a substitute for some days."""
    actor, group, there = current_actor(), _find_group(group_id), _heads(group_id)
    form = SubstituteForm()
    form.account_id.choices = [SelectChoice("", _("Chọn người thay")), *_others(there)]
    if form.validate_on_submit():
        command = AddSubstitute(
            group_id=group_id,
            account_id=UUID(form.account_id.data),
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        )
        with problems_on(form):
            add_substitute(db.session, command, actor=actor, clock=clock())
            flash(_("Đã cử người thay. Quyền tự hết vào cuối ngày cuối."), "ok")
            return redirect(url_for(".heads", group_id=group_id), 303)
    shares = {share.account_id: share for share in head_shares(db.session, actor.ward_id, group_id, None)}
    page = render_template("surveys/heads.html", group=group, form=form, heads=there, shares=shares)
    return page, 422 if form.errors or form.form_errors else 200


@bp.post("/groups/<uuid:group_id>/heads/<uuid:grant_id>/end")
@requires(Permission.ROUND_MANAGE)
@commits
def stop_substitute(group_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """End a substitute's time now."""
    end_substitute(db.session, grant_id, actor=current_actor(), clock=clock())
    flash(_("Người thay không còn quyền trong tổ này."), "ok")
    return redirect(url_for(".heads", group_id=group_id), 303)


@bp.route("/groups/<uuid:group_id>/assign", methods=["GET", "POST"])
@requires(Permission.ROUND_MANAGE)
@commits
def assign(group_id: UUID) -> ResponseReturnValue:
    """Give households of a group to one of its heads: ticked ones and those whose numbers are written."""
    group, people = _find_group(group_id), _heads(group_id)
    form = AssignForm()
    form.account_id.choices = [
        SelectChoice("", _("Chọn người nhận")),
        *(SelectChoice(str(head.account_id), head.name) for head in people),
        SelectChoice(NOBODY, _("Không giao cho ai")),
    ]
    if form.validate_on_submit():
        with problems_on(form):
            done = assign_households(db.session, _order(group_id, form), actor=current_actor(), clock=clock())
            flash(_("Đã giao %(count)s hộ.", count=done), "ok")
            return redirect(url_for(".assign", group_id=group_id), 303)
    listed = assigned_households(db.session, current_actor().ward_id, group_id, cipher=cipher())
    names = {head.account_id: head.name for head in people}
    ticked = request.form.getlist("household")
    page = render_template("surveys/assign.html", group=group, form=form, listed=listed, names=names, ticked=ticked)
    return page, 422 if form.errors or form.form_errors else 200


def _order(group_id: UUID, form: AssignForm) -> AssignHouseholds:
    try:
        chosen = frozenset(UUID(text) for text in request.form.getlist("household"))
    except ValueError as error:
        raise BadRequest from error
    to = form.account_id.data
    return AssignHouseholds(
        group_id=group_id,
        account_id=None if to == NOBODY else UUID(to),
        household_ids=chosen,
        numbers=read_ranges(form.numbers.data or "", field="numbers"),
    )
