"""The grid for paper forms: a row a household, saved row by row by the script, or twenty at once without it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.paper_columns import PAPER_COLUMNS
from webapp.core.paper_grid import CELLS
from webapp.queries.households import HouseholdRow, name_households
from webapp.queries.paper_grid import grid_households, stored_visits
from webapp.queries.surveys import GroupRow, RoundRow, current_round, list_groups, list_rounds
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_round
from webapp.web.surveys.tools.grid_rows import GridRow, label_of, row_of, state_word
from webapp.web.surveys.tools.grid_saving import save_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPage:
    """Which rows are asked for."""

    round: RoundRow
    group: GroupRow
    first: int
    only_left: bool

    def href(self, **changes: Any) -> str:  # noqa: ANN401 - values of an address
        """Give the address of the same grid with something else chosen."""
        values = {"first": self.first, "left": 1 if self.only_left else None, **changes}
        return url_for(".grid", round_id=self.round.round_id, group_id=self.group.group_id, **values)


@bp.get("/grid")
@requires(Permission.VISIT_SUBMIT)
def choose_grid() -> ResponseReturnValue:
    """Choose round and group; open rounds only, for the others take no visit."""
    actor = current_actor()
    rounds = [found for found in list_rounds(db.session, actor.ward_id) if found.is_open]
    groups = list_groups(db.session, actor.ward_id, actor.group_scope(Permission.VISIT_SUBMIT))
    chosen = {str(row.group_id): row for row in groups}.get(request.args.get("group", ""))
    of_round = {str(row.round_id): row for row in rounds}.get(request.args.get("round", ""))
    if chosen and of_round:
        return redirect(url_for(".grid", round_id=of_round.round_id, group_id=chosen.group_id), 303)
    choice = {"groups": groups, "group": chosen, "rounds": rounds, "round": current_round(rounds, clock().today())}
    return render_template("surveys/tools/grid_choose.html", choice=choice)


@bp.get("/rounds/<uuid:round_id>/groups/<uuid:group_id>/grid")
@requires(Permission.VISIT_SUBMIT)
def grid(round_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Show twenty households from a list number on."""
    page = _page(round_id, group_id)
    ward_id = current_actor().ward_id
    households, following = grid_households(
        db.session,
        ward_id,
        group_id,
        round_id=round_id,
        first=page.first,
        only_left=page.only_left,
        cipher=cipher(),
    )
    stored = stored_visits(db.session, ward_id, [item.household_id for item in households], round_id=round_id)
    rows = [row_of(item, stored.get(item.household_id)) for item in households]
    return _show(page, rows, following)


@bp.post("/rounds/<uuid:round_id>/groups/<uuid:group_id>/grid")
@requires(Permission.VISIT_SUBMIT)
@commits
def save_grid(round_id: UUID, group_id: UUID) -> ResponseReturnValue:
    """Save the rows that were sent; each stands for itself, so an error in one leaves the others saved."""
    page = _page(round_id, group_id)
    rows = save_rows(page.round, _sent_households(group_id))
    if request.headers.get("X-Grid-Row"):
        return jsonify(rows=[row.to_json() for row in rows])
    following = request.form.get("following", type=int)
    if following and all(row.state in {"saved", "kept", "new"} for row in rows):
        return redirect(page.href(first=following), 303)
    # 200 also with errors left: the rows beside them are stored, and the transaction must be kept.
    return _show(page, rows, following)


def _page(round_id: UUID, group_id: UUID) -> GridPage:
    actor = current_actor()
    groups = list_groups(db.session, actor.ward_id, actor.group_scope(Permission.VISIT_SUBMIT))
    group = next((item for item in groups if item.group_id == group_id), None)
    if group is None:
        raise NotFound
    first = max(1, request.args.get("first", 1, int))
    return GridPage(round=find_round(round_id), group=group, first=first, only_left="left" in request.args)


def _sent_households(group_id: UUID) -> dict[str, HouseholdRow]:
    """Find the households of the rows that were sent, each in this very group. Key: the prefix of its fields."""
    try:
        sent = {name: UUID(value) for name, value in request.form.items() if name.endswith("-household")}
    except ValueError as error:
        raise BadRequest from error
    if not sent or len(sent) > 40:
        raise BadRequest
    known = name_households(db.session, current_actor().ward_id, list(sent.values()), cipher=cipher())
    if any(item not in known or known[item].group_id != group_id for item in sent.values()):
        raise NotFound
    return {name.removesuffix("household"): known[household_id] for name, household_id in sent.items()}


def _show(page: GridPage, rows: list[GridRow], following: int | None) -> ResponseReturnValue:
    wrong = [row for row in rows if row.state in {"error", "ask", "taken"}]
    return render_template(
        "surveys/tools/grid.html",
        page=page,
        rows=rows,
        columns=PAPER_COLUMNS,
        following=following,
        wrong=wrong,
        state_word=state_word,
        names={key: label_of(key) for key in CELLS},
        today=clock().today(),
        account=str(current_actor().account_id),
        has_errors=bool(wrong),
        heading_count=_("%(count)s hộ trên trang này", count=len(rows)),
    )
