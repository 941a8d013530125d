"""The indicator registry as one ward uses it: definitions, the age that counts, targets."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import JSON, ScalarSelect, Table, bindparam, func, select
from sqlalchemy.orm import Session

from webapp.core.adoption import IndicatorSource, IndicatorUnit, Target
from webapp.core.errors import NotFound
from webapp.models.accounts import Account
from webapp.models.adoption import Indicator, IndicatorSetting, IndicatorTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """One indicator. `adult_age` is the age that counts in this ward, None where age does not matter."""

    code: str
    name_vi: str
    name_en: str
    numerator_vi: str
    denominator_vi: str
    numerator_en: str
    denominator_en: str
    unit_name_vi: str
    adult_age: int | None
    source: IndicatorSource
    unit: IndicatorUnit
    plan_section: str
    is_optional: bool
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeVersion:
    """One version of a ward's choice of age."""

    version: int
    adult_age: int
    changed_at: dt.datetime
    changed_by: str


_INDICATOR: Final = cast("Table", Indicator.__table__)
_SETTING: Final = cast("Table", IndicatorSetting.__table__)
_NEWEST_AGE: Final = (
    select(_SETTING.c.adult_age)
    .where(_SETTING.c.ward_id == bindparam("ward"), _SETTING.c.indicator_code == _INDICATOR.c.code)
    .order_by(_SETTING.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_AGE: Final = func.coalesce(_NEWEST_AGE, _INDICATOR.c.adult_age).label("age")
_AGES: Final = select(_INDICATOR.c.code, _AGE).where(_INDICATOR.c.adult_age.is_not(None))
# The same as one JSON object {code: age}, for a statement that reads other things too; needs the parameter `ward`.
AGES_AS_JSON: Final[Mapping[str, ScalarSelect[Any]]] = {
    dialect: select(gather(_INDICATOR.c.code, _AGE, type_=JSON()))
    .where(_INDICATOR.c.adult_age.is_not(None))
    .scalar_subquery()
    for dialect, gather in (("sqlite", func.json_group_object), ("postgresql", func.json_object_agg))
}
_REGISTRY: Final = select(Indicator, _AGE).order_by(Indicator.sort_key, Indicator.code)
_TARGETS: Final = (
    select(IndicatorTarget)
    .where(IndicatorTarget.ward_id == bindparam("ward"))
    .order_by(IndicatorTarget.indicator_code, IndicatorTarget.year)
)


def adult_ages(session: Session, ward_id: UUID) -> dict[str, int]:
    """Give the age that counts in this ward, by indicator code, for core.adoption.measures_of. One statement."""
    return {row.code: row.age for row in session.execute(_AGES, {"ward": ward_id})}


def registry(session: Session, ward_id: UUID) -> list[IndicatorRow]:
    """Give all indicators in the order of the registry, with the ward's ages and targets. Two statements."""
    targets: dict[str, list[Target]] = defaultdict(list)
    for target in session.scalars(_TARGETS, {"ward": ward_id}):
        targets[target.indicator_code].append(
            Target(year=target.year, operator=target.operator, value=target.value, plan_section=target.plan_section)
        )
    return [
        _row(indicator, age, tuple(targets.get(indicator.code, ())))
        for indicator, age in session.execute(_REGISTRY, {"ward": ward_id})
    ]


def find_indicator(session: Session, ward_id: UUID, code: str) -> IndicatorRow:
    """Give one indicator. Raises NotFound."""
    for row in registry(session, ward_id):
        if row.code == code:
            return row
    raise NotFound


def age_versions(session: Session, ward_id: UUID, code: str) -> list[AgeVersion]:
    """Give the ward's choices of age for an indicator, newest first."""
    rows = session.execute(
        select(IndicatorSetting.version, IndicatorSetting.adult_age, IndicatorSetting.changed_at, Account.display_name)
        .outerjoin(Account, Account.id == IndicatorSetting.changed_by)
        .where(IndicatorSetting.ward_id == ward_id, IndicatorSetting.indicator_code == code)
        .order_by(IndicatorSetting.version.desc())
    )
    return [
        AgeVersion(version=version, adult_age=age, changed_at=at, changed_by=name or "")
        for version, age, at, name in rows
    ]


def _row(indicator: Indicator, age: int | None, targets: tuple[Target, ...]) -> IndicatorRow:
    return IndicatorRow(
        code=indicator.code,
        name_vi=indicator.name_vi,
        name_en=indicator.name_en,
        numerator_vi=indicator.numerator_vi,
        denominator_vi=indicator.denominator_vi,
        numerator_en=indicator.numerator_en,
        denominator_en=indicator.denominator_en,
        unit_name_vi=indicator.unit_name_vi,
        adult_age=age,
        source=indicator.source,
        unit=indicator.unit,
        plan_section=indicator.plan_section,
        is_optional=indicator.is_optional,
        targets=targets,
    )
