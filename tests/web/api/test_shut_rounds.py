"""A phone that sends into a closed or locked round hears the code, and the audit log hears of it."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.fakes import FixedClock
from tests.web.api.conftest import Phone, body_of
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus
from webapp.models.audit import AuditEvent
from webapp.models.surveys import RoundGroup, SurveyRound, Visit


@pytest.mark.parametrize("status", [RoundStatus.CLOSED, RoundStatus.LOCKED])
@pytest.mark.parametrize("what", ["round", "group"])
def test_a_phone_is_refused_with_the_code_and_it_is_noted(
    phone: Phone, world: World, session: Session, clock: FixedClock, what: str, status: RoundStatus
) -> None:
    if what == "round":
        session.execute(update(SurveyRound).values(status=status))
    else:
        key = {"ward_id": world.ward_id, "round_id": world.round_id, "group_id": world.group_ids[0]}
        by = {"changed_at": clock.now(), "changed_by": world.accounts[Role.STATISTICIAN]}
        session.add(RoundGroup(**key, **by, status=status))
    session.commit()
    body = body_of(world)
    answer = phone.post("/visits", body)
    assert (answer.status_code, answer.json["code"]) == (423, f"{what}-{status.value}")
    assert session.scalars(select(Visit.id)).all() == []
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "visit:refused")).one()
    assert (str(event.subject_id), event.actor_id) == (body["visit_id"], world.accounts[Role.GROUP_HEAD])
    assert event.detail == {"code": f"{what}-{status.value}", "path": "api.submit"}


def test_the_groups_page_says_when_a_heads_phone_last_spoke(
    phone: Phone, world: World, login: Callable[[Role], FlaskClient]
) -> None:
    assert phone.get("/me").status_code == 200
    page = login(Role.STATISTICIAN).get(f"/surveys/rounds/{world.round_id}/groups/{world.group_ids[0]}")
    (row,) = re.findall(r"<tr>\s*<th scope=\"row\">Người group_head.*?</tr>", page.text, re.DOTALL)
    assert re.search(r"\d\d:\d\d, 22/11/2026", row)
