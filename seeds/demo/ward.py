"""The invented ward: its groups, their heads and the staff."""

import datetime as dt
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from seeds.demo import levels
from seeds.demo.levels import GroupTraits
from seeds.demo.people import STAFF, StaffMember, invent_name
from seeds.demo.scene import Calendar, DemoClock, DemoGroup, DemoPorts, DemoSize, Scene, invent_id
from seeds.reference import load_reference
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.models.accounts import Account
from webapp.models.places import Department, ResidentialGroup, Ward
from webapp.services.accounts import CreateAccount, NewGrant, create_account, installation
from webapp.services.audit import record
from webapp.services.passwords import UNUSABLE
from webapp.services.ward_plan import load_ward_plan

FOUNDED: Final = dt.date(2025, 7, 1)
SET_UP_AGO: Final = 430
WARD: Final = {
    "code": "99030",
    "name": "phường Bến Mẫu",
    "province_code": "99",
    "province_name": "tỉnh Ví Dụ",
    "area_km2": 18.4,
    "agency_name": "Ủy ban nhân dân phường Bến Mẫu",
    "place_name": "Bến Mẫu",
}


def make_ward(ports: DemoPorts, size: DemoSize, session: Session) -> Scene:
    """Set the ward up as it stood when the program came into use, about fourteen months ago."""
    calendar = Calendar(ports.clock.now(), ports.clock.today())
    clock = DemoClock(calendar.at(calendar.day(SET_UP_AGO), 8))
    load_reference(session)
    dice = Random(f"{size.seed}|ward")
    ward = Ward(id=invent_id(dice, clock.now()), valid_from=min(FOUNDED, calendar.day(SET_UP_AGO)), **WARD)
    session.add(ward)
    session.flush()
    load_ward_plan(session, ward.id)
    codes = session.execute(select(Department.code, Department.id).where(Department.ward_id == ward.id))
    departments = {row.code: row.id for row in codes}
    record(session, AuditTag.WARD_SET_UP, actor=installation(ward.id), clock=clock, subject=ward.id, demo=True)
    staff = {member.slug: _employ(session, ward.id, member, departments, clock) for member in STAFF}
    groups = [_make_group(session, ward.id, number, dice, clock) for number in range(1, size.groups + 1)]
    _everybody_was_here_today(session, calendar)
    return Scene(
        ward_id=ward.id,
        size=size,
        ports=ports,
        calendar=calendar,
        clock=clock,
        groups=groups,
        staff=staff,
        departments=departments,
    )


def _employ(
    session: Session, ward_id: UUID, member: StaffMember, departments: dict[str, UUID], clock: DemoClock
) -> UUID:
    grant = NewGrant(role=member.role, department_id=departments.get(member.department), title=member.title)
    return _account(session, ward_id, (member.username, member.name), grant, clock)


def _account(session: Session, ward_id: UUID, person: tuple[str, str], grant: NewGrant, clock: DemoClock) -> UUID:
    """Make an account without a password: the ones that are printed get theirs at the end, by themselves."""
    username, name = person
    command = CreateAccount(
        ward_id=ward_id, username=username, display_name=name, grants=[grant], password_hash=UNUSABLE
    )
    return create_account(session, command, actor=None, clock=clock).account_id


def _make_group(session: Session, ward_id: UUID, number: int, dice: Random, clock: DemoClock) -> DemoGroup:
    group_id = invent_id(dice, clock.now())
    group = ResidentialGroup(
        ward_id=ward_id, id=group_id, code=f"{number:02d}", name=f"Tổ dân phố {number}", sort_key=number
    )
    session.add(group)
    session.flush()
    grant = NewGrant(role=Role.GROUP_HEAD, group_id=group_id, title="Tổ trưởng")
    head_id = _account(session, ward_id, (f"totruong{number:02d}", invent_name(dice)), grant, clock)
    return DemoGroup(id=group_id, number=number, traits=_traits(dice), head_id=head_id)


def _traits(dice: Random) -> GroupTraits:
    pull = dice.gauss(0, 0.33)
    first, second, third = levels.COVERAGE
    return GroupTraits(
        pull=pull,
        fibre_pull=0.5 * pull + dice.gauss(0, 0.4),
        pace=(dice.uniform(*first), dice.uniform(*second), third[0] + (third[1] - third[0]) * dice.betavariate(2.4, 2)),
    )


def _everybody_was_here_today(session: Session, calendar: Calendar) -> None:
    """Say that the accounts are in use: idle ones would be refused after 45 days (QCVN 12:2026)."""
    session.execute(update(Account).values(last_seen_at=calendar.now))
