"""One JSON line a request: what, how long, with which result. No names, no form values, no query strings."""

import logging
import time
import uuid

import structlog
from flask import Flask, Response, g, request

from webapp.web.shared.wiring import settings

log = structlog.get_logger()


def _start() -> None:
    g.request_started = time.perf_counter()
    g.request_id = uuid.uuid4().hex[:16]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


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
            structlog.contextvars.merge_contextvars,
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
