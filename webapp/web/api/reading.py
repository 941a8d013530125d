"""Reading a body: size, kind and shape are looked at before anything is believed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from webapp.core.errors import Problem
from webapp.web.shared.problems import field_errors, problem

BODY_MAX: Final = 256 * 1024
"""Bytes; the largest visit that the checks let through has about 20 KB."""

MOST_ERRORS: Final = 20
# A wrong value here is the head's to mend, on the form; anything else is the program's fault.
ANSWERED: Final = frozenset({"answers", "extra", "outcome", "visited_on"})
_WORDS: Final[Mapping[str, str]] = {
    "missing": "Thiếu mục này.",
    "extra_forbidden": "Mục này không có trong mẫu.",
    "unexpected_keyword_argument": "Mục này không có trong mẫu.",
    "enum": "Lựa chọn này không có trong phiếu.",
    "literal_error": "Lựa chọn này không có trong phiếu.",
    "int_type": "Ghi số nguyên.",
    "int_parsing_size": "Số này quá lớn.",
    "bool_type": "Chỉ nhận có, không hoặc bỏ trống.",
    "string_type": "Ghi chữ.",
    "string_too_long": "Chữ dài quá.",
    "date_parsing": "Ghi ngày dạng 2026-11-22.",
    "date_type": "Ghi ngày dạng 2026-11-22.",
}
_OTHER: Final = "Giá trị này không đúng mẫu."

Shape = TypeVar("Shape", bound=BaseModel)


def read_body(shape: type[Shape]) -> Shape:
    """Read the request's body. Raises the HTTP errors 400, 413, 415, and 422 for answers of a wrong shape."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = BODY_MAX
    return read_text(shape, request.get_data(cache=False))


def read_text(shape: type[Shape], text: bytes) -> Shape:
    """Read a shape from its JSON. Raises BadRequest with a problem document."""
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_context=False, include_input=False)) from None


def _refusal(found: Sequence[Any]) -> HTTPException:
    if any(item["type"] in {"json_invalid", "model_type"} for item in found):
        return BadRequest()
    problems = [Problem(_path(item["loc"]), _WORDS.get(item["type"], _OTHER)) for item in found]
    errors = field_errors(_once(problems)[:MOST_ERRORS])
    if all(item["loc"][0] in ANSWERED for item in found):
        return HTTPException(response=problem(422, errors=errors))
    return HTTPException(response=problem(400, errors=errors))


def _once(problems: list[Problem]) -> list[Problem]:
    """Give one problem a field: a union of types complains once for each of them."""
    return list({found.field: found for found in reversed(problems)}.values())[::-1]


def _path(place: tuple[int | str, ...]) -> str:
    """Name the field as core.survey_checks does: without `answers`."""
    parts = place[1:] if len(place) > 1 and place[0] == "answers" else place
    return ".".join(str(part) for part in parts)
