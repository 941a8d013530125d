"""Who is asking: the log-in session behind the cookie, as flask-login sees it."""

from flask import request
from flask_login import UserMixin, current_user

from webapp.core.access import Actor
from webapp.core.errors import NotAllowed
from webapp.queries.accounts import SessionRow, find_session
from webapp.web.extensions import db, login_manager
from webapp.web.shared.wiring import clock, settings


class CurrentUser(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """A log-in: flask-login keeps `token` in the signed cookie, the table keeps its hash and can end it."""

    def __init__(self, token: str, row: SessionRow) -> None:
        self.token = token
        self.row = row
        self.actor = Actor(
            account_id=row.account_id,
            ward_id=row.ward_id,
            roles=row.roles,
            group_ids=row.group_ids,
            address=request.remote_addr or "",
        )

    def get_id(self) -> str:
        """Give what the cookie keeps."""
        return self.token


@login_manager.user_loader  # type: ignore[untyped-decorator]  # flask-login ships no types
def load_user(token: str) -> CurrentUser | None:
    """Find the live session behind a token; ended, idle or expired ones are nobody."""
    row = find_session(db.session, token, now=clock().now(), idle_minutes=settings().session_idle_minutes)
    return None if row is None else CurrentUser(token, row)


def current_account() -> SessionRow | None:
    """Give the log-in's row, or None for a stranger."""
    user = _user()
    return None if user is None else user.row


def current_actor() -> Actor:
    """Give the acting person. Raises NotAllowed for a stranger (routes are guarded before)."""
    user = _user()
    if user is None:
        raise NotAllowed
    return user.actor


def _user() -> CurrentUser | None:
    """Look through flask-login's proxy once: each look costs, and a request asks often."""
    user = current_user._get_current_object()  # noqa: SLF001 - werkzeug documents it for this
    return user if isinstance(user, CurrentUser) else None
