"""Who asks the API: the phone behind a bearer token, and nobody else. A cookie opens nothing here."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import structlog
from flask import Response, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from webapp.core.access import Actor, Permission
from webapp.core.devices import CONTACT_EVERY, UNKNOWN
from webapp.core.errors import DeviceRefused, NotAllowed
from webapp.queries.devices import DeviceRow, find_device
from webapp.services.devices import Outbox, admit, note_contact
from webapp.web.api.blueprint import bp
from webapp.web.api.pace import check_pace
from webapp.web.extensions import db
from webapp.web.shared.wiring import clock, settings

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)

_UNSENT = re.compile(r"\s*([0-9]{1,6})\s*(?:;\s*oldest\s*=\s*(\S{0,40})\s*)?")
_TOKEN_MAX = 200

log = structlog.get_logger()


def for_device(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only phones call the view whose person has `permission`. Raises DeviceRefused, NotAllowed."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = _admit()
            if not actor.can(permission):
                raise NotAllowed
            return view(*args, **kwargs)

        guarded.device_permission = permission  # type: ignore[attr-defined]  # read by the architecture test
        return guarded

    return decorate


def _admit() -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _TOKEN_MAX:
        raise DeviceRefused("token-unknown", UNKNOWN)
    now = clock().now()
    row = find_device(db.session, token, now=now)
    if row is None:
        raise DeviceRefused("token-unknown", UNKNOWN)
    g.device = row
    g.device_actor = admit(row, now=now, idle_days=settings().account_idle_days, address=request.remote_addr or "")
    check_pace(row.device_id)
    return this_actor()


def this_device() -> DeviceRow:
    """Give the phone that asks."""
    return cast("DeviceRow", g.device)


def this_actor() -> Actor:
    """Give the person it acts for."""
    return cast("Actor", g.device_actor)


def told_outbox(text: str | None) -> Outbox | None:
    """Read `X-Phs-Unsent: 3; oldest=2026-11-20T01:02:03Z`; what is not understood is not believed."""
    found = _UNSENT.fullmatch(text or "")
    if found is None:
        return None
    try:
        oldest = datetime.fromisoformat(found[2]) if found[2] else None
    except ValueError:
        oldest = None
    unsent = int(found[1])
    return Outbox(unsent=unsent, oldest_at=oldest if unsent and oldest is not None and oldest.tzinfo else None)


@bp.after_request
def note_the_contact(response: Response) -> Response:
    """Note that the phone spoke: after the request's own transaction, and at most once a minute.

    Also at once when its outbox became empty, for it may then be silent for days.
    """
    row: DeviceRow | None = g.get("device") if g.get("device_actor") else None
    if row is None or g.get("device_left"):
        return response
    now, outbox = clock().now(), told_outbox(request.headers.get("X-Phs-Unsent"))
    emptied = outbox is not None and outbox.unsent == 0 and row.unsent > 0
    if emptied or now - row.facts.last_contact_at >= CONTACT_EVERY:
        db.session.rollback()
        try:
            with db.new_session() as own:
                note_contact(own, row, outbox, now=now)
                own.commit()
        except OperationalError:
            log.info("contact not noted", device=str(row.device_id))
    return response
