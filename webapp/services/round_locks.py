"""Refusing what would change figures that have been closed or locked, for a round or for one group in it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from webapp.core.rounds import check_accepts, check_unlocked
from webapp.core.surveys import RoundStatus
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import RoundGroup, SurveyRound

Place = tuple[UUID, UUID]
"""Round and group."""


def check_places_unlocked(
    session: Session, ward_id: UUID, places: Collection[Place], *, subject: UUID | None = None
) -> None:
    """Refuse a change of visits that locked figures count, as moving or merging households would be.

    `places` are the rounds and groups of the visits. Hold the facts first (hold_facts), so that none is locked
    meanwhile. One statement. Raises RoundShut.
    """
    for of_round, of_group in _states(session, ward_id, places):
        check_unlocked(of_round, of_group, subject=subject)


def check_groups_accept(
    session: Session, ward_id: UUID, round_id: UUID, group_ids: Collection[UUID], *, subject: UUID | None = None
) -> None:
    """Refuse visits for a round in which one of the groups takes none. One statement. Raises RoundShut."""
    for of_round, of_group in _states(session, ward_id, [(round_id, group_id) for group_id in group_ids]):
        check_accepts(of_round, of_group, subject=subject)


def _states(session: Session, ward_id: UUID, places: Collection[Place]) -> list[tuple[RoundStatus, RoundStatus | None]]:
    if not places:
        return []
    rows = session.execute(
        select(SurveyRound.status, RoundGroup.status.label("group_status"))
        .join(ResidentialGroup, ResidentialGroup.ward_id == SurveyRound.ward_id)
        .outerjoin(
            RoundGroup,
            and_(
                RoundGroup.ward_id == SurveyRound.ward_id,
                RoundGroup.round_id == SurveyRound.id,
                RoundGroup.group_id == ResidentialGroup.id,
            ),
        )
        .where(
            SurveyRound.ward_id == ward_id,
            tuple_(SurveyRound.id, ResidentialGroup.id).in_(sorted(set(places))),
        )
    )
    return [(row.status, row.group_status) for row in rows]
