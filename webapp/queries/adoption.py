"""What the pages of adoption read: the registry, targets and facts, never visits.

Every function issues a fixed number of statements and reads rows by indicator and group, so its cost does not depend on
how many households the ward has.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.models.adoption import Indicator, IndicatorSetting

_NEWEST_AGE: Final = (
    select(IndicatorSetting.adult_age)
    .where(IndicatorSetting.ward_id == bindparam("ward"), IndicatorSetting.indicator_code == Indicator.code)
    .order_by(IndicatorSetting.version.desc())
    .limit(1)
    .scalar_subquery()
)
_AGES: Final = select(Indicator.code, func.coalesce(_NEWEST_AGE, Indicator.adult_age).label("adult_age")).where(
    Indicator.adult_age.is_not(None)
)


def adult_ages(session: Session, ward_id: UUID) -> dict[str, int]:
    """Give the age that counts in this ward, by indicator code, for core.adoption.measures_of. One statement."""
    return {row.code: row.adult_age for row in session.execute(_AGES, {"ward": ward_id})}
