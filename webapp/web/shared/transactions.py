"""One owner of the transaction: a changing view commits when it answers below 400 and rolls back otherwise."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import make_response, request
from flask.typing import ResponseReturnValue

from webapp.core.errors import RoundShut
from webapp.web.extensions import db
from webapp.web.shared.refusals import note_refusal

P = ParamSpec("P")


def commits(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Commit after a successful POST or DELETE; anything else leaves nothing behind but the trace of a refusal."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        try:
            response = make_response(view(*args, **kwargs))
        except RoundShut as error:
            note_refusal(error)
            raise
        if request.method in {"POST", "DELETE"} and response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response

    wrapped.commits = True  # type: ignore[attr-defined]  # read by the architecture test
    return wrapped
