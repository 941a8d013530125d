"""Every route says what it asks for; a test walks the map and finds the ones that do not."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.errors import NotAllowed
from webapp.web.shared.identity import current_account, current_actor

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)

# Pages that a person with a first password may still open.
BEFORE_PASSWORD_CHANGE = frozenset({"auth.change_password", "auth.logout", "home.set_language"})


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """Let only people with `permission` in their ward call the view; others get the log-in page or 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            account = current_account()
            if account is None:
                return redirect(url_for("auth.login", next=request.full_path if request.method == "GET" else None), 303)
            if account.must_change_password and request.endpoint not in BEFORE_PASSWORD_CHANGE:
                return redirect(url_for("auth.change_password"), 303)
            if not current_actor().can(permission):
                raise NotAllowed
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]  # read by the architecture test
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Say that a route is for everybody; it must also stand on the short list of the architecture test."""
    view.is_public = True  # type: ignore[attr-defined]  # read by the architecture test
    return view
