"""Giving a ward the content of the plan 30/KH-UBND: targets, departments, and what officers keep an eye on."""

from importlib.resources import files
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.adoption import TargetOperator
from webapp.models.adoption import IndicatorTarget, Platform, RegisterItem
from webapp.models.places import Department

PLATFORMS = "platforms_received"


def read_plan(name: str) -> list[dict[str, Any]]:
    """Give the rows of `resources/plan/<name>.yaml`."""
    text = (files("webapp") / "resources" / "plan" / f"{name}.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    return rows


def load_ward_plan(session: Session, ward_id: UUID) -> int:
    """Add what the plan gives every ward and give the number of rows added.

    What the ward already has, and may have changed, stays as it is, so this can be run again. The reference tables
    must be loaded: targets and items point at indicators.
    """
    added = _add_departments(session, ward_id) + _add_targets(session, ward_id) + _add_items(session, ward_id)
    session.flush()
    return added


def _add_departments(session: Session, ward_id: UUID) -> int:
    known = set(session.scalars(select(Department.code).where(Department.ward_id == ward_id)))
    rows = [Department(ward_id=ward_id, **row) for row in read_plan("departments") if row["code"] not in known]
    session.add_all(rows)
    return len(rows)


def _add_targets(session: Session, ward_id: UUID) -> int:
    target = IndicatorTarget
    keys = select(target.indicator_code, target.year).where(target.ward_id == ward_id)
    known = {tuple(row) for row in session.execute(keys)}
    rows = [
        target(
            ward_id=ward_id,
            indicator_code=row["indicator"],
            year=row["year"],
            operator=TargetOperator(row["operator"]),
            value=row["value"],
            plan_section=row["plan_section"],
        )
        for row in read_plan("targets")
        if (row["indicator"], row["year"]) not in known
    ]
    session.add_all(rows)
    return len(rows)


def _add_items(session: Session, ward_id: UUID) -> int:
    item = RegisterItem
    keys = select(item.indicator_code, item.name).where(item.ward_id == ward_id)
    known = {tuple(row) for row in session.execute(keys)}
    wanted = [(row["indicator"], row["name"], row["plan_section"]) for row in read_plan("register_items")]
    platforms = session.scalars(select(Platform).order_by(Platform.sort_key))
    wanted += [(PLATFORMS, platform.name, platform.plan_section) for platform in platforms]
    rows = [
        item(ward_id=ward_id, indicator_code=code, name=name, plan_section=section)
        for code, name, section in wanted
        if (code, name) not in known
    ]
    session.add_all(rows)
    return len(rows)
