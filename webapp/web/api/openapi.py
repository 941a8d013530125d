"""The OpenAPI 3.1 document, made from the shapes that the routes really use."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Response, current_app
from flask_babel import gettext as _
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from webapp.web.api.blueprint import bp
from webapp.web.api.operations import OPERATIONS, PROBLEMS, Operation
from webapp.web.api.shapes import ProblemDocument
from webapp.web.shared.access import public

REF: Final = "#/components/schemas/{model}"
API_VERSION: Final = "1.0.0"


@bp.get("/v1/openapi.json")
@public
def openapi() -> Response:
    """Give the document."""
    text = json.dumps(openapi_document(), ensure_ascii=False, indent=1)
    return Response(text, content_type="application/json")


def openapi_document() -> dict[str, Any]:
    """Make the document in the reader's language."""
    wanted = _shapes()
    names, schemas = models_json_schema(wanted, ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("Phường Số"),
            "version": API_VERSION,
            "description": _("Phiếu khảo sát hộ gia đình cho điện thoại và chương trình khác."),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(names),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
        },
    }


def address_of(operation: Operation) -> tuple[str, str]:
    """Give path and method of an operation."""
    rule = next(current_app.url_map.iter_rules(operation.endpoint))
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method


_Names = Mapping[Any, dict[str, Any]]
"""Where the schema of a shape in a mode (taken or given) stands."""


def _shapes() -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemDocument, "serialization"): None}
    for operation in OPERATIONS:
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        wanted |= {(answer.shape, "serialization"): None for answer in operation.answers if answer.shape}
    return list(wanted)


def _paths(names: _Names) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        path, method = address_of(operation)
        paths.setdefault(path, {})[method.lower()] = _operation(operation, names)
    return paths


def _operation(operation: Operation, names: _Names) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.endpoint.removeprefix("api."),
        "summary": str(operation.name),
        "description": str(operation.words),
        "parameters": list(_parameters(operation)),
        "responses": {**_answers(operation, names), **_problems(operation, names)},
        "security": [{"device": []}] if operation.by_device else [],
    }
    if operation.body is not None:
        schema = names[operation.body, "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    told = []
    if operation.by_device:
        words = _("Số phiếu chưa gửi và giờ của phiếu cũ nhất, ví dụ: 3; oldest=2026-11-20T01:02:03Z")
        told.append({"name": "X-Phs-Unsent", "in": "header", "description": words, "schema": {"type": "string"}})
    if operation.may_know:
        words = _("ETag của bản đã có")
        told.append({"name": "If-None-Match", "in": "header", "description": words, "schema": {"type": "string"}})
    return told


def _answers(operation: Operation, names: _Names) -> dict[str, Any]:
    found = {}
    for answer in operation.answers:
        told: dict[str, Any] = {"description": str(answer.words)}
        if answer.shape is not None:
            told["content"] = {"application/json": {"schema": names[answer.shape, "serialization"]}}
        found[str(answer.status)] = told
    return found


def _problems(operation: Operation, names: _Names) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in operation.problems:
        by_status.setdefault(PROBLEMS[code].status, []).append(f"`{code}`: {PROBLEMS[code].words}")
    schema = names[ProblemDocument, "serialization"]
    return {
        str(status): {
            "description": "\n\n".join(words),
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, words in sorted(by_status.items())
    }
