"""Prepared statements say the same as SQLAlchemy: types, errors, events, lost connections."""

import datetime as dt

import pytest
from sqlalchemy import Engine, bindparam, event, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from tests.world import World
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus
from webapp.models.audit import AuditEvent
from webapp.models.prepared import Prepared
from webapp.models.surveys import SurveyRound

AUDIT = AuditEvent.__table__
ROUND = SurveyRound.__table__
NEWEST = Prepared(select(ROUND).where(ROUND.c.ward_id == bindparam("ward"), ROUND.c.id == bindparam("round")))
ADD = Prepared(insert(ROUND))
DAYS = {"starts_on": dt.date(2027, 1, 1), "ends_on": dt.date(2027, 1, 31), "status": RoundStatus.PLANNED}


def _round(world: World, name: str) -> dict[str, object]:
    return {"ward_id": world.ward_id, "id": new_id(), "name": name, **DAYS}


def test_rows_come_back_with_the_types_of_their_columns(session: Session, world: World) -> None:
    row = _round(world, "Đợt “thử” 100%")
    assert ADD.change(session.connection(), row) == 1
    (found,) = NEWEST.all(session.connection(), {"ward": world.ward_id, "round": row["id"]})
    assert found._asdict() == row
    assert type(found.status) is RoundStatus


def test_many_rows_go_in_at_once(session: Session, world: World) -> None:
    rows = [_round(world, f"Đợt mới {number}") for number in range(3)]
    ADD.send(session.connection(), *rows)
    names = session.scalars(select(SurveyRound.name).where(SurveyRound.starts_on == DAYS["starts_on"])).all()
    assert sorted(names) == ["Đợt mới 0", "Đợt mới 1", "Đợt mới 2"]


def test_many_rows_keep_every_type(session: Session, world: World) -> None:
    rows = [
        {
            "ward_id": world.ward_id,
            "sequence": 100 + number,
            "at": dt.datetime(2026, 11, 28, 23, 59, 58, 123456, tzinfo=dt.UTC),
            "actor_id": None if number else world.accounts[Role.LEADER],
            "tag": "thử “100%” \\ '",
            "subject_id": new_id(),
            "detail": {"số": [1, None, True, {"đ": "“\n”"}]},
            "address": "::1",
            "previous_hash": bytes(range(32)),
            "row_hash": bytes(reversed(range(32))),
        }
        for number in range(2)
    ]
    Prepared(insert(AUDIT)).send(session.connection(), *rows)
    found = session.execute(select(AUDIT).where(AUDIT.c.sequence >= 100).order_by(AUDIT.c.sequence)).mappings().all()
    assert [dict(row) for row in found] == rows


def test_values_written_into_the_statement_are_kept(session: Session, world: World) -> None:
    closes = Prepared(update(ROUND).where(ROUND.c.id == bindparam("round")).values(status=RoundStatus.CLOSED))
    assert closes.change(session.connection(), {"round": world.round_id}) == 1
    assert closes.change(session.connection(), {"round": new_id()}) == 0
    assert session.scalars(select(SurveyRound.status)).one() is RoundStatus.CLOSED
    (row,) = Prepared(select(literal(7).label("seven"))).all(session.connection(), {})
    assert row.seven == 7


def test_an_error_is_told_as_sqlalchemy_tells_it_and_without_the_values(session: Session, world: World) -> None:
    row = _round(world, "Đợt bí mật")
    ADD.change(session.connection(), row)
    with pytest.raises(IntegrityError) as told:
        ADD.change(session.connection(), row)
    assert "INSERT INTO survey_round" in str(told.value)
    assert "bí mật" not in str(told.value)


def test_listeners_of_the_engine_hear_of_every_statement(session: Session, engine: Engine, world: World) -> None:
    heard: list[tuple[str, bool]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, _p, _x, many: heard.append((text[:6], many)))
    ADD.change(session.connection(), _round(world, "Một"))
    ADD.send(session.connection(), _round(world, "Hai"))
    assert heard == [("INSERT", False), ("INSERT", True)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lost_connection_leaves_the_pool(sessions: sessionmaker[Session], world: World) -> None:
    with sessions() as session, sessions() as other:
        process = session.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
        with pytest.raises(DBAPIError) as told:
            NEWEST.all(session.connection(), {"ward": world.ward_id, "round": world.round_id})
        assert told.value.connection_invalidated
    with sessions() as session:
        assert NEWEST.all(session.connection(), {"ward": world.ward_id, "round": world.round_id})
