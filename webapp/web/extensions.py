"""Flask extensions and the request's database session."""

from typing import cast

from flask import Flask, g, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker


class RouteLimiter(Limiter):
    """Limits the views that carry a limit; the ward has no limit for all pages together."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:  # noqa: FBT001, FBT002 - the extension's
        """Leave out the look before every request: it would find nothing and costs as much as a statement."""
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


class Database:
    """One session per request. Safe methods only read, so they never wait for SQLite's single writer."""

    def __init__(self) -> None:
        self._sessions: sessionmaker[Session] | None = None
        self._reading: Engine | None = None

    def init_app(self, app: Flask, sessions: sessionmaker[Session]) -> None:
        """Take the factory that `create_app` made and close the session when the request ends."""
        self._sessions = sessions
        self._reading = cast("Engine", sessions.kw["bind"]).execution_options(sqlite_deferred=True)
        app.teardown_appcontext(self._close)

    def new_session(self, *, reading: bool = False) -> Session:
        """Open a session of its own, for work that must commit whatever becomes of the request."""
        if self._sessions is None:
            msg = "init_app was not called"
            raise RuntimeError(msg)
        return self._sessions(bind=self._reading) if reading else self._sessions()

    @property
    def session(self) -> Session:
        """The session of this request."""
        if "db_session" not in g:
            g.db_session = self.new_session(reading=request.method in {"GET", "HEAD", "OPTIONS"})
        return cast("Session", g.db_session)

    @staticmethod
    def _close(_error: BaseException | None) -> None:
        session = g.pop("db_session", None)
        if session is not None:
            session.close()


db = Database()
babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
limiter = RouteLimiter(get_remote_address)
