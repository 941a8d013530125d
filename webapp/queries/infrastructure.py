"""Registers of infrastructure as pages show them: what is listed, what was last found, and the whole history."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from webapp.core.adoption import IndicatorSource
from webapp.models.accounts import Account
from webapp.models.adoption import RegisterEntry, RegisterItem
from webapp.models.places import ResidentialGroup
from webapp.queries.indicators import IndicatorRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was last found. Counts of 0 in 0 say that it is not known."""

    observed_on: dt.date
    numerator: int
    denominator: int
    evidence: str

    @property
    def state(self) -> bool | None:
        """Give yes, no, or None for not known, where the subject is one thing."""
        return self.numerator > 0 if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A group, a listed thing, or (without id) the ward as a whole, with the newest finding."""

    id: UUID | None
    name: str
    detail: str = ""
    plan_section: str = ""
    population: int | None = None
    found: Found | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One line of the history."""

    observed_on: dt.date
    subject: str
    numerator: int
    denominator: int
    evidence: str
    recorded_at: dt.datetime
    recorded_by: str


def subjects(session: Session, ward_id: UUID, indicator: IndicatorRow) -> list[Subject]:
    """Give what an indicator's register lists, with the newest finding of each. Two statements."""
    found = _newest(session, ward_id, indicator.code)
    if indicator.source is IndicatorSource.GROUP:
        group = ResidentialGroup
        groups = session.execute(
            select(group.id, group.name, group.population)
            .where(group.ward_id == ward_id, group.is_active.is_(True))
            .order_by(group.sort_key, group.code)
        )
        return [Subject(id=i, name=name, population=people, found=found.get(i)) for i, name, people in groups]
    if indicator.source in {IndicatorSource.SITE, IndicatorSource.PLATFORM, IndicatorSource.MILESTONE}:
        item = RegisterItem
        items = session.execute(
            select(item.id, item.name, item.detail, item.plan_section)
            .where(item.ward_id == ward_id, item.indicator_code == indicator.code, item.is_active.is_(True))
            .order_by(item.plan_section, item.name)
        )
        return [
            Subject(id=i, name=name, detail=detail, plan_section=section, found=found.get(i))
            for i, name, detail, section in items
        ]
    return [Subject(id=None, name="", found=found.get(None))]


def history(session: Session, ward_id: UUID, code: str, *, limit: int = 50) -> list[EntryRow]:
    """Give the newest entries of an indicator's register. One statement."""
    entry, item, group = RegisterEntry, RegisterItem, ResidentialGroup
    rows = session.execute(
        select(
            entry.observed_on,
            func.coalesce(item.name, group.name, ""),
            entry.numerator,
            entry.denominator,
            entry.evidence,
            entry.recorded_at,
            func.coalesce(Account.display_name, ""),
        )
        .outerjoin(item, and_(item.ward_id == entry.ward_id, item.id == entry.item_id))
        .outerjoin(group, and_(group.ward_id == entry.ward_id, group.id == entry.group_id))
        .outerjoin(Account, Account.id == entry.recorded_by)
        .where(entry.ward_id == ward_id, entry.indicator_code == code)
        .order_by(entry.observed_on.desc(), entry.recorded_at.desc(), entry.id.desc())
        .limit(limit)
    )
    return [
        EntryRow(
            observed_on=day,
            subject=name,
            numerator=numerator,
            denominator=denominator,
            evidence=evidence,
            recorded_at=at,
            recorded_by=who,
        )
        for day, name, numerator, denominator, evidence, at, who in rows
    ]


def _newest(session: Session, ward_id: UUID, code: str) -> dict[UUID | None, Found]:
    entry = RegisterEntry
    rows = session.execute(
        select(entry.item_id, entry.group_id, entry.observed_on, entry.numerator, entry.denominator, entry.evidence)
        .where(entry.ward_id == ward_id, entry.indicator_code == code)
        .order_by(entry.observed_on, entry.recorded_at, entry.id)
    )
    return {
        row.item_id or row.group_id: Found(
            observed_on=row.observed_on, numerator=row.numerator, denominator=row.denominator, evidence=row.evidence
        )
        for row in rows
    }
