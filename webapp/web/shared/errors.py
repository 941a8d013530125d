"""Domain errors and HTTP errors become calm pages; forms get their messages beside the fields."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from webapp.core import errors as domain
from webapp.web.extensions import db
from webapp.web.shared.problems import problem, problem_of, wants_problem

STATUS: dict[type[domain.DomainError], int] = {
    domain.NotFound: 404,
    domain.NotAllowed: 403,
    domain.WrongState: 409,
    domain.Conflict: 409,
    domain.InvalidInput: 422,
    domain.SigningRefused: 422,
    domain.StepUpRequired: 401,
    domain.DeviceRefused: 401,
    domain.Gone: 410,
    domain.StorageFull: 507,
}
PAGES = {400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507}
# Never sent back to the page: what was typed stays, secrets and tokens do not.
SECRET_FIELDS = ("csrf_token", "pin", "password", "code", "totp")

log = structlog.get_logger()


def say(error: domain.DomainError) -> str:
    """Give the error's message in the reader's language."""
    if isinstance(error, domain.InvalidInput):
        return "; ".join(say_problem(problem) for problem in error.problems)
    if isinstance(error, domain.SigningRefused) and error.english and str(get_locale()) == "en":
        return error.english
    return str(_(error.message, **error.params))


def say_problem(problem: domain.Problem) -> str:
    """Give a problem's message in the reader's language."""
    return str(_(problem.message, **problem.params))


@contextmanager
def problems_on(form: FlaskForm) -> Iterator[None]:
    """Turn InvalidInput raised in the block into messages on the form's fields (the rest on the form itself)."""
    try:
        yield
    except domain.InvalidInput as error:
        for problem in error.problems:
            field = form[problem.field] if problem.field and problem.field in form else None
            if field is None:
                form.form_errors.append(say_problem(problem))
            else:
                field.errors = [*field.errors, say_problem(problem)]


def render_error(status: int, *, message: str = "", **context: object) -> ResponseReturnValue:
    """Render the page of a status, or the problem document when a program asks."""
    if wants_problem():
        return problem(status, detail=message)
    page = status if status in PAGES else (500 if status >= 500 else 400)
    return render_template(f"errors/{page}.html", message=message, **context), status


def preserved_fields() -> list[tuple[str, str]]:
    """Give what was typed, without secrets, so that a page which sat too long can be sent again."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(secret in name.lower() for secret in SECRET_FIELDS)
    ]


def status_of(error: domain.DomainError) -> int:
    """Give the status that an error of the domain is answered with."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def _domain_error(error: domain.DomainError) -> ResponseReturnValue:
    db.session.rollback()
    status = status_of(error)
    return problem_of(error, status) if wants_problem() else render_error(status, message=say(error))


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    log.info("csrf refused", path=request.path, reason=error.description)
    return render_error(400, preserved=preserved_fields(), action=request.full_path.rstrip("?"), expired=True)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if wants_problem():
        told = dict(error.get_headers())
        return problem(error.code, headers={name: told[name] for name in ("Allow", "Retry-After") if name in told})
    return render_error(error.code, limit_text=_upload_limit())


def _upload_limit() -> str:
    """Give the largest upload as people say it; empty where it is none of whole megabytes."""
    megabytes, rest = divmod(request.max_content_length or 0, 1024 * 1024)
    return f"{megabytes} MB" if megabytes and not rest else ""


def _database_error(error: OperationalError) -> ResponseReturnValue:
    db.session.rollback()
    text = str(error.orig)
    log.error("database refused", reason=type(error.orig).__name__, path=request.path)
    if "disk is full" in text or "No space left" in text:
        return render_error(507, message=say(domain.StorageFull()), preserved=preserved_fields())
    return render_error(503, preserved=preserved_fields(), action=request.full_path.rstrip("?"))


def _system_error(error: OSError) -> ResponseReturnValue:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        raise error
    return _domain_error(domain.StorageFull())


def _unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    log.error("unexpected error", path=request.path, kind=type(error).__name__, exc_info=error)
    return render_error(500)


def register(app: Flask) -> None:
    """Hang the handlers on the application."""
    app.register_error_handler(domain.DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(OSError, _system_error)
    if not app.debug:
        app.register_error_handler(Exception, _unexpected)
