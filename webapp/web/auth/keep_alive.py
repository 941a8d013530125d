"""Noting that a log-in is in use, at most every five minutes, in a short transaction of its own."""

import structlog
from flask import Response, g, request
from sqlalchemy.exc import OperationalError

from webapp.services.sessions import TOUCH_EVERY, touch
from webapp.web.auth.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.identity import CurrentUser
from webapp.web.shared.wiring import clock

log = structlog.get_logger()


@bp.after_app_request
def keep_alive(response: Response) -> Response:
    """Touch the log-in once the page is made. A busy database spoils nothing: the next request tries again."""
    user = g.get("_login_user")  # set by flask-login, only when the page asked who is there
    now = clock().now()
    if not isinstance(user, CurrentUser) or user.row.last_seen_at > now - TOUCH_EVERY:
        return response
    if "db_session" in g and request.method == "POST":
        g.db_session.rollback()  # what the page wanted to keep is committed; SQLite has one writer
    try:
        with db.new_session(reading=True) as own:
            touch(own, user.row.session_id, now=now)
            own.commit()
    except OperationalError:
        log.info("log-in not touched, database busy")
    return response
