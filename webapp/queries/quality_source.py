"""What the quality checks read: each visit of a round once, without names, in chunks."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.export_rows import ExportedVisit, plain
from webapp.core.exports import ExportOrder
from webapp.core.ports import PersonalDataCipher
from webapp.core.quality import LONGEST_SECONDS, QualityVisit, TwinHousehold
from webapp.core.surveys import COUNTED, HouseholdStatus
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS
from webapp.models.households import Household
from webapp.models.surveys import SurveyRound
from webapp.queries.export_rows import stream_visits

PERSON_QUESTIONS: Final = (
    "sex",
    "age_band",
    "smartphone",
    "digital_id",
    "vneid_level",
    "digital_signature",
    "e_signature",
)
HOUSE_QUESTIONS: Final = ("fibre_covered", "fibre_connected", "fibre_speed", "iot_connections")
_OF_TOTALS: Final = {
    "smartphone": "smartphone_adults",
    "digital_id": "digital_id_residents",
    "vneid_level": "vneid_l2",
    "digital_signature": "digital_signature_adults",
    "e_signature": "esignature_adults",
}
# The moment of writing down is that of the visit only where the form was filled in at the door.
AT_THE_DOOR: Final = "form"


def quality_visits(
    session: Session, ward_id: UUID, round_id: UUID, *, cipher: PersonalDataCipher
) -> Iterator[QualityVisit]:
    """Give the counted visits of a round, each with the household's answers of the round before, as a key."""
    before = _previous_round(session, ward_id, round_id)
    last = _keys(session, ward_id, before, cipher) if before else {}
    for visit in stream_visits(session, ward_id, ExportOrder(round_id=round_id), cipher=cipher):
        if visit.stored.status in COUNTED:
            yield _quality_visit(visit, last)


def twin_households(session: Session, ward_id: UUID) -> list[TwinHousehold]:
    """Give active households that share name and address with another one. One statement."""
    same = (
        select(Household.identity_token, func.min(Household.number).label("least"))
        .where(Household.ward_id == ward_id, Household.status == HouseholdStatus.ACTIVE)
        .group_by(Household.identity_token)
        .having(func.count() > 1)
        .subquery()
    )
    rows = session.execute(
        select(Household.id, Household.group_id, Household.identity_token)
        .join(same, same.c.identity_token == Household.identity_token)
        .where(Household.ward_id == ward_id, Household.status == HouseholdStatus.ACTIVE)
        .order_by(Household.identity_token, Household.id)
    ).all()
    rings: dict[bytes, list[Any]] = {}
    for row in rows:
        rings.setdefault(row.identity_token, []).append(row)
    return [
        TwinHousehold(household_id=row.id, group_id=row.group_id, twin_id=ring[(n + 1) % len(ring)].id)
        for ring in rings.values()
        for n, row in enumerate(ring)
    ]


def households_by_group(session: Session, ward_id: UUID) -> dict[UUID, int]:
    """Count active households by group. One statement."""
    rows = session.execute(
        select(Household.group_id, func.count())
        .where(Household.ward_id == ward_id, Household.status == HouseholdStatus.ACTIVE)
        .group_by(Household.group_id)
    )
    return dict(rows.all())


def _previous_round(session: Session, ward_id: UUID, round_id: UUID) -> UUID | None:
    starts = select(SurveyRound.starts_on).where(SurveyRound.ward_id == ward_id, SurveyRound.id == round_id)
    return session.scalar(
        select(SurveyRound.id)
        .where(SurveyRound.ward_id == ward_id, SurveyRound.starts_on < starts.scalar_subquery())
        .order_by(SurveyRound.starts_on.desc(), SurveyRound.id.desc())
        .limit(1)
    )


def _keys(session: Session, ward_id: UUID, round_id: UUID, cipher: PersonalDataCipher) -> dict[UUID, str]:
    newest: dict[UUID, tuple[dt.date, dt.datetime, str]] = {}
    for visit in stream_visits(session, ward_id, ExportOrder(round_id=round_id), cipher=cipher):
        row = visit.stored
        if visit.interviewed and row.status in COUNTED:
            found = (row.visited_on, row.made_at, answers_key(visit))
            newest[row.household_id] = max(found, newest.get(row.household_id, found))
    return {household: key for household, (_day, _at, key) in newest.items()}


def answers_key(visit: ExportedVisit) -> str:
    """Give a short name of all answers but the note: the same answers have the same one in every round."""
    rest = {key: value for key, value in visit.stored.answers.items() if key != "note"}
    house = {name: plain(getattr(visit.stored, name)) for name in ANSWER_COLUMNS}
    adults = [[plain(getattr(line, name)) for name in ADULT_COLUMNS] for line in visit.lines]
    return hashlib.sha256(json.dumps([rest, house, adults], sort_keys=True).encode()).hexdigest()[:32]


def _quality_visit(visit: ExportedVisit, last: Mapping[UUID, str]) -> QualityVisit:
    row = visit.stored
    ids = {"visit_id": row.visit_id, "household_id": row.household_id, "group_id": row.group_id, "made_by": row.made_by}
    seconds, moment = _times(row)
    if not visit.interviewed:
        return QualityVisit(**ids, outcome=row.outcome.value, moment=moment)
    totals, minors = row.answers.get("totals"), row.answers.get("minors", ())
    asked, unknown = _unknown(visit, totals)
    return QualityVisit(
        **ids,
        outcome=row.outcome.value,
        asked=asked,
        unknown=unknown,
        residents=totals["residents"] if totals else len(visit.lines) + sum(line["count"] for line in minors),
        adults=totals["adults"] if totals else len(visit.lines),
        iot_connections=row.iot_connections,
        payment_accounts=row.payment_accounts,
        answers_key=answers_key(visit),
        last_key=last.get(row.household_id, ""),
        moment=moment,
        seconds=seconds,
    )


def _times(row: Any) -> tuple[float | None, dt.datetime | None]:  # noqa: ANN401 - a row of the stream
    """Give how long the form was open and when it was finished, as far as either can be believed."""
    seconds = None
    if row.started_at is not None and row.finished_at is not None:
        taken = (row.finished_at - row.started_at).total_seconds()
        seconds = taken if 0 <= taken <= LONGEST_SECONDS else None
    return seconds, row.finished_at or (row.made_at if row.source == AT_THE_DOOR else None)


def _unknown(visit: ExportedVisit, totals: Mapping[str, Any] | None) -> tuple[frozenset[str], frozenset[str]]:
    row = visit.stored
    if totals is not None:
        unknown = {name for name, total in _OF_TOTALS.items() if totals.get(total) is None}
        asked = set(_OF_TOTALS)
    else:
        asked = set(PERSON_QUESTIONS) if visit.lines else set()
        unknown = {name for name in asked if any(getattr(line, name) is None for line in visit.lines)}
    house = {name for name in HOUSE_QUESTIONS if name != "fibre_speed" or row.fibre_connected}
    return frozenset(asked | house), frozenset(unknown | {name for name in house if getattr(row, name) is None})
