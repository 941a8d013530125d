"""The page of visits to look over: which page, what is ticked, and what was asked once more about each visit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.survey_questions import QUESTIONS
from webapp.queries.review import REVIEW_PAGE, list_for_review, unquestioned_visits
from webapp.queries.surveys import list_groups, review_counts
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import cipher
from webapp.web.surveys.desk import find_round


@dataclass(frozen=True, slots=True)
class ReviewLinks:
    """What the pagination macro reads."""

    number: int
    pages: int
    prev_href: str | None
    next_href: str | None


def asked_again(confirmed: Iterable[Mapping[str, Any]]) -> list[str]:
    """Tell the questions that a revision kept, in the reader's language; unknown codes are left out."""
    texts = []
    for entry in confirmed:
        message = QUESTIONS.get(entry.get("code", ""))
        try:
            text = _(message, **entry.get("params", {})) if message else ""
        except (KeyError, TypeError, ValueError):
            continue
        if text:
            texts.append(_("%(question)s (chưa xác nhận)", question=text) if entry.get("unanswered") else text)
    return texts


def read_seen(name: str) -> dict[UUID, int]:
    """Read boxes of visits: `id.revision` as the page wrote them, or the id alone (revision 0). Raises BadRequest."""
    seen = {}
    for text in request.form.getlist(name):
        visit, _dot, revision = text.partition(".")
        try:
            seen[UUID(visit)] = int(revision or 0)
        except ValueError as error:
            raise BadRequest from error
    return seen


def review_page(round_id: UUID, group_id: UUID, *, message: str = "") -> str:
    """Render a page of a group's visits to look over. Raises NotFound for another ward's group."""
    actor, found = current_actor(), find_round(round_id)
    groups = list_groups(db.session, actor.ward_id, {group_id})
    scope = actor.group_scope(Permission.VISIT_REVIEW)
    if not groups or (scope is not None and group_id not in scope):
        raise NotFound
    number = max(1, request.args.get("page", 1, int))
    visits = list_for_review(db.session, actor.ward_id, round_id, group_id, page=number, cipher=cipher())
    waiting = review_counts(db.session, actor.ward_id, round_id, [group_id]).get(group_id, 0)
    return render_template(
        "surveys/review_group.html",
        round=found,
        group=groups[0],
        visits=visits.rows,
        waiting=waiting,
        unquestioned=len(unquestioned_visits(db.session, actor.ward_id, round_id, group_id)),
        asked_again=asked_again,
        links=_links(round_id, group_id, number, waiting),
        message=message,
        has_errors=bool(message),
    )


def _links(round_id: UUID, group_id: UUID, number: int, waiting: int) -> ReviewLinks:
    pages = max(1, -(-waiting // REVIEW_PAGE))

    def href(page: int) -> str:
        return url_for(".review_group", round_id=round_id, group_id=group_id, page=page)

    return ReviewLinks(
        number=number,
        pages=pages,
        prev_href=href(number - 1) if number > 1 else None,
        next_href=href(number + 1) if number < pages else None,
    )
