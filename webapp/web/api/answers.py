"""Answers of the API: a shape, written as JSON."""

from flask import Response
from pydantic import BaseModel


def json_answer(shape: BaseModel, status: int = 200) -> Response:
    """Write a shape."""
    return Response(shape.model_dump_json(), status, content_type="application/json")
