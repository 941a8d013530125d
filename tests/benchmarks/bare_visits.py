"""The peer of bench_visits: the smallest Flask application that keeps what it is sent, one row and one commit a POST.

usage: python -m tests.benchmarks.bare_visits database-url threads
"""

import sys

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Column, Engine, MetaData, Table, Text, Uuid, insert
from waitress.server import create_server

from webapp.cli.serve import open_sockets
from webapp.core.ids import new_id
from webapp.models.database import make_engine

BARE_ROW = Table("bench_row", MetaData(), Column("id", Uuid, primary_key=True), Column("content", Text))


def bare_app(engine: Engine) -> Flask:
    """Make the application: no session, no check, nothing read."""
    app = Flask("bare")
    statement = insert(BARE_ROW)

    @app.post("/rows")
    def add() -> ResponseReturnValue:
        with engine.begin() as connection:
            connection.execute(statement, {"id": new_id(), "content": request.form["content"]})
        return redirect("/rows", 303)

    return app


def main(url: str, threads: int) -> None:
    """Serve it as `phs serve` serves ours, and print the address."""
    listeners = open_sockets("127.0.0.1", 0)
    server = create_server(bare_app(make_engine(url)), sockets=listeners, threads=threads, ident=None)
    print(f"bare: http://localhost:{listeners[0].getsockname()[1]}", flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
