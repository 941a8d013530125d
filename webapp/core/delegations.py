"""Signing for somebody else (Decree 30, Art 13): KT., TL. and TUQ. rest on a written, time-limited delegation."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from webapp.core.access import Role
from webapp.core.documents import SigningCapacity
from webapp.core.errors import N_, Problem

NEEDS_DELEGATION: Final = frozenset({SigningCapacity.KT, SigningCapacity.TL, SigningCapacity.TUQ})
LONGEST: Final = dt.timedelta(days=5 * 366)
"""A term of office; Art 13.3 asks for a limit and names none."""


class DelegationState(StrEnum):
    """Where a delegation stands on a day."""

    COMING = "coming"
    HOLDS = "holds"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Who signs for whom. Days are the ward's and count to their end; no `type_codes` means every type of document."""

    id: UUID
    delegate_id: UUID
    capacity: SigningCapacity
    principal: str
    starts_on: dt.date
    ends_on: dt.date
    basis: str
    type_codes: frozenset[str] = frozenset()
    ended_on: dt.date | None = None

    def state(self, day: dt.date) -> DelegationState:
        """Tell where it stands."""
        if self.ended_on is not None and self.ended_on <= day:
            return DelegationState.ENDED
        if day < self.starts_on:
            return DelegationState.COMING
        return DelegationState.HOLDS if day <= self.ends_on else DelegationState.EXPIRED

    def covers(self, type_code: str) -> bool:
        """Tell whether it is for this type of document."""
        return not self.type_codes or type_code in self.type_codes


def find_delegation(
    known: Sequence[Delegation], capacity: SigningCapacity, type_code: str, day: dt.date
) -> Delegation | Problem:
    """Give the delegation of one person that holds on the day, or say why none does."""
    mine = [one for one in known if one.capacity is capacity]
    holding = [one for one in mine if one.state(day) is DelegationState.HOLDS]
    for one in holding:
        if one.covers(type_code):
            return one
    if holding:
        return _problem(N_("%(basis)s không giao ký loại văn bản này (%(capacity)s)."), holding[0], capacity)
    states = {one.state(day): one for one in sorted(mine, key=lambda one: one.ends_on)}
    if ended := states.get(DelegationState.ENDED):
        return _problem(
            N_("%(basis)s đã được cho thôi từ ngày %(day)s nên không còn ký %(capacity)s được."),
            ended,
            capacity,
            ended.ended_on,
        )
    if expired := states.get(DelegationState.EXPIRED):
        return _problem(
            N_("%(basis)s đã hết hạn ngày %(day)s nên không còn ký %(capacity)s được. Cần văn bản giao ký mới."),
            expired,
            capacity,
            expired.ends_on,
        )
    if coming := states.get(DelegationState.COMING):
        return _problem(
            N_("%(basis)s đến ngày %(day)s mới có hiệu lực nên chưa ký %(capacity)s được."),
            coming,
            capacity,
            coming.starts_on,
        )
    message = N_(
        "Người ký chưa có văn bản giao ký %(capacity)s trong sổ ủy quyền ký. Văn thư cần ghi văn bản đó vào sổ trước."
    )
    return Problem("capacity", message, {"capacity": capacity.value})


def capacity_problem(capacity: SigningCapacity, roles: frozenset[Role]) -> Problem | None:
    """Check TM. and Q. against the role: only leaders sign for the committee or as acting head."""
    if capacity not in {SigningCapacity.TM, SigningCapacity.Q} or Role.LEADER in roles:
        return None
    message = N_("Chỉ lãnh đạo phường ký %(capacity)s; hãy chọn quyền hạn ký khác hoặc người ký khác.")
    return Problem("capacity", message, {"capacity": capacity.value})


def _problem(message: str, one: Delegation, capacity: SigningCapacity, day: dt.date | None = None) -> Problem:
    told = f"{day:%d/%m/%Y}" if day else ""
    return Problem("capacity", message, {"basis": one.basis, "capacity": capacity.value, "day": told})
