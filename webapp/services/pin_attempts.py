"""Signing that failed: told to the audit log whatever becomes of the page, and wrong PINs are counted there."""

import datetime as dt
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import N_, SigningRefused
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.models.audit import AuditEvent
from webapp.services.audit import record

# NIST SP 800-63B asks for a limit of ten or fewer; after that only waiting helps, so a stolen session cannot guess.
MAX_WRONG_PINS: Final = 5
WINDOW: Final = dt.timedelta(minutes=15)


def check_pin_attempts(session: Session, actor: Actor, *, now: dt.datetime) -> None:
    """Refuse to open a key after five wrong PINs of this person within a quarter of an hour. Raises SigningRefused."""
    wrong = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(
            AuditEvent.ward_id == actor.ward_id,
            AuditEvent.at > now - WINDOW,
            AuditEvent.actor_id == actor.account_id,
            AuditEvent.tag == AuditTag.SIGNING_FAILED.value,
            AuditEvent.detail["code"].as_string() == "wrong_pin",
        )
    )
    if (wrong or 0) >= MAX_WRONG_PINS:
        raise SigningRefused(
            "too_many_pins", N_("Sai mã PIN quá nhiều lần. Hãy chờ 15 phút rồi thử lại, hoặc báo quản trị.")
        )


def note_signing_failure(session: Session, subject: UUID | None, code: str, *, actor: Actor, clock: Clock) -> None:
    """Record the machine name of the refusal. The caller commits it even though the page answers with an error."""
    record(session, AuditTag.SIGNING_FAILED, actor=actor, clock=clock, subject=subject, code=code)
