"""The list of documents."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.core.access import Permission
from webapp.queries.document_lists import Tab, count_tabs, list_documents
from webapp.web.documents.blueprint import bp
from webapp.web.documents.presenters import STATUS_BADGES
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor

SIZE = 25
TABS = {
    Tab.MINE: _l("Chờ tôi"),
    Tab.DRAFT: _l("Dự thảo"),
    Tab.TO_SIGN: _l("Chờ ký"),
    Tab.TO_NUMBER: _l("Chờ số"),
    Tab.TO_SEAL: _l("Chờ dấu"),
    Tab.PUBLISHED: _l("Phát hành"),
    Tab.ALL: _l("Tất cả"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What the pagination macro asks for."""

    number: int
    pages: int
    total: int
    prev_href: str | None
    next_href: str | None


@bp.get("/")
@requires(Permission.DOCUMENT_VIEW)
def document_list() -> ResponseReturnValue:
    """Show a tab of the list; without a choice the one with work for me, else everything."""
    actor = current_actor()
    counts = count_tabs(db.session, actor)
    wanted = request.args.get("tab", "")
    tab = Tab(wanted) if wanted in set(Tab) else Tab.MINE if counts[Tab.MINE] else Tab.ALL
    words = request.args.get("q", "")[:100]
    number = max(1, request.args.get("page", 1, type=int))
    found = list_documents(db.session, actor, tab, search=words, page=number, size=SIZE)
    return render_template(
        "documents/list.html",
        tab=tab,
        tabs=[(key, text, counts[key]) for key, text in TABS.items()],
        lines=found.lines,
        page=_paging(tab, words, number, found.total),
        words=words,
        badges=STATUS_BADGES,
        may_copy=actor.can(Permission.DOCUMENT_COPY),
        may_draft=actor.can(Permission.DOCUMENT_DRAFT),
        may_enrol_agency=actor.can(Permission.KEYSTORE_AGENCY),
        may_seal=actor.can(Permission.DOCUMENT_SEAL),
        may_enrol=actor.can(Permission.DOCUMENT_SIGN),
    )


def _paging(tab: Tab, words: str, number: int, total: int) -> Paging:
    pages = max(1, -(-total // SIZE))

    def href(other: int) -> str:
        return url_for(".document_list", tab=tab.value, q=words or None, page=other)

    return Paging(
        number=number,
        pages=pages,
        total=total,
        prev_href=href(number - 1) if number > 1 else None,
        next_href=href(number + 1) if number < pages else None,
    )
