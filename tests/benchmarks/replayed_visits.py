"""The floor of bench_visits on SQLite: the libraries of a page and the statements of a visit, and no work of ours.

`record` sends visits to our application and writes down what it asked the database. This program asks the same of a
copy made before, in one transaction, behind the cookie session, log-in and CSRF token of Flask-Login and Flask-WTF. It
reads no answer, checks nothing, counts no figures and hashes no chain: all of that was done when it was recorded.

usage: python -m tests.benchmarks.replayed_visits database-url file threads
"""

import pickle
import secrets
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Engine, event
from waitress.server import create_server
from werkzeug.test import run_wsgi_app

from tests.benchmarks.visit_desk import environ_of
from webapp.cli.serve import open_sockets
from webapp.models.database import make_engine, make_sessions

Asked = list[tuple[str, list[Any]]]
"""The statements of one visit: text, and the parameters of each time it runs."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database that is in use."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


@contextmanager
def listening() -> Iterator[list[Asked]]:
    """Write down every statement; the caller appends a list for each visit."""
    visits: list[Asked] = []

    def note(_connection: Any, _cursor: Any, text: str, given: Any, _context: Any, _many: bool) -> None:
        several = isinstance(given, list) and bool(given) and isinstance(given[0], tuple)
        visits[-1].append((text, [tuple(map(_plain, row)) for row in (given if several else [given])]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield visits
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def record(app: Flask, posts: Iterable[tuple[str, bytes, dict[str, str]]], file: Path) -> None:
    """Send visits (path, body, headers) to our application and keep what each asked of the database."""
    with listening() as visits:
        for path, body, headers in posts:
            visits.append([])
            _body, status, _headers = run_wsgi_app(app, environ_of(path, body, headers), buffered=True)
            assert status.startswith("303"), status
    file.write_bytes(pickle.dumps(visits))


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


class Somebody(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """Whoever logged in; the statements know who it is."""

    id = "somebody"


def replaying_app(engine: Engine, visits: Iterator[Asked]) -> Flask:
    """Make the application."""
    app = Flask("replayed")
    app.secret_key = secrets.token_hex()
    CSRFProtect(app)
    people = LoginManager(app)
    people.user_loader(lambda _name: Somebody())
    sessions = make_sessions(engine)

    @app.get("/in")
    def enter() -> ResponseReturnValue:
        login_user(Somebody())
        return str(generate_csrf())

    @app.post("/visits")
    @login_required  # type: ignore[untyped-decorator]
    def add_visit() -> ResponseReturnValue:
        assert request.form["content"]
        with sessions.begin() as session:
            cursor = session.connection().connection.cursor()
            for text, times in next(visits):
                if text.startswith("SELECT"):
                    cursor.execute(text, times[0])
                    cursor.fetchall()
                else:
                    cursor.executemany(text, times)
        return redirect("/visits", 303)

    return app


def main(url: str, file: str, threads: int) -> None:
    """Serve it as `phs serve` serves ours, and print the address."""
    visits: list[Asked] = pickle.loads(Path(file).read_bytes())  # written by `record` a moment ago
    listeners = open_sockets("127.0.0.1", 0)
    app = replaying_app(make_engine(url), iter(visits))
    server = create_server(app, sockets=listeners, threads=threads, ident=None)
    print(f"replayed: http://localhost:{listeners[0].getsockname()[1]}", flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
