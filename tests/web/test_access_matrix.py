"""Every route × every role × own and foreign ward, generated from the URL map."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule

from tests.fakes import FixedClock
from tests.world import World, make_world
from webapp.core.access import PERMISSION_MAP, Role
from webapp.gateways.cipher import AesGcmCipher
from webapp.models import Base

STAFF = [role for role in Role if role is not Role.PUBLIC]


def _guarded(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "required_permission", None) is not None
    ]


def _address(app: Flask, rule: Rule, ids: dict[str, object] | None = None) -> str:
    samples = {"uuid": uuid4(), "day": "2026-11-22", "int": 1, "default": "x", "string": "x"}
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        kind = type(converter).__name__.removesuffix("Converter").lower()
        kind = {"unicode": "string", "integer": "int"}.get(kind, kind)
        values[name] = (ids or {}).get(name, samples.get(kind, "x"))
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values, method=None)


@pytest.mark.parametrize("role", STAFF)
def test_a_role_reaches_what_the_map_gives_it_and_nothing_else(
    app: Flask, world: World, login: Callable[[Role], FlaskClient], role: Role
) -> None:
    client = login(role)
    wrong = []
    for rule in _guarded(app):
        permission = app.view_functions[rule.endpoint].required_permission
        allowed = permission in PERMISSION_MAP[role]
        for method in {"GET", "POST"} & (rule.methods or set()):
            status = client.open(_address(app, rule), method=method).status_code
            if ((status == 403) is allowed and not (allowed and rule.endpoint.startswith("admin."))) or status >= 500:
                wrong.append((rule.endpoint, method, status))
    assert wrong == []


def test_a_stranger_is_sent_to_the_log_in_page(app: Flask, world: World, client: FlaskClient) -> None:
    for rule in _guarded(app):
        for method in {"GET", "POST"} & (rule.methods or set()):
            answer = client.open(_address(app, rule), method=method)
            assert answer.status_code == 303, (rule.endpoint, method)
            assert answer.headers["Location"].startswith("/login"), (rule.endpoint, answer.headers["Location"])


def _first_ids(session: Session, ward_id: object) -> dict[str, object]:
    """One identifier of the ward for each kind of thing that an address may name."""
    ids: dict[str, object] = {}
    for table in Base.metadata.tables.values():
        if table.info["scope"] == "tenant" and "id" in table.c:
            found = session.scalar(select(table.c.id).where(table.c.ward_id == ward_id).limit(1))
            if found is not None:
                ids[f"{table.name}_id"] = found
    ids["group_id"] = ids["residential_group_id"]
    ids["round_id"] = ids["survey_round_id"]
    return ids


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.CLERK, Role.LEADER, Role.ADMIN])
def test_things_of_another_ward_are_not_found(
    app: Flask,
    world: World,
    login: Callable[[Role], FlaskClient],
    sessions: sessionmaker[Session],
    cipher: AesGcmCipher,
    clock: FixedClock,
    role: Role,
) -> None:
    other = make_world(sessions, cipher, clock, code="99002", prefix="khac_")
    with sessions() as session:
        foreign = _first_ids(session, other.ward_id)
    client = login(role)
    leaks = []
    for rule in _guarded(app):
        named = rule.arguments & set(foreign)
        if not named:
            continue
        answer = client.get(_address(app, rule, foreign))
        if answer.status_code not in {403, 404, 405}:
            leaks.append((rule.endpoint, answer.status_code))
    assert leaks == []


def test_every_answer_carries_the_headers_and_no_page_is_cached(
    app: Flask, world: World, login: Callable[[Role], FlaskClient]
) -> None:
    client = login(Role.STATISTICIAN)
    for address in ("/", "/login", "/no-such-page", "/healthz", "/admin/accounts"):
        headers = client.get(address).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
