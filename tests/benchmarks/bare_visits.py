"""The peers of bench_visits and bench_api: the smallest Flask applications that keep what they are sent.

One commit a POST. `/rows` puts the text into one row. `/visits` stores the same visit in the shape in which it can be
used – a row for the visit, one for its revision, one for each adult – as the object mapper's documentation shows it.
`/json` takes a JSON body and puts it into one JSON column. None knows people, checks anything, keeps figures or an
audit log.

usage: python -m tests.benchmarks.bare_visits database-url threads
"""

import json
import sys
from typing import Any
from uuid import UUID

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import JSON, Column, Engine, MetaData, Table, Text, Uuid, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from waitress.server import create_server

from webapp.cli.serve import open_sockets
from webapp.core.ids import new_id
from webapp.models.database import make_engine

BARE_ROW = Table("bench_row", MetaData(), Column("id", Uuid, primary_key=True), Column("content", Text))
BARE_JSON = Table("bench_json", MetaData(), Column("id", Uuid, primary_key=True), Column("content", JSON))


class BareBase(DeclarativeBase):
    """Tables of the second peer."""

    type_annotation_map = {dict[str, Any]: JSON()}  # noqa: RUF012 - SQLAlchemy reads it from the class


class BareVisit(BareBase):
    """One visit."""

    __tablename__ = "bench_visit"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[str]
    household_id: Mapped[str]
    visited_on: Mapped[str]


class BareRevision(BareBase):
    """What was answered, but for the adults."""

    __tablename__ = "bench_revision"
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    answers: Mapped[dict[str, Any]]


class BareAdult(BareBase):
    """One adult."""

    __tablename__ = "bench_adult"
    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]]


def make_tables(engine: Engine) -> None:
    """Make what the peers write to."""
    BARE_ROW.create(engine)
    BARE_JSON.create(engine)
    BareBase.metadata.create_all(engine)


def bare_app(engine: Engine) -> Flask:
    """Make the application: no session, no check, nothing read."""
    app = Flask("bare")
    statement = insert(BARE_ROW)

    @app.post("/rows")
    def add() -> ResponseReturnValue:
        with engine.begin() as connection:
            connection.execute(statement, {"id": new_id(), "content": request.form["content"]})
        return redirect("/rows", 303)

    into_json = insert(BARE_JSON)

    @app.post("/json")
    def add_json() -> ResponseReturnValue:
        new = new_id()
        with engine.begin() as connection:
            connection.execute(into_json, {"id": new, "content": request.get_json()})
        return {"id": str(new)}, 201

    sessions = sessionmaker(engine)

    @app.post("/visits")
    def add_visit() -> ResponseReturnValue:
        data, visit_id = json.loads(request.form["content"]), new_id()
        answers = data["answers"]
        adults = answers.pop("adults", [])
        with sessions.begin() as session:
            session.add(
                BareVisit(
                    id=visit_id, round_id=data["round"], household_id=data["household"], visited_on=data["visited_on"]
                )
            )
            session.add(BareRevision(visit_id=visit_id, number=1, outcome=data["outcome"], answers=answers))
            session.add_all(BareAdult(visit_id=visit_id, line=n, answers=line) for n, line in enumerate(adults))
        return redirect("/visits", 303)

    return app


def main(url: str, threads: int) -> None:
    """Serve it as `phs serve` serves ours, and print the address."""
    listeners = open_sockets("127.0.0.1", 0)
    server = create_server(bare_app(make_engine(url)), sockets=listeners, threads=threads, ident=None)
    print(f"bare: http://localhost:{listeners[0].getsockname()[1]}", flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
