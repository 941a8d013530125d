"""What the pages of this blueprint share: finding a round, and links to the pages of a list."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for

from webapp.core.errors import NotFound
from webapp.queries.surveys import RoundRow, get_round
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor


@dataclass(frozen=True, slots=True)
class PageLinks:
    """What the pagination macro reads."""

    number: int
    pages: int
    total: int
    prev_href: str | None
    next_href: str | None


def find_round(round_id: UUID) -> RoundRow:
    """Find a round of the ward. Raises NotFound."""
    found = get_round(db.session, current_actor().ward_id, round_id)
    if found is None:
        raise NotFound
    return found


def page_links(number: int, total: int, size: int, endpoint: str, **values: UUID) -> PageLinks:
    """Give the links of a list's page, keeping what its address asks for."""
    pages = max(1, -(-total // size))
    kept: dict[str, Any] = {**request.args.to_dict(), **values}

    def href(page: int) -> str:
        return url_for(endpoint, **{**kept, "page": page})

    return PageLinks(
        number, pages, total, href(number - 1) if number > 1 else None, href(number + 1) if number < pages else None
    )
