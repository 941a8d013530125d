"""The list of households in a round: what is done, what is to be corrected, what is left; and search."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Actor, Permission
from webapp.core.errors import NotFound
from webapp.core.rounds import standing
from webapp.core.text import clean
from webapp.queries.household_search import search_group, search_ward
from webapp.queries.households import PAGE, HouseholdList, ListTab, OwnShare, list_households, own_count
from webapp.queries.surveys import GroupProgress, RoundRow, current_round, group_progress, list_rounds
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp

SEARCH_KEY = "household_search"  # in the signed cookie: a name that is looked for must not stand in an address


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """What the address of the list asks for."""

    rounds: list[RoundRow]
    round: RoundRow | None
    groups: list[GroupProgress]
    group: GroupProgress | None
    tab: ListTab
    page: int
    left: int = 0
    own: OwnShare | None = None
    own_count: int = 0

    @property
    def round_id(self) -> UUID | None:
        """Give the round's id; None while the ward has no round."""
        return self.round.round_id if self.round else None

    def href(self, **changes: Any) -> str:  # noqa: ANN401 - values of an address
        """Give the address of the same list with something else chosen."""
        values: dict[str, Any] = {
            "round": self.round_id,
            "group": self.group.group_id if self.group else None,
            "tab": self.tab.value,
            "mine": 1 if self.own and self.own.only else None,
        }
        return url_for(".household_list", **{**values, **changes})


@dataclass(frozen=True, slots=True)
class PageLinks:
    """What the pagination macro reads."""

    number: int
    pages: int
    total: int
    prev_href: str | None
    next_href: str | None


@bp.get("/")
@requires(Permission.HOUSEHOLD_VIEW)
def household_list() -> ResponseReturnValue:
    """Show a group's households in the current round; people of the whole ward choose a group first."""
    actor = current_actor()
    view = _view(actor)
    text = session.get(SEARCH_KEY, "") if "search" in request.args else ""
    found = _found(view, actor, text) if text else None
    if found is None and view.group is not None:
        found = _page(view, actor)
        view = _counted(view, found)
    links = None if text or found is None else _links(view, found)
    return render_template(
        "surveys/list.html", view=view, found=found, text=text, links=links, may=actor.can, permission=Permission
    )


@bp.post("/search")
@requires(Permission.HOUSEHOLD_VIEW)
@commits
def search() -> ResponseReturnValue:
    """Keep what is looked for in the cookie and show the list: names stay out of addresses and logs."""
    text = clean(request.form.get("text", ""))[:80]
    session[SEARCH_KEY] = text
    chosen: dict[str, Any] = {name: request.form[name] for name in ("round", "group") if request.form.get(name)}
    return redirect(url_for(".household_list", search=1 if text else None, **chosen), 303)


def _view(actor: Actor) -> ListView:
    rounds = list_rounds(db.session, actor.ward_id)
    chosen = _chosen(rounds, actor)
    scope = actor.group_scope(Permission.HOUSEHOLD_VIEW)
    round_id, one = chosen.round_id if chosen else None, request.args.get("group")
    groups = group_progress(db.session, actor.ward_id, round_id, scope, only_returned_of=one)
    try:
        tab = ListTab(request.args.get("tab", ListTab.LEFT))
    except ValueError as error:
        raise NotFound from error
    group = _group(groups)
    if chosen and group:
        chosen = replace(chosen, status=standing(chosen.status, group.own_status))
    return ListView(
        rounds=rounds,
        round=chosen,
        groups=groups,
        group=group,
        tab=tab if chosen else ListTab.ALL,
        page=max(1, request.args.get("page", 1, int)),
        left=group.left if group else 0,
        **_own(actor, group),
    )


def _own(actor: Actor, group: GroupProgress | None) -> dict[str, Any]:
    """Show a head their own households first (or only those), when households of the group were given to them."""
    if group is None or actor.group_scope(Permission.HOUSEHOLD_VIEW) is None:
        return {}
    count = own_count(db.session, actor.ward_id, group.group_id, actor.account_id)
    own = OwnShare(actor.account_id, only="mine" in request.args) if count else None
    return {"own": own, "own_count": count}


def _chosen(rounds: list[RoundRow], actor: Actor) -> RoundRow | None:
    wanted = request.args.get("round")
    if wanted is None:
        shown = [found for found in rounds if found.is_open] if not actor.can(Permission.ROUND_VIEW) else rounds
        return current_round(shown, clock().today())
    for found in rounds:
        if str(found.round_id) == wanted:
            return found
    raise NotFound


def _group(groups: list[GroupProgress]) -> GroupProgress | None:
    """Give the group asked for (others are not found), or the only one a head has."""
    wanted = request.args.get("group")
    if wanted is None:
        return groups[0] if len(groups) == 1 else None
    for group in groups:
        if str(group.group_id) == wanted:
            return group
    raise NotFound


def _found(view: ListView, actor: Actor, text: str) -> HouseholdList | None:
    if view.group is not None:
        return search_group(
            db.session, actor.ward_id, view.group.group_id, text=text, round_id=view.round_id, cipher=cipher()
        )
    if actor.group_scope(Permission.HOUSEHOLD_VIEW) is None:
        return search_ward(db.session, actor.ward_id, text=text, round_id=view.round_id, cipher=cipher())
    return None


def _counted(view: ListView, found: HouseholdList | None) -> ListView:
    """Believe the list and not the sum of facts, once all of what is left is on the page."""
    only_mine = view.own is not None and view.own.only
    whole = found is not None and view.tab is ListTab.LEFT and view.page == 1 and not found.more and not only_mine
    return replace(view, left=len(found.items)) if found is not None and whole else view


def _page(view: ListView, actor: Actor) -> HouseholdList | None:
    if view.group is None:
        return None
    return list_households(
        db.session,
        actor.ward_id,
        view.group.group_id,
        round_id=view.round_id,
        tab=view.tab,
        page=view.page,
        own=view.own,
        cipher=cipher(),
    )


def _links(view: ListView, found: HouseholdList) -> PageLinks:
    total = total_of(view)
    known_pages = max(1, -(-total // PAGE))
    return PageLinks(
        number=view.page,
        pages=max(known_pages, view.page + 1) if found.more else max(1, view.page),
        total=total,
        prev_href=view.href(page=view.page - 1) if view.page > 1 else None,
        next_href=view.href(page=view.page + 1) if found.more else None,
    )


def total_of(view: ListView) -> int:
    """Give how many households the tab holds, from facts."""
    if view.group is None:
        return 0
    counts = {
        ListTab.LEFT: view.left,
        ListTab.DONE: view.group.visited,
        ListTab.TO_CORRECT: view.group.to_correct,
        ListTab.ALL: view.group.known,
    }
    return counts[view.tab]
