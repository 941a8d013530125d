"""Workbooks that no test wrote go through the pages (see tests/fixtures/workbooks/README.md)."""

from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.test_imports import fields_of, through, upload
from tests.world import World
from webapp.core.access import Role
from webapp.core.surveys import VisitOutcome
from webapp.models.households import ImportBatch
from webapp.models.surveys import Visit, VisitRevision

FOLDER = Path(__file__).parents[1] / "fixtures" / "workbooks"
Login = Callable[[Role], FlaskClient]


def test_two_level_headings_with_sections_and_totals_are_understood(
    login: Login, world: World, session: Session
) -> None:
    desk = login(Role.STATISTICIAN)
    there = upload(desk, world, (FOLDER / "tong-hop-hai-cap.xlsx").read_bytes())
    guessed = fields_of(desk.get(there.location).text)
    assert {key: value for key, value in guessed.items() if key.startswith("column_")} == {
        "column_A": "number",
        "column_B": "head_name",
        "column_C": "address",
        "column_D": "residents",
        "column_E": "adults",
        "column_F": "smartphone_adults",
        "column_G": "without_smartphone",
        "column_H": "digital_id_residents",
        "column_I": "vneid_l2",
        "column_J": "esignature_adults",
        "column_K": "fibre_connected",
        "column_L": "fibre_connected_no",
        "column_M": "fibre_speed",
        "column_N": "",
    }
    decided = desk.post(there.location, data=guessed | {"column_A": ""})
    check = desk.get(decided.location)
    assert "Tệp không có lỗi" in check.text, check.text
    desk.post(decided.location.replace("/check", "/store"))
    result = session.scalars(select(ImportBatch)).one().result
    assert (result["rows"], result["stored"], result["reconciled"]) == (5, 5, True)
    assert [(group["name"], group["rows"]) for group in result["groups"]] == [("Tổ dân phố 1", 3), ("Tổ dân phố 2", 2)]
    assert all(line["stated"] in {None, line["stored"]} for line in result["sums"])
    assert (result["new_households"], result["matched_households"]) == (4, 1)


def test_capitals_without_marks_in_any_order_are_understood(login: Login, world: World, session: Session) -> None:
    desk = login(Role.STATISTICIAN)
    check = through(desk, world, (FOLDER / "khong-dau.xlsx").read_bytes())
    assert "Tệp không có lỗi" in check.text
    desk.post(check.request.path.replace("/check", "/store"))
    found = {visit.visited_on.day: visit for visit in session.scalars(select(Visit))}
    assert {day: visit.outcome for day, visit in found.items()} == {
        10: VisitOutcome.INTERVIEWED,
        11: VisitOutcome.ABSENT,
        12: VisitOutcome.INTERVIEWED,
    }
    revision = session.scalars(select(VisitRevision).where(VisitRevision.visit_id == found[12].id)).one()
    assert revision.fibre_connected is False
    assert found[11].group_id == world.group_ids[1]


def test_cached_values_of_formulas_are_not_believed(login: Login, world: World) -> None:
    check = through(login(Role.STATISTICIAN), world, (FOLDER / "cong-thuc.xlsx").read_bytes(), column_A="")
    assert "Ô D3 là công thức; hãy dán giá trị" in check.text
    assert "Ô F3 báo lỗi của Excel" in check.text
    assert "Có 1 dòng cần sửa" in check.text
