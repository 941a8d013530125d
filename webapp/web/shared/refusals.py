"""A change refused by a closed or locked round leaves its trace although the request leaves nothing else behind."""

from flask import request

from webapp.core.access import Actor
from webapp.core.errors import RoundShut
from webapp.services.refusals import record_refusal
from webapp.web.extensions import db
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.wiring import clock


def note_refusal(error: RoundShut, actor: Actor | None = None) -> None:
    """Roll the request's work back and put the refusal into the audit log; asked twice, it stands there once.

    `actor`: who it was when no log-in page knows (a phone with its token).
    """
    db.session.rollback()  # SQLite has one writer, and it must not be us twice
    who = actor or (current_actor() if current_account() else None)
    if who is None or error.noted:
        return
    with db.new_session() as own:
        record_refusal(own, error, path=request.endpoint or "", actor=who, clock=clock())
        own.commit()
