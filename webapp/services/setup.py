"""The first set-up of a real ward: ward, departments, targets, groups and the first administrator, all or nothing.

No default account exists anywhere: the page opens only with a code printed on the console, and only while no ward
exists.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from webapp.core.access import Role
from webapp.core.accounts import normal_username, password_problems, username_problems
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.groups import GroupLine
from webapp.core.ids import SHORT_CODE_ALPHABET, new_id
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.accounts import Setting
from webapp.models.adoption import Indicator
from webapp.models.database import bind_ward
from webapp.models.places import Ward
from webapp.services.accounts import CreateAccount, NewAccount, NewGrant, create_account, installation
from webapp.services.audit import record
from webapp.services.groups import create_groups
from webapp.services.own_password import bare_name
from webapp.services.ward_plan import load_ward_plan

_CODE_KEY: Final = "setup_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpWard:
    """A ward to set up. `admin_password` None: a one-time password; `valid_from`: first day of this territory."""

    code: str
    name: str
    province_code: str
    province_name: str
    valid_from: dt.date
    agency_name: str
    place_name: str
    admin_username: str
    admin_name: str
    admin_password: str | None = None
    agency_symbol: str = "UBND"
    area_km2: float | None = None
    population: int | None = None
    groups: Sequence[GroupLine] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWard:
    """What was set up."""

    ward_id: UUID
    admin: NewAccount
    group_ids: Sequence[UUID]


def renew_setup_code(session: Session) -> str | None:
    """Make the code that opens the set-up page and keep its hash; None when a ward exists already."""
    if session.scalar(select(exists().where(Ward.id.is_not(None)))):
        return None
    code = "-".join("".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(4)) for _ in range(3))
    session.execute(delete(Setting).where(Setting.key == _CODE_KEY))
    session.add(Setting(key=_CODE_KEY, value=_digest(code)))
    session.flush()
    return code


def check_setup_code(session: Session, code: str) -> None:
    """Compare with the printed code. Raises NotFound once a ward exists, InvalidInput on field `setup_code`."""
    kept = session.get(Setting, _CODE_KEY, with_for_update=True, populate_existing=True)
    if session.scalar(select(exists().where(Ward.id.is_not(None)))):
        raise NotFound
    if kept is None or not hmac.compare_digest(kept.value, _digest(code)):
        raise InvalidInput(
            Problem("setup_code", N_("Mã cài đặt không đúng. Mã được in trên màn hình máy chủ khi chạy chương trình."))
        )


def _digest(code: str) -> bytes:
    typed = "".join(c for c in code.upper() if c in SHORT_CODE_ALPHABET)
    return hashlib.sha256(typed.encode()).digest()


def setup_problems(command: SetUpWard) -> list[Problem]:
    """Tell what is wrong with a set-up before anything is stored."""
    problems = username_problems(normal_username(command.admin_username), field="admin_username")
    if not re.fullmatch(r"\d{5}", command.code):
        problems.append(Problem("code", N_("Mã phường gồm đúng 5 chữ số.")))
    if not re.fullmatch(r"\d{2}", command.province_code):
        problems.append(Problem("province_code", N_("Mã tỉnh gồm đúng 2 chữ số.")))
    for field in ("name", "province_name", "agency_name", "place_name", "agency_symbol", "admin_name"):
        if not clean(getattr(command, field)):
            problems.append(Problem(field, N_("Hãy điền mục này.")))
    if command.admin_password is not None:
        words = (command.admin_username, command.admin_name, command.name, bare_name(command.name))
        problems += password_problems(command.admin_password, own_words=words, field="admin_password")
    return problems


def check_setup(session: Session, command: SetUpWard, *, code: str) -> None:
    """Check the printed code, then the set-up itself, before anything is stored. Raises InvalidInput, NotFound."""
    check_setup_code(session, code)
    problems = setup_problems(command)
    if problems:
        raise InvalidInput(problems)


def set_up_ward(session: Session, command: SetUpWard, *, clock: Clock) -> NewWard:
    """Make the ward with everything that the plan gives it. The set-up code is used up.

    Raises InvalidInput, and WrongState when the reference data (`phs init`) is missing or the ward exists.
    """
    problems = setup_problems(command)
    if problems:
        raise InvalidInput(problems)
    if not session.scalar(select(exists().where(Indicator.code.is_not(None)))):
        raise WrongState(N_("Chưa nạp danh mục chỉ tiêu. Hãy chạy `phs init` trên máy chủ trước."))
    ward = _add_ward(session, command)
    bind_ward(session, ward.id)
    session.execute(delete(Setting).where(Setting.key == _CODE_KEY))
    load_ward_plan(session, ward.id)
    actor = installation(ward.id)
    record(session, AuditTag.WARD_SET_UP, actor=actor, clock=clock, subject=ward.id, code=ward.code)
    group_ids = create_groups(session, command.groups, actor=actor, clock=clock) if command.groups else []
    admin = create_account(
        session,
        CreateAccount(
            ward_id=ward.id,
            username=command.admin_username,
            display_name=command.admin_name,
            grants=(NewGrant(role=Role.ADMIN),),
            password=command.admin_password,
        ),
        actor=None,
        clock=clock,
    )
    return NewWard(ward_id=ward.id, admin=admin, group_ids=group_ids)


def _add_ward(session: Session, command: SetUpWard) -> Ward:
    taken = exists().where(Ward.code == command.code, Ward.valid_from == command.valid_from)
    if session.scalar(select(taken)):
        raise WrongState(N_("Phường này đã được cài đặt."))
    ward = Ward(
        id=new_id(),
        code=command.code,
        valid_from=command.valid_from,
        name=clean(command.name),
        province_code=command.province_code,
        province_name=clean(command.province_name),
        area_km2=command.area_km2,
        population=command.population,
        agency_name=clean(command.agency_name),
        agency_symbol=clean(command.agency_symbol),
        place_name=clean(command.place_name),
    )
    session.add(ward)
    session.flush()
    return ward
