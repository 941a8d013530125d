"""A ward's own choices for its indicators: the age that counts, and the targets of its plan."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.adoption import ADULT_AGES, AGE_ADJUSTABLE, IndicatorUnit, TargetOperator
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.events import AuditTag
from webapp.core.ports import Clock
from webapp.core.text import clean
from webapp.models.adoption import Indicator, IndicatorSetting, IndicatorTarget
from webapp.queries.indicators import adult_ages
from webapp.services.audit import record
from webapp.services.facts_rebuild import rebuild_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAdultAge:
    """From which age (15 or 18) an indicator counts."""

    code: str
    adult_age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTarget:
    """A target of the ward's plan. `value` is a ratio (1.0 = 100 %); a second one for a year replaces the first."""

    code: str
    year: int
    operator: TargetOperator
    value: float
    plan_section: str


def set_adult_age(session: Session, command: SetAdultAge, *, actor: Actor, clock: Clock) -> None:
    """Keep a new version of the age and count all facts again with it, so that every round has one definition.

    Raises InvalidInput when the age does not apply, NotFound.
    """
    require(actor, Permission.INDICATOR_MANAGE)
    _find(session, command.code)
    if command.code not in AGE_ADJUSTABLE or command.adult_age not in ADULT_AGES:
        raise InvalidInput(Problem("adult_age", N_("Chỉ tiêu này không tính theo độ tuổi đó.")))
    before = adult_ages(session, actor.ward_id).get(command.code)
    if before == command.adult_age:
        return
    newest = session.scalar(
        select(func.max(IndicatorSetting.version)).where(
            IndicatorSetting.ward_id == actor.ward_id, IndicatorSetting.indicator_code == command.code
        )
    )
    session.add(
        IndicatorSetting(
            ward_id=actor.ward_id,
            indicator_code=command.code,
            version=(newest or 0) + 1,
            adult_age=command.adult_age,
            changed_at=clock.now(),
            changed_by=actor.account_id,
        )
    )
    session.flush()
    rebuild_facts(session, actor.ward_id)
    record(
        session,
        AuditTag.INDICATOR_CHANGE,
        actor=actor,
        clock=clock,
        indicator=command.code,
        adult_age=command.adult_age,
        adult_age_before=before,
    )


def set_target(session: Session, command: SetTarget, *, actor: Actor, clock: Clock) -> None:
    """Store the target of a year. Raises InvalidInput, NotFound."""
    require(actor, Permission.INDICATOR_MANAGE)
    problems = _problems(_find(session, command.code), command)
    if problems:
        raise InvalidInput(problems)
    target = _of_year(session, actor.ward_id, command.code, command.year)
    before = None if target is None else target.value
    if target is None:
        target = IndicatorTarget(ward_id=actor.ward_id, indicator_code=command.code, year=command.year)
        session.add(target)
    target.operator, target.value, target.plan_section = command.operator, command.value, clean(command.plan_section)
    session.flush()
    record(
        session,
        AuditTag.INDICATOR_CHANGE,
        actor=actor,
        clock=clock,
        indicator=command.code,
        year=command.year,
        operator=command.operator.value,
        value=command.value,
        value_before=before,
    )


def remove_target(session: Session, code: str, year: int, *, actor: Actor, clock: Clock) -> None:
    """Drop the target of a year. Raises NotFound."""
    require(actor, Permission.INDICATOR_MANAGE)
    target = _of_year(session, actor.ward_id, code, year)
    if target is None:
        raise NotFound
    before = target.value
    session.delete(target)
    session.flush()
    record(
        session,
        AuditTag.INDICATOR_CHANGE,
        actor=actor,
        clock=clock,
        indicator=code,
        year=year,
        value=None,
        value_before=before,
    )


def _find(session: Session, code: str) -> Indicator:
    indicator = session.get(Indicator, code)
    if indicator is None:
        raise NotFound
    return indicator


def _of_year(session: Session, ward_id: UUID, code: str, year: int) -> IndicatorTarget | None:
    target = IndicatorTarget
    return session.scalar(
        select(target).where(target.ward_id == ward_id, target.indicator_code == code, target.year == year)
    )


def _problems(indicator: Indicator, command: SetTarget) -> list[Problem]:
    problems = []
    if not 2020 <= command.year <= 2100:
        problems.append(Problem("year", N_("Năm phải từ 2020 đến 2100.")))
    highest = 1.0 if indicator.unit is not IndicatorUnit.PER_RESIDENT else 1000.0
    if not 0 < command.value <= highest:
        problems.append(Problem("value", N_("Chỉ tiêu phải lớn hơn 0 và không quá mức cao nhất có thể.")))
    elif command.value == highest and command.operator is TargetOperator.MORE_THAN:
        problems.append(Problem("value", N_("Không thể vượt mức cao nhất. Hãy chọn “đạt”.")))
    if not clean(command.plan_section):
        problems.append(Problem("plan_section", N_("Hãy ghi mục của kế hoạch, ví dụ III.1.")))
    return problems
