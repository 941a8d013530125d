"""Asking once more who sits at the screen before signing and other acts with consequences (QCVN 12:2026/BCA)."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import StepUpRequired
from webapp.core.events import AuditTag
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.models.accounts import Account, LoginSession
from webapp.queries.accounts import SessionRow
from webapp.services import second_factor
from webapp.services.audit import record
from webapp.services.login import Desk, count_wrong_password


class Proof(StrEnum):
    """Outcome of a password or code given inside."""

    PROVEN = "proven"
    WRONG = "wrong"
    LOCKED = "locked"


class ProofOf(StrEnum):
    """What was given."""

    PASSWORD = "password"  # noqa: S105 - a kind
    CODE = "code"


def is_fresh(row: SessionRow, *, now: dt.datetime, minutes: int) -> bool:
    """Tell whether the person proved themselves within the last `minutes` of this log-in."""
    return row.step_up_at is not None and row.step_up_at > now - dt.timedelta(minutes=minutes)


def require_step_up(row: SessionRow, *, now: dt.datetime, minutes: int) -> None:
    """Refuse an act until the password (or second factor) was given again. Raises StepUpRequired."""
    if not is_fresh(row, now=now, minutes=minutes):
        raise StepUpRequired


def confirm_step_up(session: Session, session_id: UUID, *, actor: Actor, clock: Clock, method: str) -> None:
    """Note that the person of this log-in proved themselves now, by `method` (`password` or `code`)."""
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(step_up_at=clock.now()))
    record(session, AuditTag.STEP_UP, actor=actor, clock=clock, subject=session_id, method=method)


def prove(
    session: Session, row: SessionRow, typed: str, *, matched: bool, desk: Desk, cipher: PersonalDataCipher
) -> tuple[Proof, ProofOf]:
    """Judge what the person of a log-in typed. `matched`: it is the password (checked before, outside a transaction).

    A wrong one counts like a wrong log-in; at the limit the account is locked and its log-ins end.
    """
    if matched:
        return Proof.PROVEN, ProofOf.PASSWORD
    if row.has_second_factor and len(typed.replace(" ", "")) == 6:
        account = session.get_one(Account, row.account_id, with_for_update=True)
        if second_factor.use_totp(account, typed, now=desk.clock.now(), cipher=cipher):
            return Proof.PROVEN, ProofOf.CODE
    locked = count_wrong_password(session, row.account_id, desk=desk, reason="step_up")
    return (Proof.LOCKED if locked else Proof.WRONG), ProofOf.PASSWORD
