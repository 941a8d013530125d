"""The visit form page by page, as a phone without scripts sends it."""

import html
import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.survey_answers import family
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import Answers
from webapp.core.visit_content import answers_from
from webapp.models.surveys import AdultLineRow, VisitRevision
from webapp.web.surveys.visit_fields import fields_of_answers

Fields = MultiDict[str, str]


@pytest.fixture
def head(login: Callable[[Role], FlaskClient]) -> FlaskClient:
    return login(Role.GROUP_HEAD)


@pytest.fixture
def household(world: World) -> UUID:
    return world.households[world.group_ids[0]][0]


@pytest.fixture
def form_url(world: World, household: UUID) -> str:
    return f"/surveys/rounds/{world.round_id}/households/{household}/visit"


def fields_on(page: TestResponse, form: int | None = None) -> Fields:
    """What a browser would send from the page: hidden and typed values, ticked boxes, chosen options."""
    return MultiDict(_controls(page.text))


def _controls(text: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<input [^>]*>", text):
        values = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if "name" not in values or values["name"] in {"text", "language"}:
            continue
        if values.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        yield values["name"], html.unescape(values.get("value", "y"))
    for name, body in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        yield name, html.unescape(body).strip()
    for name, body in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        yield name, chosen[1] if chosen else ""


def send(client: FlaskClient, url: str, page: TestResponse, **changes: str) -> TestResponse:
    fields = fields_on(page)
    for name, value in changes.items():
        fields[name] = value
    return client.post(url, data=fields)


def fill(client: FlaskClient, url: str, answers: Answers) -> TestResponse:
    """Go from the empty form to the check page by pressing what is there."""
    first = client.get(url)
    counts = {name: value for name, value in fields_of_answers(answers).items() if name.endswith("-count")}
    details = send(
        client, url, first, outcome="interviewed", adult_count=str(len(answers.adults)), action="continue", **counts
    )
    assert details.status_code == 200, details.text
    typed = {name: value for name, value in fields_of_answers(answers).items() if not name.endswith("-last")}
    return send(client, url, details, **typed, action="check")


def press_submit(client: FlaskClient, check: TestResponse, **changes: str) -> TestResponse:
    action = re.findall(r'action="(/surveys/visits/[^"]*/submit)"', check.text)[0]
    return send(client, action, check, **changes)


def errors_on(page: TestResponse) -> list[str]:
    """The lines of the error summary."""
    summary = re.search(r'<div class="error-summary".*?</div>', page.text, re.DOTALL)
    return (
        [re.sub(r"<[^>]*>", "", line) for line in re.findall(r"<li>(.*?)</li>", summary[0], re.DOTALL)]
        if summary
        else []
    )


def stored_answers(session: Session) -> Answers:
    revision = session.scalars(select(VisitRevision).order_by(VisitRevision.number.desc())).first()
    assert revision is not None
    lines = session.scalars(
        select(AdultLineRow).where(AdultLineRow.revision == revision.number).order_by(AdultLineRow.line)
    ).all()
    return answers_from(revision.answers, revision, lines)


def test_a_visit_is_typed_checked_and_sent(head: FlaskClient, form_url: str, session: Session, world: World) -> None:
    check = fill(head, form_url, family())
    assert check.status_code == 200, errors_on(check)
    assert "<title>Xem lại trước khi nộp" in check.text
    assert "1 trong 2 người lớn (1 người không biết)" in check.text
    answer = press_submit(head, check)
    assert answer.status_code == 303, answer.text
    assert stored_answers(session) == family()
    receipt = head.get(answer.location)
    assert "Phường đã nhận phiếu hộ số 1" in receipt.text
    assert re.search(r'class="code">[2-9A-Z]{3}-[2-9A-Z]{3}<', receipt.text)
    assert "Số 2 – Trần Đình Ấn" in receipt.text
