"""All that a phone needs without signal: its groups' households, what they said before, and this round's visits.

The number of statements does not depend on the number of households.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CTE, Row, Select, Table, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import COUNTED, Answers, HouseholdStatus, RoundStatus, VisitOutcome, VisitStatus
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS, answers_from, receipt_code
from webapp.models.accounts import RoleGrant
from webapp.models.households import Household, HouseholdAssignment
from webapp.models.surveys import AdultLineRow, RoundGroup, SurveyRound, Visit, VisitRevision
from webapp.queries.grants import live_grant
from webapp.queries.surveys import RoundRow

_HOUSEHOLD, _ASSIGNED, _VISIT, _REVISION, _LINE = (
    cast("Table", mapped.__table__) for mapped in (Household, HouseholdAssignment, Visit, VisitRevision, AdultLineRow)
)
_ROUND, _ROUND_GROUP, _GRANT = (cast("Table", mapped.__table__) for mapped in (SurveyRound, RoundGroup, RoleGrant))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneScope:
    """Whose phone asks, when, and for which groups."""

    ward_id: UUID
    account_id: UUID
    group_ids: Collection[UUID]
    now: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNow:
    """The newest visit of a household in the current round, with what it says."""

    visit_id: UUID
    round_id: UUID
    revision: int
    status: VisitStatus
    outcome: VisitOutcome
    visited_on: dt.date
    return_reason: str
    return_field: str
    sha256: str
    answers: Answers | None
    extra: dict[str, Any]

    @property
    def code(self) -> str:
        """Give the receipt's short code."""
        return receipt_code(self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneHousehold:
    """A household as a phone keeps it: decrypted, so for the answer only and never for a log."""

    household_id: UUID
    group_id: UUID
    number: int
    head_name: str
    address: str
    mine: bool
    last: Answers | None
    visit: VisitNow | None


_OF_GROUPS: Final = and_(
    _HOUSEHOLD.c.ward_id == bindparam("ward"),
    _HOUSEHOLD.c.group_id.in_(bindparam("groups", expanding=True)),
    _HOUSEHOLD.c.status == HouseholdStatus.ACTIVE,
)
# Who is no longer a head of the group is not assigned any more: the household is everybody's again.
_STILL_HEAD: Final = exists().where(
    _GRANT.c.ward_id == _ASSIGNED.c.ward_id,
    _GRANT.c.account_id == _ASSIGNED.c.account_id,
    _GRANT.c.group_id == _ASSIGNED.c.group_id,
    live_grant(_GRANT),
)
_HOUSEHOLDS: Final = (
    select(
        _HOUSEHOLD.c.id,
        _HOUSEHOLD.c.group_id,
        _HOUSEHOLD.c.number,
        _HOUSEHOLD.c.head_name,
        _HOUSEHOLD.c.address,
        _ASSIGNED.c.account_id,
    )
    .select_from(_HOUSEHOLD)
    .outerjoin(
        _ASSIGNED,
        and_(
            _ASSIGNED.c.ward_id == _HOUSEHOLD.c.ward_id,
            _ASSIGNED.c.household_id == _HOUSEHOLD.c.id,
            _ASSIGNED.c.group_id == _HOUSEHOLD.c.group_id,
            _STILL_HEAD,
        ),
    )
    .where(_OF_GROUPS)
    .order_by(_HOUSEHOLD.c.group_id, _HOUSEHOLD.c.number)
)


def _newest(visits: Select[*tuple[Any, ...]]) -> CTE:
    """Choose the newest visit of each household."""
    place = func.row_number().over(
        partition_by=_VISIT.c.household_id,
        order_by=(_VISIT.c.visited_on.desc(), _VISIT.c.submitted_at.desc(), _VISIT.c.id.desc()),
    )
    ranked = visits.add_columns(place.label("place")).subquery("ranked")
    return select(*(column for column in ranked.c if column.name != "place")).where(ranked.c.place == 1).cte("newest")


_VISITS: Final = (
    select(
        _VISIT.c.ward_id,
        _VISIT.c.id,
        _VISIT.c.round_id,
        _VISIT.c.household_id,
        _VISIT.c.status,
        _VISIT.c.revision,
        _VISIT.c.return_reason,
        _VISIT.c.return_field,
    )
    .join(_HOUSEHOLD, and_(_HOUSEHOLD.c.ward_id == _VISIT.c.ward_id, _HOUSEHOLD.c.id == _VISIT.c.household_id))
    .where(_OF_GROUPS)
)
_NOW: Final = _newest(_VISITS.where(_VISIT.c.round_id == bindparam("round")))
_BEFORE: Final = _newest(
    _VISITS.join(_ROUND, and_(_ROUND.c.ward_id == _VISIT.c.ward_id, _ROUND.c.id == _VISIT.c.round_id)).where(
        _ROUND.c.starts_on < bindparam("before"),
        _VISIT.c.outcome == VisitOutcome.INTERVIEWED,
        _VISIT.c.status.in_(sorted(COUNTED)),
    )
)


def _said(newest: CTE) -> Select[*tuple[Any, ...]]:
    return select(
        *newest.c,
        *(_REVISION.c[name] for name in ("outcome", "visited_on", "sha256", "answers", "extra", *ANSWER_COLUMNS)),
    ).join(
        _REVISION,
        and_(
            _REVISION.c.ward_id == newest.c.ward_id,
            _REVISION.c.visit_id == newest.c.id,
            _REVISION.c.number == newest.c.revision,
        ),
    )


def _lines(newest: CTE) -> Select[*tuple[Any, ...]]:
    return (
        select(_LINE.c.visit_id, *(_LINE.c[name] for name in ADULT_COLUMNS))
        .join(
            newest,
            and_(
                _LINE.c.ward_id == newest.c.ward_id,
                _LINE.c.visit_id == newest.c.id,
                _LINE.c.revision == newest.c.revision,
            ),
        )
        .order_by(_LINE.c.visit_id, _LINE.c.line)
    )


# What is said in this round, and what was said before; each with its adult lines. Made once.
_NOW_SAID, _NOW_LINES, _BEFORE_SAID, _BEFORE_LINES = _said(_NOW), _lines(_NOW), _said(_BEFORE), _lines(_BEFORE)


def phone_households(
    session: Session,
    of: PhoneScope,
    *,
    current: RoundRow | None,
    cipher: PersonalDataCipher,
) -> list[PhoneHousehold]:
    """Give the active households of groups, by group and number. Five statements (one without a current round)."""
    ward_id = of.ward_id
    values: dict[str, Any] = {"ward": ward_id, "groups": sorted(of.group_ids)}
    found = session.execute(_HOUSEHOLDS, values | {"now": of.now}).all()
    visits: dict[UUID, VisitNow] = {}
    last: dict[UUID, Answers | None] = {}
    if current is not None:
        now = values | {"round": current.round_id}
        lines = _by_visit(session.execute(_NOW_LINES, now))
        visits = {row.household_id: _visit(row, lines[row.id]) for row in session.execute(_NOW_SAID, now)}
        before = values | {"before": current.starts_on}
        lines = _by_visit(session.execute(_BEFORE_LINES, before))
        last = {row.household_id: _answers(row, lines[row.id]) for row in session.execute(_BEFORE_SAID, before)}
    return [
        PhoneHousehold(
            household_id=row.id,
            group_id=row.group_id,
            number=row.number,
            head_name=cipher.decrypt(ward_id, row.head_name),
            address=cipher.decrypt(ward_id, row.address),
            mine=row.account_id in {None, of.account_id},
            last=last.get(row.id),
            visit=visits.get(row.id),
        )
        for row in found
    ]


_Rows = list[Row[*tuple[Any, ...]]]


def _by_visit(rows: Iterable[Row[*tuple[Any, ...]]]) -> defaultdict[UUID, _Rows]:
    found: defaultdict[UUID, _Rows] = defaultdict(list)
    for row in rows:
        found[row.visit_id].append(row)
    return found


def _answers(row: Row[*tuple[Any, ...]], lines: _Rows) -> Answers | None:
    return answers_from(row.answers, row, lines) if row.outcome is VisitOutcome.INTERVIEWED else None


def _visit(row: Row[*tuple[Any, ...]], lines: _Rows) -> VisitNow:
    return VisitNow(
        visit_id=row.id,
        round_id=row.round_id,
        revision=row.revision,
        status=row.status,
        outcome=row.outcome,
        visited_on=row.visited_on,
        return_reason=row.return_reason,
        return_field=row.return_field,
        sha256=row.sha256,
        answers=_answers(row, lines),
        extra=row.extra or {},
    )


def group_states(session: Session, of: PhoneScope) -> dict[tuple[UUID, UUID], RoundStatus]:
    """Give the state of groups that ran ahead of a round, by round and group. One statement."""
    rows = session.execute(
        select(_ROUND_GROUP.c.round_id, _ROUND_GROUP.c.group_id, _ROUND_GROUP.c.status).where(
            _ROUND_GROUP.c.ward_id == of.ward_id, _ROUND_GROUP.c.group_id.in_(of.group_ids)
        )
    )
    return {(row.round_id, row.group_id): row.status for row in rows}
