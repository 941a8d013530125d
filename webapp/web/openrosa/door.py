"""Who sends: HTTP Basic with the account's name and a device token as password; never a cookie, never the password."""

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, cast

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from webapp.core.access import Actor, Permission, require
from webapp.core.accounts import normal_username
from webapp.core.errors import DomainError
from webapp.queries.devices import find_device
from webapp.services.devices import admit
from webapp.web.extensions import db, limiter
from webapp.web.shared.wiring import clock, settings

P = ParamSpec("P")

REALM: Final = 'Basic realm="Phuong So", charset="UTF-8"'
WRONG_TRIES: Final = "20 per minute; 100 per hour"


class NotLoggedIn(DomainError):
    """No or wrong credentials (401)."""

    message = "Cần đăng nhập bằng mã QR của phường."


def sender() -> Actor | None:
    """Give who was let in for this request."""
    return cast("Actor | None", g.get("odk_sender"))


def current_sender() -> Actor:
    """Give who was let in. Raises NotLoggedIn outside guarded views."""
    found = sender()
    if found is None:
        raise NotLoggedIn
    return found


def admitted(permission: Permission) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let only a phone with a live token call the view; wrong tries are counted per address."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @limiter.limit(WRONG_TRIES, deduct_when=_wrong_try)
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            g.odk_sender = _identify()
            require(g.odk_sender, permission)
            return view(*args, **kwargs)

        guarded.device_permission = permission  # type: ignore[attr-defined]  # read by the architecture test
        return guarded

    return decorate


def _identify() -> Actor:
    given = request.authorization
    if given is None or given.type != "basic" or not given.username or not given.password:
        raise NotLoggedIn
    now = clock().now()
    row = find_device(db.session, given.password, now=now)
    if row is None or row.username != normal_username(given.username):
        raise NotLoggedIn
    return admit(row, now=now, idle_days=settings().account_idle_days, address=request.remote_addr or "")


def _wrong_try(response: Response) -> bool:
    """Collect asks without credentials first, which is no try."""
    return response.status_code == 401 and request.authorization is not None
