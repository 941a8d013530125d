"""Reading a body: size, kind and shape are looked at before anything is believed."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from webapp.web.shared.problems import field_errors, problem
from webapp.web.shared.visit_body import ANSWERED, body_problems

BODY_MAX: Final = 256 * 1024
"""Bytes; the largest visit that the checks let through has about 20 KB."""

Shape = TypeVar("Shape", bound=BaseModel)


def read_body(shape: type[Shape]) -> Shape:
    """Read the request's body. Raises the HTTP errors 400, 413, 415, and 422 for answers of a wrong shape."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = BODY_MAX
    try:
        return shape.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_context=False, include_input=False)) from None


def _refusal(found: Sequence[Any]) -> HTTPException:
    if any(item["type"] in {"json_invalid", "model_type"} for item in found):
        return BadRequest()
    errors = field_errors(body_problems(found))
    answered = all(item["loc"][0] in ANSWERED for item in found)
    return HTTPException(response=problem(422 if answered else 400, errors=errors))
