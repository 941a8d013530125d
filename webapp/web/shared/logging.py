"""One JSON line a request: what, how long, with which result. No names, no form values, no query strings."""

import logging
import os
import time

import structlog
from flask import Flask, Response, g, has_request_context, request
from structlog.typing import EventDict

from webapp.web.shared.wiring import settings

log = structlog.get_logger()


def _start() -> None:
    g.request_started = time.perf_counter()
    g.request_id = os.urandom(8).hex()


def _add_request(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Say in every line which request it belongs to."""
    if has_request_context() and "request_id" in g:
        line["request_id"] = g.request_id
    return line


def _finish(response: Response) -> Response:
    if request.endpoint != "static":
        log.info(
            "request",
            method=request.method,
            endpoint=request.endpoint or "none",
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("request_started", time.perf_counter())) * 1000, 1),
        )
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def register(app: Flask) -> None:
    """Configure JSON logging at the chosen level and hang the request line on the application."""
    with app.app_context():
        level = logging.getLevelNamesMapping()[settings().log_level]
    structlog.configure(
        processors=[
            _add_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    app.before_request(_start)
    app.after_request(_finish)
