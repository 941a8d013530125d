"""Residential groups: created, renamed and merged by the People's Council, so they are data (domain.md §2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.groups import GroupLine
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import clean, fold
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.services.audit import record


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """What a group is called and where it stands in lists. `population` is persons; None: not known."""

    group_id: UUID
    code: str
    name: str
    sort_key: int
    population: int | None


def create_groups(session: Session, lines: Sequence[GroupLine], *, actor: Actor, clock: Clock) -> list[UUID]:
    """Create groups behind the ward's last one. Raises InvalidInput when a code or name is taken; all or none."""
    require(actor, Permission.GROUP_MANAGE)
    known = session.execute(
        select(ResidentialGroup.code, ResidentialGroup.name).where(ResidentialGroup.ward_id == actor.ward_id)
    ).all()
    codes, names = {row.code for row in known}, {fold(row.name) for row in known}
    problems = [
        Problem("groups", N_("Tổ “%(name)s” (mã %(code)s) đã có trong phường."), {"name": line.name, "code": line.code})
        for line in lines
        if line.code in codes or fold(line.name) in names
    ]
    if problems:
        raise InvalidInput(problems[:10])
    last = session.scalar(select(func.max(ResidentialGroup.sort_key)).where(ResidentialGroup.ward_id == actor.ward_id))
    rows = [
        ResidentialGroup(
            ward_id=actor.ward_id,
            id=new_id(),
            code=line.code,
            name=line.name,
            sort_key=(last or 0) + place,
            population=line.population,
        )
        for place, line in enumerate(lines, 1)
    ]
    session.add_all(rows)
    session.flush()
    record(session, AuditTag.GROUP_CHANGE, actor=actor, clock=clock, created=[line.code for line in lines])
    return [row.id for row in rows]


def change_group(session: Session, command: ChangeGroup, *, actor: Actor, clock: Clock) -> None:
    """Correct code, name, order or population. Raises InvalidInput, NotFound."""
    require(actor, Permission.GROUP_MANAGE)
    group = _load(session, actor.ward_id, command.group_id)
    code, name = clean(command.code), clean(command.name)
    _check_change(session, group, code=code, name=name, population=command.population)
    changed = [field for field, old, new in (("code", group.code, code), ("name", group.name, name)) if old != new]
    group.code, group.name, group.sort_key, group.population = code, name, command.sort_key, command.population
    record(session, AuditTag.GROUP_CHANGE, actor=actor, clock=clock, subject=group.id, changed=changed)


def _check_change(session: Session, group: ResidentialGroup, *, code: str, name: str, population: int | None) -> None:
    problems = []
    if not code or len(code) > 20:
        problems.append(Problem("code", N_("Hãy nhập mã tổ, dài nhất 20 ký tự.")))
    if not name or len(name) > 120:
        problems.append(Problem("name", N_("Hãy nhập tên tổ, dài nhất 120 ký tự.")))
    if population is not None and population < 0:
        problems.append(Problem("population", N_("Số dân không thể nhỏ hơn 0.")))
    others = session.execute(
        select(ResidentialGroup.code, ResidentialGroup.name).where(
            ResidentialGroup.ward_id == group.ward_id, ResidentialGroup.id != group.id
        )
    ).all()
    if any(other.code == code for other in others):
        problems.append(Problem("code", N_("Mã này đã dùng cho tổ khác.")))
    if any(fold(other.name) == fold(name) for other in others):
        problems.append(Problem("name", N_("Tên này đã dùng cho tổ khác.")))
    if problems:
        raise InvalidInput(problems)


def set_group_active(session: Session, group_id: UUID, *, active: bool, actor: Actor, clock: Clock) -> None:
    """Close a group that has no household any more, or open it again. Raises WrongState, NotFound."""
    require(actor, Permission.GROUP_MANAGE)
    group = _load(session, actor.ward_id, group_id)
    if not active:
        lived_in = exists().where(
            Household.ward_id == actor.ward_id,
            Household.group_id == group_id,
            Household.status == HouseholdStatus.ACTIVE,
        )
        if session.scalar(select(lived_in)):
            raise WrongState(N_("Tổ này còn hộ đang ở. Hãy chuyển các hộ sang tổ khác trước khi ngừng dùng tổ."))
    group.is_active = active
    record(session, AuditTag.GROUP_CHANGE, actor=actor, clock=clock, subject=group_id, active=active)


def _load(session: Session, ward_id: UUID, group_id: UUID) -> ResidentialGroup:
    group = session.get(ResidentialGroup, (ward_id, group_id), with_for_update=True)
    if group is None:
        raise NotFound
    return group
