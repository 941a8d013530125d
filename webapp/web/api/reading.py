"""Reading a body: size, kind and shape are looked at before anything is believed."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

from flask import request
from pydantic import BaseModel, Field, JsonValue, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from webapp.web.shared.problems import field_errors, problem
from webapp.web.shared.visit_body import ANSWERED, BUNDLE_MOST, Taken, VisitBody, VisitBundle, body_problems

BODY_MAX: Final = 256 * 1024
"""Bytes; the largest visit that the checks let through has about 20 KB."""

Shape = TypeVar("Shape", bound=BaseModel)


def read_body(shape: type[Shape]) -> Shape:
    """Read the request's body. Raises the HTTP errors 400, 413, 415, and 422 for answers of a wrong shape."""
    return _read(shape, _text())


def read_visits() -> list[VisitBody | HTTPException]:
    """Read a body of several visits, each for itself: one of a wrong shape stands as its refusal among the others.

    Raises the HTTP errors 400, 413 and 415 for what is no bundle at all.
    """
    text = _text()
    try:
        return list(VisitBundle.model_validate_json(text).visits)
    except ValidationError:
        pass
    loose = _read(_LooseBundle, text)
    return [_visit(one) for one in loose.visits]


class _LooseBundle(Taken):
    """A bundle whose visits nobody has looked at yet."""

    visits: Annotated[list[dict[str, JsonValue]], Field(min_length=1, max_length=BUNDLE_MOST)]


def _visit(loose: dict[str, Any]) -> VisitBody | HTTPException:
    try:
        return _read(VisitBody, json.dumps(loose).encode())
    except HTTPException as refusal:
        return refusal


def _text() -> bytes:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = BODY_MAX
    return request.get_data(cache=False)


def _read(shape: type[Shape], text: bytes) -> Shape:
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_context=False, include_input=False)) from None


def _refusal(found: Sequence[Any]) -> HTTPException:
    if any(item["type"] in {"json_invalid", "model_type"} for item in found):
        return BadRequest()
    errors = field_errors(body_problems(found))
    answered = all(item["loc"][0] in ANSWERED for item in found)
    return HTTPException(response=problem(422 if answered else 400, errors=errors))
