"""The probe: a phone believes that it reached the ward only when it reads exactly this."""

from flask import Response

from webapp.web.api.answers import json_answer
from webapp.web.api.blueprint import bp
from webapp.web.api.shapes import Ping
from webapp.web.shared.access import public
from webapp.web.shared.wiring import clock


@bp.get("/v1/ping")
@public
def ping() -> Response:
    """Say who answers, and the time."""
    return json_answer(Ping(service="phuong-so", api=1, now=clock().now()))
