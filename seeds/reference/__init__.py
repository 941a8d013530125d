"""Reference data: the indicator registry, tasks and platforms of the plan, types of documents, units.

Every row cites the section of the ward plan 30/KH-UBND or the law it comes from; `check_reference` says which do not.
"""

import re
from importlib.resources import files
from typing import Any, Final

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.ids import new_id
from webapp.models.adoption import Indicator, PlanTask, Platform
from webapp.models.documents import DocumentType
from webapp.models.places import Ward, WardLineage
from webapp.services.ward_plan import read_plan

TABLES: Final[dict[str, type[Indicator | PlanTask | Platform | DocumentType]]] = {
    "indicators": Indicator,
    "tasks": PlanTask,
    "platforms": Platform,
    "document_types": DocumentType,
}
PLAN_FILES: Final = ("targets", "departments", "register_items")
_SECTION: Final = re.compile(r"(I|II|III|IV|V|VI|VII)(\.[1-9])?")
_ACT: Final = re.compile(r"(Luật|Nghị định|Nghị quyết|Thông tư|Quyết định) .*\d+/")
_OPTIONAL: Final = {"adult_age": None, "version": 1, "optional": False}


def read_rows(name: str) -> list[dict[str, Any]]:
    """Give the rows of one reference file, as written."""
    text = (files("seeds.reference") / f"{name}.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    return rows


def load_reference(session: Session) -> int:
    """Bring the reference tables to what the files say, by natural key, and give the number of rows.

    Run again it changes nothing; rows that a later file no longer has stay, because older figures point at them.
    """
    count = 0
    for name, table in TABLES.items():
        for place, row in enumerate(read_rows(name), 1):
            session.merge(table(sort_key=place * 10, **_columns(name, row)))
            count += 1
    session.flush()
    load_units(session)
    return count


def _columns(name: str, row: dict[str, Any]) -> dict[str, Any]:
    if name != "indicators":
        return row
    values = _OPTIONAL | row
    values["is_optional"] = values.pop("optional")
    return values


def load_units(session: Session) -> None:
    """Add the predecessors of every ward that is served here and has a known lineage, as closed units."""
    for unit in read_rows("units"):
        ward = session.scalar(select(Ward).where(Ward.code == unit["code"], Ward.valid_from == unit["valid_from"]))
        if ward is None:
            continue
        for row in unit["predecessors"]:
            before = _predecessor(session, ward, row)
            session.merge(WardLineage(ward_id=ward.id, predecessor_id=before.id, decision=unit["source"]))
    session.flush()


def _predecessor(session: Session, ward: Ward, row: dict[str, Any]) -> Ward:
    known = session.scalar(select(Ward).where(Ward.code == row["code"], Ward.valid_from == row["valid_from"]))
    if known is None:
        known = Ward(
            id=new_id(),
            province_code=ward.province_code,
            province_name=ward.province_name,
            agency_name=f"Ủy ban nhân dân {row['name']}",
            place_name=row["name"],
            **row,
        )
        session.add(known)
        session.flush()
    return known


def check_reference() -> list[str]:
    """Give one line for each row of the files that cites neither a section of the plan nor an act; [] is right."""
    named = [(name, row) for name in (*TABLES, "units") for row in read_rows(name)]
    named += [(name, row) for name in PLAN_FILES for row in read_plan(name)]
    codes = {row["code"] for row in read_rows("indicators")}
    wrong = [f"{name}: {_label(row)} cites nothing" for name, row in named if not _is_cited(row)]
    aimed = [(name, row["indicator"]) for name, row in named if "indicator" in row]
    wrong += [f"{name}: no indicator {code}" for name, code in aimed if code not in codes]
    return wrong


def _label(row: dict[str, Any]) -> str:
    return str(row.get("code") or row.get("name") or row.get("indicator"))


def _is_cited(row: dict[str, Any]) -> bool:
    section, act = row.get("plan_section", ""), row.get("source", "")
    return bool(_SECTION.fullmatch(section) or _ACT.match(act))
