"""Reading rows of adoption_fact, never visits.

Every function issues one statement over rows by indicator and group, so its cost does not depend on how many households
the ward has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.adoption import Measure, PeriodKind
from webapp.core.facts import ALL_KEY
from webapp.models.adoption import AdoptionFact

_SUMS: Final = (
    func.sum(AdoptionFact.numerator),
    func.sum(AdoptionFact.denominator),
    func.sum(AdoptionFact.asked),
)


def until(day: dt.date, today: dt.date) -> ColumnElement[bool]:
    """Select the changes up to `day`: whole months before, then days; everything when the day is not past."""
    fact = AdoptionFact
    if day >= today:
        return and_(fact.period_kind == PeriodKind.ALL, fact.period_key == ALL_KEY)
    text = day.isoformat()
    return or_(
        and_(fact.period_kind == PeriodKind.MONTH, fact.period_key < text[:7]),
        and_(fact.period_kind == PeriodKind.DAY, fact.period_key >= f"{text[:7]}-01", fact.period_key <= text),
    )


def measures_as_of(
    session: Session, ward_id: UUID, day: dt.date, today: dt.date, *, group_id: UUID | None = None
) -> dict[str, Measure]:
    """Give the counts by indicator code on `day`, of the ward or of one group. One statement."""
    fact = AdoptionFact
    conditions = [fact.ward_id == ward_id, until(day, today)]
    if group_id is not None:
        conditions.append(fact.group_id == group_id)
    rows = session.execute(select(fact.indicator_code, *_SUMS).where(*conditions).group_by(fact.indicator_code))
    return {code: Measure(int(n), int(d), int(asked)) for code, n, d, asked in rows}


def group_measures_as_of(
    session: Session, ward_id: UUID, day: dt.date, today: dt.date, *, codes: Collection[str]
) -> dict[str, dict[UUID, Measure]]:
    """Give the counts by indicator code and group on `day`. One statement."""
    fact = AdoptionFact
    found: dict[str, dict[UUID, Measure]] = defaultdict(dict)
    rows = session.execute(
        select(fact.indicator_code, fact.group_id, *_SUMS)
        .where(fact.ward_id == ward_id, until(day, today), fact.indicator_code.in_(sorted(codes)))
        .group_by(fact.indicator_code, fact.group_id)
    )
    for code, group_id, n, d, asked in rows:
        found[code][group_id] = Measure(int(n), int(d), int(asked))
    return found


def round_measures(
    session: Session, ward_id: UUID, round_id: UUID, *, group_id: UUID | None = None
) -> dict[str, Measure]:
    """Give the state of one round by indicator code, of the ward or of one group. One statement."""
    fact = AdoptionFact
    conditions = [
        fact.ward_id == ward_id,
        fact.period_kind == PeriodKind.ROUND,
        fact.period_key == str(round_id),
    ]
    if group_id is not None:
        conditions.append(fact.group_id == group_id)
    rows = session.execute(select(fact.indicator_code, *_SUMS).where(*conditions).group_by(fact.indicator_code))
    return {code: Measure(int(n), int(d), int(asked)) for code, n, d, asked in rows}


def measures_by_round(
    session: Session, ward_id: UUID, code: str, *, group_id: UUID | None = None
) -> dict[str, Measure]:
    """Give the state of every round for one indicator, by the round's id as text. One statement."""
    fact = AdoptionFact
    conditions = [fact.ward_id == ward_id, fact.period_kind == PeriodKind.ROUND, fact.indicator_code == code]
    if group_id is not None:
        conditions.append(fact.group_id == group_id)
    rows = session.execute(select(fact.period_key, *_SUMS).where(*conditions).group_by(fact.period_key))
    return {key: Measure(int(n), int(d), int(asked)) for key, n, d, asked in rows}


def changes_of(session: Session, ward_id: UUID, code: str) -> list[tuple[str, Measure]]:
    """Give the changes of one indicator by month (`2026-11`), oldest first. One statement."""
    fact = AdoptionFact
    rows = session.execute(
        select(fact.period_key, *_SUMS)
        .where(fact.ward_id == ward_id, fact.period_kind == PeriodKind.MONTH, fact.indicator_code == code)
        .group_by(fact.period_key)
        .order_by(fact.period_key)
    )
    return [(key, Measure(int(n), int(d), int(asked))) for key, n, d, asked in rows]
