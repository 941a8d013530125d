"""Work on many households: choosing them on a group's list, what will happen, and what was done lately."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.access import Permission
from webapp.core.errors import InvalidInput, NotFound, RoundShut, WrongState
from webapp.queries.group_paper import whole_group
from webapp.queries.household_operations import recent_operations
from webapp.queries.households import ListedHousehold
from webapp.queries.surveys import GroupRow, list_groups
from webapp.services.household_operations import move_households, return_households, vacate_households
from webapp.services.household_undo import undo_operation
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.refusals import note_refusal
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChoice:
    """The group whose households are chosen."""

    groups: list[GroupRow]
    group: GroupRow | None


def choose_group(wanted: str | None = None) -> GroupChoice:
    """Give the groups of the ward and the one the address asks for. Raises NotFound for another ward's."""
    groups = list_groups(db.session, current_actor().ward_id)
    asked = wanted if wanted is not None else request.args.get("group", "")
    found = next((group for group in groups if str(group.group_id) == asked), None)
    if asked and found is None:
        raise NotFound
    return GroupChoice(groups=groups, group=found)


@bp.route("/households/arrange", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_ARRANGE)
@commits
def arrange() -> ResponseReturnValue:
    """Choose households of a group, then move them, take them off the list or put them back."""
    choice = choose_group()
    gone = "gone" in request.args
    message = ""
    if request.method == "POST":
        try:
            _run(request.form.get("action", ""), _chosen())
            flash(_("Đã làm xong. Trong 30 ngày có thể hoàn tác ở trang này."), "ok")
            return redirect(url_for(".operations"), 303)
        except (InvalidInput, WrongState) as error:
            message = say(error)
            if isinstance(error, RoundShut):
                note_refusal(error)
            db.session.rollback()
    page = render_template(
        "surveys/tools/arrange.html",
        choice=choice,
        rows=_rows(choice, gone=gone),
        gone=gone,
        message=message,
        chosen=set(request.form.getlist("household")),
        target=request.form.get("target", ""),
        has_errors=bool(message),
    )
    return page, 422 if message else 200


@bp.get("/households/operations")
@requires(Permission.HOUSEHOLD_ARRANGE)
def operations() -> ResponseReturnValue:
    """Show what was done in the last thirty days."""
    rows = recent_operations(db.session, current_actor().ward_id, now=clock().now())
    return render_template("surveys/tools/operations.html", rows=rows)


@bp.route("/households/operations/<uuid:operation_id>/undo", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_ARRANGE)
@commits
def undo(operation_id: UUID) -> ResponseReturnValue:
    """Ask, then take an operation back."""
    rows = recent_operations(db.session, current_actor().ward_id, now=clock().now())
    row = next((item for item in rows if item.operation_id == operation_id), None)
    if row is None:
        raise NotFound
    if request.method == "POST":
        undo_operation(db.session, operation_id, actor=current_actor(), cipher=cipher(), clock=clock())
        flash(_("Đã hoàn tác: mọi thứ trở lại như trước."), "ok")
        return redirect(url_for(".operations"), 303)
    return render_template("surveys/tools/undo.html", row=row)


def _rows(choice: GroupChoice, *, gone: bool) -> list[ListedHousehold]:
    if choice.group is None:
        return []
    return whole_group(db.session, current_actor().ward_id, choice.group.group_id, cipher=cipher(), gone=gone)


def _chosen() -> list[UUID]:
    try:
        return list({UUID(text) for text in request.form.getlist("household")})
    except ValueError as error:
        raise BadRequest from error


def _run(action: str, chosen: list[UUID]) -> None:
    actor = current_actor()
    simple: dict[str, Callable[..., UUID]] = {"vacate": vacate_households, "return": return_households}
    if action in simple:
        simple[action](db.session, chosen, actor=actor, cipher=cipher(), clock=clock())
        return
    if action != "move":
        raise BadRequest
    target = choose_group(request.form.get("target", "")).group
    if target is None:
        raise InvalidInput(_("Chọn tổ mà các hộ chuyển đến."))
    move_households(db.session, chosen, target.group_id, actor=actor, cipher=cipher(), clock=clock())
