"""Statements that travel together: nothing is lost, errors are told, closed connections are not used again."""

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from tests.models.test_prepared import ADD, NEWEST, ROUND, _round
from tests.world import World
from webapp.core.surveys import RoundStatus
from webapp.models.pipeline import pipelined
from webapp.models.surveys import SurveyRound


def test_what_is_sent_is_there_for_the_next_question(session: Session, world: World) -> None:
    row = _round(world, "Đợt gửi")
    with pipelined(session.connection()):
        ADD.send(session.connection(), row)
        (found,) = NEWEST.all(session.connection(), {"ward": world.ward_id, "round": row["id"]})
        done = session.connection().execute(
            update(ROUND).where(ROUND.c.id == row["id"]).values(status=RoundStatus.CLOSED)
        )
        missed = session.connection().execute(delete(ROUND).where(ROUND.c.name == "Không có"))
    assert (found.name, done.rowcount, missed.rowcount) == ("Đợt gửi", 1, 0)
    session.commit()
    assert session.scalar(select(func.count()).select_from(SurveyRound)) == 2


def test_an_error_of_what_was_sent_is_told_at_the_latest_when_the_block_ends(session: Session, world: World) -> None:
    row = _round(world, "Đợt đôi")
    connection = session.connection()
    with pytest.raises(IntegrityError), pipelined(connection):
        ADD.send(connection, row, row)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(SurveyRound)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_not_used_again(
    sessions: sessionmaker[Session], engine: Engine, world: World
) -> None:
    with engine.connect() as idle, engine.connect() as ending:
        process = idle.scalar(text("SELECT pg_backend_pid()"))
        idle.close()  # it waits in the pool
        ending.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    with sessions() as one, sessions() as other:
        found = {session.scalar(text("SELECT pg_backend_pid()")) for session in (one, other)}
    assert len(found) == 2
    assert process not in found
