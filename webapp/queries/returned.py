"""Visits that were sent back and wait for whoever visits the household."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import RoundStatus, VisitStatus
from webapp.models.households import Household
from webapp.models.surveys import RoundGroup, SurveyRound, Visit

RETURNED_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedVisit:
    """A visit to mend; `field` as core.return_fields names it. The name is for the screen, never for a log."""

    visit_id: UUID
    number: int
    head_name: str
    round_name: str
    field: str
    reason: str


def returned_visits(
    session: Session, ward_id: UUID, group_ids: Collection[UUID], *, cipher: PersonalDataCipher
) -> list[ReturnedVisit]:
    """Give visits sent back that can be mended now: round and group are open. One statement, at most ten rows."""
    rows = session.execute(
        select(
            Visit.id,
            Visit.return_field,
            Visit.return_reason,
            Household.number,
            Household.head_name,
            SurveyRound.name.label("round_name"),
        )
        .join(SurveyRound, and_(SurveyRound.ward_id == Visit.ward_id, SurveyRound.id == Visit.round_id))
        .join(Household, and_(Household.ward_id == Visit.ward_id, Household.id == Visit.household_id))
        .outerjoin(
            RoundGroup,
            and_(
                RoundGroup.ward_id == Visit.ward_id,
                RoundGroup.round_id == Visit.round_id,
                RoundGroup.group_id == Visit.group_id,
            ),
        )
        .where(
            Visit.ward_id == ward_id,
            SurveyRound.status == RoundStatus.OPEN,
            or_(RoundGroup.status.is_(None), RoundGroup.status == RoundStatus.OPEN),
            Visit.group_id.in_(group_ids),
            Visit.status == VisitStatus.NEEDS_CORRECTION,
        )
        .order_by(Household.number, Visit.id)
        .limit(RETURNED_MOST)
    )
    return [
        ReturnedVisit(
            visit_id=row.id,
            number=row.number,
            head_name=cipher.decrypt(ward_id, row.head_name),
            round_name=row.round_name,
            field=row.return_field,
            reason=row.return_reason,
        )
        for row in rows
    ]
