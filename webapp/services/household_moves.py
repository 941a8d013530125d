"""Which visits go along when a household changes its group."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from webapp.core.rounds import standing
from webapp.core.surveys import RoundStatus, VisitStatus
from webapp.models.surveys import RoundGroup, SurveyRound, Visit


def take_visits_along(
    session: Session, ward_id: UUID, household_ids: Collection[UUID], group_id: UUID
) -> list[dict[str, str]]:
    """Give the visits of rounds that still run, and those waiting for a correction, to the new group.

    A round or group that is closed keeps its counted visits, a locked one keeps all. Gives where they stood before.
    """
    old, new = aliased(RoundGroup), aliased(RoundGroup)
    rows = session.execute(
        select(
            Visit.id,
            Visit.household_id,
            Visit.group_id,
            Visit.status,
            SurveyRound.status.label("of_round"),
            old.status.label("of_old"),
            new.status.label("of_new"),
        )
        .join(SurveyRound, and_(SurveyRound.ward_id == Visit.ward_id, SurveyRound.id == Visit.round_id))
        .outerjoin(
            old,
            and_(old.ward_id == Visit.ward_id, old.round_id == Visit.round_id, old.group_id == Visit.group_id),
        )
        .outerjoin(new, and_(new.ward_id == Visit.ward_id, new.round_id == Visit.round_id, new.group_id == group_id))
        .where(
            Visit.ward_id == ward_id,
            Visit.household_id.in_(household_ids),
            Visit.group_id != group_id,
            or_(SurveyRound.status == RoundStatus.OPEN, Visit.status == VisitStatus.NEEDS_CORRECTION),
        )
    ).all()
    going = [row for row in rows if _goes(row.status, standing(row.of_round, row.of_old), row.of_round, row.of_new)]
    if going:
        session.execute(
            update(Visit)
            .where(Visit.ward_id == ward_id, Visit.id.in_([row.id for row in going]))
            .values(group_id=group_id)
            .execution_options(synchronize_session=False)
        )
    return [{"visit": x.id.hex, "household": x.household_id.hex, "group": x.group_id.hex} for x in going]


def _goes(status: VisitStatus, here: RoundStatus, of_round: RoundStatus, of_new: RoundStatus | None) -> bool:
    there = standing(of_round, of_new)
    if status is VisitStatus.NEEDS_CORRECTION:
        return RoundStatus.LOCKED not in {here, there}
    return here is RoundStatus.OPEN and there is RoundStatus.OPEN
