"""Pressing through the survey pages as a browser without scripts does: what stands on the page is what is sent."""

import html
import re
from collections.abc import Iterator

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from webapp.core.surveys import Answers
from webapp.core.visit_content import answers_from
from webapp.models.surveys import AdultLineRow, VisitRevision
from webapp.web.surveys.visit_fields import fields_of_answers

Fields = MultiDict[str, str]
OTHER_FORMS = {"text", "language", "next"}


def fields_on(page: TestResponse) -> Fields:
    """What a browser would send from the page: hidden and typed values, ticked boxes, chosen options."""
    return MultiDict(_controls(page.text))


def _controls(text: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<input [^>]*>", text):
        values = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if "name" not in values or values["name"] in OTHER_FORMS:
            continue
        if values.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        yield values["name"], html.unescape(values.get("value", ""))
    for name, body in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        yield name, html.unescape(body).strip()
    for name, body in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        yield name, chosen[1] if chosen else ""


def send(client: FlaskClient, url: str, page: TestResponse, **changes: str) -> TestResponse:
    """Send what stands on the page with some answers changed."""
    fields = fields_on(page)
    for name, value in changes.items():
        fields[name] = value
    return client.post(url, data=fields)


def to_details(client: FlaskClient, url: str, adults: int = 1, **counts: str) -> TestResponse:
    """Go from the empty form to the page of the people."""
    page = send(
        client, url, client.get(url), outcome="interviewed", adult_count=str(adults), action="continue", **counts
    )
    assert page.status_code == 200, errors_on(page)
    return page


def fill(client: FlaskClient, url: str, answers: Answers) -> TestResponse:
    """Go from the empty form to the check page by pressing what is there."""
    typed = {name: value for name, value in fields_of_answers(answers).items() if not name.endswith("-last")}
    counts = {name: value for name, value in typed.items() if name.endswith("-count")}
    details = to_details(client, url, len(answers.adults), **counts)
    return send(client, url, details, **typed, action="check")


def press_submit(client: FlaskClient, check: TestResponse, **changes: str) -> TestResponse:
    """Send the check page."""
    action = re.findall(r'action="(/surveys/visits/[^"]*/submit)"', check.text)[0]
    return send(client, action, check, **changes)


def errors_on(page: TestResponse) -> list[str]:
    """The lines of the error summary."""
    summary = re.search(r'<div class="error-summary".*?</div>', page.text, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", summary[0], re.DOTALL) if summary else []
    return [html.unescape(re.sub(r"<[^>]*>", "", line)) for line in lines]


def stored_answers(session: Session) -> Answers:
    """What the newest revision says."""
    revision = session.scalars(select(VisitRevision).order_by(VisitRevision.number.desc())).first()
    assert revision is not None
    lines = session.scalars(
        select(AdultLineRow).where(AdultLineRow.revision == revision.number).order_by(AdultLineRow.line)
    ).all()
    return answers_from(revision.answers, revision, lines)
