"""The page about the API, for the people who write programs for it."""

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from webapp.web.api.blueprint import bp
from webapp.web.api.openapi import address_of
from webapp.web.api.operations import OPERATIONS, PROBLEMS, Operation
from webapp.web.shared.access import public
from webapp.web.shared.wiring import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One key of a body or an answer."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedOperation:
    """An operation as the page shows it."""

    operation: Operation
    path: str
    method: str
    taken: list[FieldLine]
    given: list[FieldLine]


@bp.get("/docs")
@public
def docs() -> ResponseReturnValue:
    """Show what the API does, address by address, and what each problem means."""
    described = []
    for operation in OPERATIONS:
        path, method = address_of(operation)
        given = next((answer.shape for answer in operation.answers if answer.shape), None)
        described.append(
            DescribedOperation(
                operation=operation,
                path=path,
                method=method,
                taken=_fields(operation.body),
                given=_fields(given),
            )
        )
    return render_template("api/docs.html", described=described, problems=PROBLEMS, base_url=settings().base_url)


def _fields(shape: type[BaseModel] | None) -> list[FieldLine]:
    if shape is None:
        return []
    schema = shape.model_json_schema(mode="validation")
    required = set(schema.get("required", ()))
    return [
        FieldLine(name=name, kind=_kind(found), required=name in required)
        for name, found in schema["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """Name a type in the words of JSON Schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(option) for option in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return " | ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}[]"
    return str(schema.get("format") or schema.get("type") or "any")
