"""Registers of infrastructure: what officers found on a day for a group, a listed thing, or the ward as a whole.

Entries are only ever added; the newest day of a subject counts. A subject that is not known (any more) gets an entry of
0 in 0, which takes it out of numerator and denominator.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.adoption import IndicatorSource, IndicatorUnit
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.facts import Reading
from webapp.core.ids import new_id
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.adoption import Indicator, RegisterEntry, RegisterItem
from webapp.models.places import ResidentialGroup
from webapp.services.audit import record
from webapp.services.facts import register_changed

LISTED = frozenset({IndicatorSource.SITE, IndicatorSource.PLATFORM, IndicatorSource.MILESTONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found for one subject. `field` names the form's field for messages."""

    numerator: int
    denominator: int
    item_id: UUID | None = None
    group_id: UUID | None = None
    evidence: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFindings:
    """Findings of one day for one indicator."""

    code: str
    observed_on: dt.date
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem:
    """A site, platform or milestone to keep an eye on."""

    code: str
    name: str
    detail: str = ""
    plan_section: str = ""


def record_findings(session: Session, command: RecordFindings, *, actor: Actor, clock: Clock) -> int:
    """Add entries and count them; gives how many. Raises InvalidInput with a problem for each finding, NotFound."""
    require(actor, Permission.INFRASTRUCTURE_RECORD)
    indicator = _find(session, command.code)
    problems = _problems(session, actor.ward_id, indicator, command, clock.today())
    if problems:
        raise InvalidInput(problems)
    entries = [_entry(command, finding, actor, clock) for finding in command.findings]
    session.add_all(entries)
    session.flush()
    register_changed(session, actor.ward_id, *map(_reading, entries))
    record(
        session,
        AuditTag.INFRASTRUCTURE_RECORD,
        actor=actor,
        clock=clock,
        indicator=command.code,
        observed_on=command.observed_on.isoformat(),
        entries=len(entries),
    )
    return len(entries)


def add_item(session: Session, command: AddItem, *, actor: Actor, clock: Clock) -> UUID:
    """List a thing, or list it again after it was retired. Raises InvalidInput, NotFound."""
    require(actor, Permission.INFRASTRUCTURE_RECORD)
    indicator = _find(session, command.code)
    name = clean(command.name)
    if indicator.source not in LISTED:
        raise NotFound
    if not name:
        raise InvalidInput(Problem("name", N_("Hãy ghi tên.")))
    item = session.scalar(
        select(RegisterItem).where(
            RegisterItem.ward_id == actor.ward_id,
            RegisterItem.indicator_code == command.code,
            RegisterItem.name == name,
        )
    )
    if item is not None and item.is_active:
        raise InvalidInput(Problem("name", N_("Tên này đã có trong danh sách.")))
    if item is None:
        item = RegisterItem(ward_id=actor.ward_id, id=new_id(), indicator_code=command.code, name=name)
        session.add(item)
    item.detail, item.plan_section, item.is_active = clean(command.detail), clean(command.plan_section), True
    session.flush()
    _audit_item(session, item, "add", actor=actor, clock=clock)
    return item.id


def retire_item(session: Session, item_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Take a thing off the list from today on; its history stays. Raises NotFound."""
    require(actor, Permission.INFRASTRUCTURE_RECORD)
    item = session.get(RegisterItem, (actor.ward_id, item_id))
    if item is None or not item.is_active:
        raise NotFound
    item.is_active = False
    nothing = Finding(numerator=0, denominator=0, item_id=item_id)
    command = RecordFindings(code=item.indicator_code, observed_on=clock.today(), findings=[nothing])
    entry = _entry(command, nothing, actor, clock)
    session.add(entry)
    session.flush()
    register_changed(session, actor.ward_id, _reading(entry))
    _audit_item(session, item, "retire", actor=actor, clock=clock)


def _find(session: Session, code: str) -> Indicator:
    indicator = session.get(Indicator, code)
    if indicator is None:
        raise NotFound
    return indicator


def _problems(
    session: Session, ward_id: UUID, indicator: Indicator, command: RecordFindings, today: dt.date
) -> list[Problem]:
    problems = []
    if command.observed_on > today:
        problems.append(Problem("observed_on", N_("Ngày ghi nhận không được ở tương lai.")))
    if not command.findings:
        problems.append(Problem("", N_("Chưa có gì thay đổi để lưu.")))
    known = _subjects(session, ward_id, indicator)
    for finding in command.findings:
        if (finding.item_id or finding.group_id) not in known:
            raise NotFound
        problems.extend(_problems_of(indicator, finding))
    return problems


def _subjects(session: Session, ward_id: UUID, indicator: Indicator) -> set[UUID | None]:
    """Give what the indicator's register may name: groups, listed things, or only the ward itself (None)."""
    if indicator.source is IndicatorSource.GROUP:
        return set(session.scalars(select(ResidentialGroup.id).where(ResidentialGroup.ward_id == ward_id)))
    if indicator.source in LISTED:
        item = RegisterItem
        mine = select(item.id).where(
            item.ward_id == ward_id, item.indicator_code == indicator.code, item.is_active.is_(True)
        )
        return set(session.scalars(mine))
    if indicator.source is IndicatorSource.WARD or indicator.unit is IndicatorUnit.PER_RESIDENT:
        return {None}
    raise NotFound


def _problems_of(indicator: Indicator, finding: Finding) -> list[Problem]:
    adds_only = indicator.unit is IndicatorUnit.PER_RESIDENT
    if finding.numerator < 0 or finding.denominator < 0 or (adds_only and finding.denominator):
        return [Problem(finding.field, N_("Số không được nhỏ hơn 0."))]
    if not adds_only and finding.numerator > finding.denominator:
        return [
            Problem(
                finding.field,
                N_("Số đạt (%(numerator)s) nhiều hơn tổng số (%(denominator)s). Sửa một trong hai."),
                {"numerator": finding.numerator, "denominator": finding.denominator},
            )
        ]
    if indicator.unit is IndicatorUnit.MILESTONE and finding.numerator and not clean(finding.evidence):
        return [Problem(finding.field, N_("Hãy ghi minh chứng (số văn bản, biên bản, ngày nghiệm thu …)."))]
    return []


def _entry(command: RecordFindings, finding: Finding, actor: Actor, clock: Clock) -> RegisterEntry:
    return RegisterEntry(
        ward_id=actor.ward_id,
        id=new_id(),
        indicator_code=command.code,
        item_id=finding.item_id,
        group_id=finding.group_id,
        observed_on=command.observed_on,
        numerator=finding.numerator,
        denominator=finding.denominator,
        evidence=clean(finding.evidence)[:500],
        recorded_at=clock.now(),
        recorded_by=actor.account_id,
    )


def _reading(entry: RegisterEntry) -> Reading:
    return Reading(
        entry_id=entry.id,
        indicator_code=entry.indicator_code,
        item_id=entry.item_id,
        group_id=entry.group_id,
        observed_on=entry.observed_on,
        recorded_at=entry.recorded_at,
        numerator=entry.numerator,
        denominator=entry.denominator,
    )


def _audit_item(session: Session, item: RegisterItem, change: str, *, actor: Actor, clock: Clock) -> None:
    record(
        session,
        AuditTag.INFRASTRUCTURE_RECORD,
        actor=actor,
        clock=clock,
        subject=item.id,
        indicator=item.indicator_code,
        change=change,
    )
