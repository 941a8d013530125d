"""The second factor: a time-based code (RFC 6238) from the person's phone, and one-time codes for a lost phone."""

import datetime as dt
import hashlib
import hmac
from typing import Final
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import SHORT_CODE_ALPHABET, new_short_code
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.models.accounts import Account, RecoveryCode
from webapp.services.audit import record

ISSUER: Final = "Phường Số"
RECOVERY_CODES: Final = 10
_STEP: Final = 30


def _load(session: Session, account_id: UUID) -> Account:
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound
    return account


def start(session: Session, *, actor: Actor, cipher: PersonalDataCipher) -> None:
    """Make a new secret that counts only once a code from it was confirmed."""
    account = _load(session, actor.account_id)
    if account.totp_confirmed_at is not None:
        raise WrongState(N_("Xác thực hai lớp đang bật. Hãy tắt trước khi cài lại trên máy khác."))
    account.totp_secret = cipher.seal(pyotp.random_base32().encode())
    account.totp_last_step = None


def confirm(session: Session, code: str, *, actor: Actor, clock: Clock, cipher: PersonalDataCipher) -> list[str]:
    """Switch it on after one right code; give the recovery codes, which are never shown again.

    Raises InvalidInput on field `code`.
    """
    account = _load(session, actor.account_id)
    if account.totp_secret is None or account.totp_confirmed_at is not None:
        raise WrongState(N_("Hãy bắt đầu cài đặt xác thực hai lớp lại từ đầu."))
    if not use_totp(account, code, now=clock.now(), cipher=cipher):
        raise InvalidInput(Problem("code", N_("Mã chưa đúng. Kiểm tra giờ trên điện thoại rồi nhập mã 6 số mới nhất.")))
    account.totp_confirmed_at = clock.now()
    codes = _renew_recovery_codes(session, account.id)
    record(session, AuditTag.SECOND_FACTOR, actor=actor, clock=clock, subject=account.id, on=True)
    return codes


def renew_codes(session: Session, *, actor: Actor, clock: Clock) -> list[str]:
    """Replace the recovery codes by new ones; the old ones no longer count."""
    account = _load(session, actor.account_id)
    if account.totp_confirmed_at is None:
        raise WrongState(N_("Xác thực hai lớp chưa bật."))
    record(session, AuditTag.SECOND_FACTOR, actor=actor, clock=clock, subject=account.id, codes="renewed")
    return _renew_recovery_codes(session, account.id)


def _renew_recovery_codes(session: Session, account_id: UUID) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [new_short_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, code_sha256=_digest(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def turn_off(session: Session, account_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Switch it off, for oneself or (an administrator) for somebody who lost the phone."""
    account = _load(session, account_id)
    account.totp_secret = account.totp_confirmed_at = account.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    record(session, AuditTag.SECOND_FACTOR, actor=actor, clock=clock, subject=account_id, on=False)


def use_totp(account: Account, code: str, *, now: dt.datetime, cipher: PersonalDataCipher) -> bool:
    """Check a code of the present half minute or its neighbours; each counts once (no replay)."""
    if account.totp_secret is None:
        return False
    digits = "".join(c for c in code if c.isdecimal())
    generator = pyotp.TOTP(cipher.unseal(account.totp_secret).decode())
    present = int(now.timestamp()) // _STEP
    for step in (present, present - 1, present + 1):
        newer = account.totp_last_step is None or step > account.totp_last_step
        if hmac.compare_digest(generator.generate_otp(step).encode(), digits.encode()) and newer:
            account.totp_last_step = step
            return True
    return False


def use_recovery_code(session: Session, account_id: UUID, code: str, *, now: dt.datetime) -> bool:
    """Use up a recovery code; a second use of the same one is refused."""
    typed = "".join(c for c in code.upper() if c in SHORT_CODE_ALPHABET)
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_sha256 == _digest(typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).first()
    return used is not None


def codes_left(session: Session, account_id: UUID) -> int:
    """Count unused recovery codes."""
    return len(
        session.scalars(
            select(RecoveryCode.id).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        ).all()
    )


def pending_uri(session: Session, account_id: UUID, *, cipher: PersonalDataCipher) -> tuple[str, str] | None:
    """Give the secret waiting for its first code, as the address for the QR picture and as text to type."""
    account = session.get(Account, account_id)
    if account is None or account.totp_secret is None or account.totp_confirmed_at is not None:
        return None
    secret = cipher.unseal(account.totp_secret).decode()
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
    return uri, " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
