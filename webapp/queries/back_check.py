"""Samples for a second interview: lists, the walk, and first beside second answers for the report."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from webapp.core.access import PERMISSION_MAP, Permission
from webapp.core.back_check import KeyAnswers
from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import VisitOutcome
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS, answers_from
from webapp.models.accounts import Account, RoleGrant
from webapp.models.back_check import BackCheck, BackCheckVisit
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import AdultLineRow, VisitRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One draw with how far it is."""

    check_id: UUID
    round_id: UUID
    seed: int
    wanted: int
    percent: bool
    population: int
    drawn_at: dt.datetime
    size: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A visit of a sample, without any answer of the first visit. Name and address: for the walk only."""

    check_id: UUID
    visit_id: UUID
    number: int
    group_id: UUID
    group_name: str
    household_number: int
    head_name: str
    address: str
    assigned_to: UUID | None
    assigned_name: str
    outcome: VisitOutcome | None
    answered_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """First and second answers of a visit that was asked again."""

    visit_id: UUID
    group_id: UUID
    group_name: str
    household_number: int
    made_by: UUID | None
    made_name: str
    first: KeyAnswers
    second: KeyAnswers


def list_checks(session: Session, ward_id: UUID, round_id: UUID) -> list[CheckRow]:
    """Give the draws of a round, the newest first. One statement."""
    rows = session.execute(
        _checks(ward_id).where(BackCheck.round_id == round_id).order_by(BackCheck.drawn_at.desc(), BackCheck.id.desc())
    )
    return [_check(row) for row in rows]


def get_check(session: Session, ward_id: UUID, check_id: UUID) -> CheckRow | None:
    """Find a draw of the ward. One statement."""
    row = session.execute(_checks(ward_id).where(BackCheck.id == check_id)).one_or_none()
    return None if row is None else _check(row)


def list_sample(
    session: Session,
    ward_id: UUID,
    *,
    cipher: PersonalDataCipher,
    check_id: UUID | None = None,
    assigned_to: UUID | None = None,
) -> list[SampleRow]:
    """Give the visits of a sample, or what one person has to ask, by group and list number. One statement."""
    wanted = _sample(ward_id)
    if check_id is not None:
        wanted = wanted.where(BackCheckVisit.check_id == check_id)
    if assigned_to is not None:
        wanted = wanted.where(BackCheckVisit.assigned_to == assigned_to)
    order = (ResidentialGroup.sort_key, ResidentialGroup.code, Household.number)
    return [_sample_row(row, ward_id, cipher) for row in session.execute(wanted.order_by(*order))]


def back_checkers(session: Session, ward_id: UUID) -> dict[UUID, str]:
    """Give the people who may ask again, by name. One statement."""
    roles = [role for role, permissions in PERMISSION_MAP.items() if Permission.BACK_CHECK in permissions]
    rows = session.execute(
        select(Account.id, Account.display_name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.ward_id == ward_id,
            RoleGrant.revoked_at.is_(None),
            RoleGrant.role.in_(roles),
            Account.disabled_at.is_(None),
        )
        .distinct()
        .order_by(Account.display_name)
    )
    return dict(rows.all())


def list_compared(session: Session, ward_id: UUID, check_id: UUID) -> list[ComparedRow]:
    """Give first beside second answers for every household that was met again. Two statements."""
    this = (BackCheckVisit.ward_id == ward_id, BackCheckVisit.check_id == check_id)
    met = (*this, BackCheckVisit.outcome == VisitOutcome.INTERVIEWED)
    rows = session.execute(
        select(
            BackCheckVisit.visit_id,
            BackCheckVisit.group_id,
            BackCheckVisit.answers.label("second"),
            ResidentialGroup.name.label("group_name"),
            Household.number,
            VisitRevision.made_by,
            Account.display_name,
            VisitRevision.answers,
            *(getattr(VisitRevision, name) for name in ANSWER_COLUMNS),
        )
        .join(VisitRevision, _first_answers())
        .join(Household, and_(Household.ward_id == ward_id, Household.id == BackCheckVisit.household_id))
        .join(
            ResidentialGroup, and_(ResidentialGroup.ward_id == ward_id, ResidentialGroup.id == BackCheckVisit.group_id)
        )
        .outerjoin(Account, Account.id == VisitRevision.made_by)
        .where(*met)
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code, Household.number)
    ).all()
    lines = _lines(session, met)
    return [
        ComparedRow(
            visit_id=row.visit_id,
            group_id=row.group_id,
            group_name=row.group_name,
            household_number=row.number,
            made_by=row.made_by,
            made_name=row.display_name or "",
            first=KeyAnswers.of(answers_from(row.answers, row, lines.get(row.visit_id, ()))),
            second=KeyAnswers.from_json(row.second),
        )
        for row in rows
    ]


def _first_answers() -> Any:  # noqa: ANN401 - a condition
    return and_(
        VisitRevision.ward_id == BackCheckVisit.ward_id,
        VisitRevision.visit_id == BackCheckVisit.visit_id,
        VisitRevision.number == BackCheckVisit.revision,
    )


def _lines(session: Session, met: Sequence[Any]) -> dict[UUID, list[Row[*tuple[Any, ...]]]]:
    rows = session.execute(
        select(AdultLineRow.visit_id, *(getattr(AdultLineRow, name) for name in ADULT_COLUMNS))
        .join(
            BackCheckVisit,
            and_(
                BackCheckVisit.ward_id == AdultLineRow.ward_id,
                BackCheckVisit.visit_id == AdultLineRow.visit_id,
                BackCheckVisit.revision == AdultLineRow.revision,
            ),
        )
        .where(*met)
        .order_by(AdultLineRow.visit_id, AdultLineRow.line)
    )
    found: dict[UUID, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        found.setdefault(row.visit_id, []).append(row)
    return found


def _checks(ward_id: UUID) -> Select[*tuple[Any, ...]]:
    of_check = and_(BackCheckVisit.ward_id == BackCheck.ward_id, BackCheckVisit.check_id == BackCheck.id)
    return select(
        BackCheck.id.label("check_id"),
        BackCheck.round_id,
        BackCheck.seed,
        BackCheck.wanted,
        BackCheck.percent,
        BackCheck.population,
        BackCheck.drawn_at,
        select(func.count()).select_from(BackCheckVisit).where(of_check).scalar_subquery().label("size"),
        select(func.count(BackCheckVisit.answered_at)).where(of_check).scalar_subquery().label("answered"),
    ).where(BackCheck.ward_id == ward_id)


def _check(row: Row[*tuple[Any, ...]]) -> CheckRow:
    return CheckRow(**row._asdict())


def _sample(ward_id: UUID) -> Select[*tuple[Any, ...]]:
    names = ("check_id", "visit_id", "number", "group_id", "assigned_to", "outcome", "answered_at")
    return (
        select(
            *(getattr(BackCheckVisit, name) for name in names),
            Household.number.label("household_number"),
            Household.head_name,
            Household.address,
            ResidentialGroup.name.label("group_name"),
            Account.display_name,
        )
        .join(Household, and_(Household.ward_id == ward_id, Household.id == BackCheckVisit.household_id))
        .join(
            ResidentialGroup, and_(ResidentialGroup.ward_id == ward_id, ResidentialGroup.id == BackCheckVisit.group_id)
        )
        .outerjoin(Account, Account.id == BackCheckVisit.assigned_to)
        .where(BackCheckVisit.ward_id == ward_id)
    )


def _sample_row(row: Row[*tuple[Any, ...]], ward_id: UUID, cipher: PersonalDataCipher) -> SampleRow:
    values = row._asdict()
    values["assigned_name"] = values.pop("display_name") or ""
    values["head_name"] = cipher.decrypt(ward_id, row.head_name)
    values["address"] = cipher.decrypt(ward_id, row.address)
    return SampleRow(**values)
