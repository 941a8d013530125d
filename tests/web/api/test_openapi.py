"""The OpenAPI document is valid, whole, and true."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.api.conftest import Phone, body_of
from tests.world import World
from webapp.web.api.operations import OPERATIONS, PROBLEMS
from webapp.web.shared.problems import WORDS

ADDRESS = "/api/v1/openapi.json"


@pytest.fixture
def document(client: FlaskClient) -> dict:
    return json.loads(client.get(ADDRESS).data)


def schema_of(document: dict, found: dict) -> Draft202012Validator:
    """A validator of one schema of the document."""
    return Draft202012Validator({**found, "components": document["components"]})


def test_it_is_valid(document: dict) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"].startswith("3.1")


def test_every_route_of_the_api_stands_in_it(app: Flask, document: dict) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != ADDRESS
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert told == routes


def test_security_is_told_as_it_is(app: Flask, document: dict) -> None:
    for operation in OPERATIONS:
        view = app.view_functions[operation.endpoint]
        assert operation.by_device == hasattr(view, "device_permission"), operation.endpoint


def test_every_problem_that_is_made_is_explained() -> None:
    generic = {code for _status, (code, _words) in WORDS.items()}
    assert generic - set(PROBLEMS) <= {"conflict", "method-not-allowed", "too-slow"}
    assert {code for operation in OPERATIONS for code in operation.problems} == set(PROBLEMS)


def test_real_answers_fit_their_schemas(phone: Phone, world: World, document: dict) -> None:
    body = body_of(world)
    calls = [
        (phone.client.get("/api/v1/ping"), "/api/v1/ping", "get"),
        (phone.get("/me"), "/api/v1/me", "get"),
        (phone.post("/visits", body), "/api/v1/visits", "post"),
        (phone.post("/visits", body), "/api/v1/visits", "post"),
        (phone.get("/reference"), "/api/v1/reference", "get"),
        (phone.post("/visits", body | {"outcome": "absent", "answers": None}), "/api/v1/visits", "post"),
        (phone.post("/visits", body_of(world, answers={"adults": [{"sex": 1}]})), "/api/v1/visits", "post"),
        (phone.post("/visits", {}), "/api/v1/visits", "post"),
    ]
    for answer, path, method in calls:
        told = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]
        schema_of(document, told[answer.content_type]["schema"]).validate(answer.json)


def test_what_a_phone_sends_fits_its_schema(world: World, document: dict) -> None:
    schema = document["paths"]["/api/v1/visits"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = schema_of(document, schema)
    validator.validate(body_of(world))
    assert not validator.is_valid(body_of(world, colour="red"))
    assert not validator.is_valid(body_of(world, answers={"adults": [{"name": "Ánh"}]}))


def test_the_page_explains_every_operation_and_every_problem(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    for path in ("/api/v1/visits", "/api/v1/reference", "/api/v1/devices/me"):
        assert path in page.text
    for code in PROBLEMS:
        assert f'id="{code}"' in page.text
