"""A workbook goes in as a whole or not at all, and what is stored is what stood in it."""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.fakes import FixedClock
from tests.survey_answers import visit_of
from tests.workbooks import HEADINGS, PERSON, workbook
from tests.world import PEOPLE, World
from webapp.core.access import Role
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.surveys import Answers, RoundStatus, Totals, VisitOutcome
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.models.adoption import AdoptionFact
from webapp.models.audit import AuditEvent
from webapp.models.households import Household, HouseholdToken, ImportBatch
from webapp.models.surveys import SurveyRound, Visit, VisitRevision
from webapp.queries.imports import get_batch
from webapp.services.facts_rebuild import rebuild_facts
from webapp.services.import_check import ImportCheck
from webapp.services.import_mapping import suggest_columns
from webapp.services.import_store import NotReady, store_import
from webapp.services.imports import DecideColumns, ReceiveWorkbook, decide_columns, load_sheets, receive_workbook
from webapp.services.submit_visit import submit_visit


class Desk:
    """The statistician at work: one workbook after the other."""

    def __init__(self, session: Session, world: World, clock: FixedClock, cipher: AesGcmCipher, folder: Path) -> None:
        self.session, self.world, self.clock, self.cipher = session, world, clock, cipher
        self.files = FolderStore(folder)
        self.actor = world.actor(Role.STATISTICIAN)

    def receive(self, content: bytes) -> UUID:
        order = ReceiveWorkbook(content=content, filename="ho.xlsx", round_id=self.world.round_id)
        return receive_workbook(
            self.session, order, actor=self.actor, clock=self.clock, files=self.files, cipher=self.cipher
        )

    def decide(self, batch_id: UUID, **changes: Any) -> None:
        batch = get_batch(self.session, self.world.ward_id, batch_id)
        assert batch is not None
        sheets = load_sheets(batch, files=self.files, cipher=self.cipher)
        offered = suggest_columns(self.session, sheets, actor=self.actor, sheet=changes.pop("sheet", ""))
        assert offered.layout is not None
        command = DecideColumns(
            batch_id=batch_id,
            sheet=offered.sheet,
            header=offered.layout.header,
            height=offered.layout.height,
            columns={choice.key: choice.column for choice in offered.headings} | changes.pop("columns", {}),
            visited_on=self.clock.today(),
        )
        decide_columns(self.session, replace(command, **changes), actor=self.actor, sheets=sheets)

    def store(self, batch_id: UUID, max_rows: int = 1000) -> dict[str, Any]:
        return store_import(
            self.session,
            batch_id,
            actor=self.actor,
            clock=self.clock,
            files=self.files,
            cipher=self.cipher,
            max_rows=max_rows,
        )

    def bring(self, *rows: Sequence[Any], **changes: Any) -> dict[str, Any]:
        batch_id = self.receive(workbook(HEADINGS, *rows))
        self.decide(batch_id, **changes)
        return self.store(batch_id)

    def refused(self, *rows: Sequence[Any], **changes: Any) -> ImportCheck:
        with pytest.raises(NotReady) as caught:
            self.bring(*rows, **changes)
        return caught.value.check

    def count(self, table: Any) -> int:
        return self.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(session: Session, world: World, clock: FixedClock, cipher: AesGcmCipher, tmp_path: Path) -> Desk:
    return Desk(session, world, clock, cipher, tmp_path / "store")


def row(number: int, name: str, **changes: Any) -> list[Any]:
    values = dict(zip(HEADINGS, PERSON, strict=True)) | {"STT": number + 100, "Họ tên chủ hộ": name} | changes
    return list(values.values())


def test_a_household_and_its_visit_are_stored_encrypted_and_counted(desk: Desk) -> None:
    result = desk.bring((101, *PERSON[1:]))
    assert (result["stored"], result["new_households"], result["reconciled"]) == (1, 1, True)
    household = desk.session.scalars(select(Household).where(Household.number == 101)).one()
    assert desk.cipher.decrypt(desk.world.ward_id, household.head_name) == "Lê Thị Bưởi"
    assert b"B\xc6\xb0\xe1\xbb\x9fi" not in household.head_name
    visit = desk.session.scalars(select(Visit)).one()
    revision = desk.session.scalars(select(VisitRevision)).one()
    assert (visit.outcome, revision.source, revision.totals_only) == (VisitOutcome.INTERVIEWED, "import", True)
    assert revision.answers["totals"] == {"residents": 4, "adults": 2, "smartphone_adults": 2}
    assert revision.fibre_connected is True
    assert desk.count(HouseholdToken) > 6
    fact = desk.session.scalars(
        select(AdoptionFact).where(
            AdoptionFact.indicator_code == "smartphone_adults", AdoptionFact.period_kind == "all"
        )
    ).one()
    assert (fact.numerator, fact.denominator, fact.asked) == (2, 2, 1)


def test_facts_after_an_import_are_what_a_full_recount_gives(desk: Desk) -> None:
    desk.bring(*(row(n, f"Người {'abcdefgh'[n]}", Tổ=f"TDP {n % 2 + 1}") for n in range(8)))
    before = _facts(desk.session)
    rebuild_facts(desk.session, desk.world.ward_id)
    desk.session.expire_all()
    known = {key: value for key, value in _facts(desk.session).items() if key[2] != "known_households"}
    assert {key: value for key, value in before.items() if key[2] != "known_households"} == known
    assert before


def _facts(session: Session) -> dict[tuple[str, ...], tuple[int, int, int]]:
    return {
        (fact.period_kind, fact.period_key, fact.indicator_code, str(fact.group_id)): (
            fact.numerator,
            fact.denominator,
            fact.asked,
        )
        for fact in session.scalars(select(AdoptionFact))
        if (fact.numerator, fact.denominator, fact.asked) != (0, 0, 0)
    }


@pytest.mark.parametrize(
    "name", ["TRAN DINH AN", unicodedata.normalize("NFD", "Trần Đình Ấn"), "Trần Ðình Ấn", "trần Ɖình ấn"]
)
def test_the_same_name_and_address_is_the_same_household_however_typed(desk: Desk, name: str) -> None:
    result = desk.bring(row(1, name, **{"Địa chỉ": "hẻm 5 quang trung", "STT": None}))
    assert (result["new_households"], result["matched_households"]) == (0, 1)
    assert desk.count(Household) == 6


def test_a_number_with_the_same_name_is_the_same_household_at_another_address(desk: Desk) -> None:
    result = desk.bring(row(1, "Trần Đình Ấn", **{"Địa chỉ": "Hẻm 5A", "STT": 2}))
    assert result["matched_households"] == 1


def test_a_number_of_another_household_is_refused(desk: Desk) -> None:
    check = desk.refused(row(1, "Người Mới", STT=2))
    assert [(p.row, p.column) for p in check.problems] == [(2, "A")]
    assert desk.count(Visit) == 0


def test_rows_without_a_number_take_the_next_ones_of_their_group(desk: Desk) -> None:
    desk.bring(*(row(n, f"Hộ {'abc'[n]}", STT=None) for n in range(3)))
    numbers = desk.session.scalars(
        select(Household.number).where(Household.group_id == desk.world.group_ids[0]).order_by(Household.number)
    ).all()
    assert list(numbers) == [1, 2, 3, 4, 5, 6]


def test_the_same_household_twice_in_the_file_is_refused_with_both_rows(desk: Desk) -> None:
    check = desk.refused(row(1, "Hộ A"), row(2, "HO A"))
    assert [(p.row, p.params["row"]) for p in check.problems] == [(3, 2)]


def test_a_household_visited_in_this_round_is_refused_or_skipped(desk: Desk) -> None:
    desk.bring(row(1, "Hộ A"))
    assert desk.refused(row(1, "Hộ A"), row(2, "Hộ B")).wrong_rows == 1
    result = desk.bring(row(1, "Hộ A"), row(2, "Hộ B"), skip_visited=True)
    assert (result["rows"], result["stored"], result["already_visited"], result["reconciled"]) == (2, 1, 1, True)
    assert desk.count(Visit) == 2


def test_one_wrong_row_keeps_all_others_out(desk: Desk) -> None:
    check = desk.refused(row(1, "Hộ A"), row(2, "Hộ B", **{"Người lớn": 9}), row(3, "Hộ C", Tổ="Tổ 77"))
    assert {(p.row, p.heading) for p in check.problems} == {(3, "Người lớn"), (4, "Tổ")}
    assert (desk.count(Visit), desk.count(Household), desk.count(AuditEvent)) == (0, 6, 0)


def test_a_closed_round_takes_no_workbook(desk: Desk) -> None:
    batch_id = desk.receive(workbook(HEADINGS, row(1, "Hộ A")))
    desk.decide(batch_id)
    desk.session.execute(update(SurveyRound).values(status=RoundStatus.LOCKED))
    with pytest.raises(WrongState):
        desk.store(batch_id)
    with pytest.raises(WrongState):
        desk.receive(workbook(HEADINGS, row(1, "Hộ A")))


def test_a_workbook_is_stored_once(desk: Desk) -> None:
    batch_id = desk.receive(workbook(HEADINGS, row(1, "Hộ A")))
    desk.decide(batch_id)
    desk.store(batch_id)
    with pytest.raises(WrongState):
        desk.store(batch_id)
    assert desk.count(Visit) == 1


def test_days_outside_the_round_or_to_come_are_refused(desk: Desk) -> None:
    content = workbook(
        (*HEADINGS, "Ngày khảo sát"),
        [*row(1, "Hộ A"), "01/01/2020"],
        [*row(2, "Hộ B"), desk.clock.today() + dt.timedelta(days=2)],
        [*row(3, "Hộ C"), desk.clock.today() - dt.timedelta(days=2)],
    )
    batch_id = desk.receive(content)
    desk.decide(batch_id)
    with pytest.raises(NotReady) as caught:
        desk.store(batch_id)
    assert [(p.row, p.column) for p in caught.value.check.problems] == [(2, "I"), (3, "I")]


def test_the_total_row_of_the_file_is_held_against_its_rows(desk: Desk) -> None:
    total = ["Tổng cộng", None, None, None, 9, 4, 4, None]
    check = desk.refused(row(1, "Hộ A"), row(2, "Hộ B"), total)
    assert [(d.key, d.stated, d.counted) for d in check.differences] == [("residents", 9, 8)]
    result = desk.bring(row(1, "Hộ A"), row(2, "Hộ B"), total, accept_difference=True)
    residents = next(line for line in result["sums"] if line["column"] == "residents")
    assert (residents["file"], residents["stored"], residents["stated"]) == (8, 8, 9)


def test_the_kept_file_cannot_be_read_from_the_disk(desk: Desk) -> None:
    content = workbook(HEADINGS, row(1, "Hộ A"))
    desk.receive(content)
    kept = [path.read_bytes() for path in desk.files.root.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert not kept[0].startswith(b"PK")
    assert "Họ tên".encode() not in kept[0]


def test_the_audit_names_the_batch_and_no_person(desk: Desk) -> None:
    desk.bring(row(1, "Hộ Bí Mật"))
    event = desk.session.scalars(select(AuditEvent)).one()
    batch = desk.session.scalars(select(ImportBatch)).one()
    assert (event.tag, event.subject_id, event.detail["visits"]) == ("household:import", batch.id, 1)
    assert "Bí Mật" not in str(event.detail) + str(batch.result) + str(batch.mapping)


def test_other_roles_may_not_import(desk: Desk) -> None:
    desk.actor = desk.world.actor(Role.GROUP_HEAD)
    with pytest.raises(NotAllowed):
        desk.receive(workbook(HEADINGS, row(1, "Hộ A")))


def test_an_unknown_batch_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.store(UUID(int=5))


def test_a_needed_column_that_is_missing_or_taken_twice_is_said(desk: Desk) -> None:
    batch_id = desk.receive(workbook(HEADINGS, row(1, "Hộ A")))
    with pytest.raises(InvalidInput, match="Số người trong hộ"):
        desk.decide(batch_id, columns={"nhan khau": ""})
    with pytest.raises(InvalidInput, match="hai cột"):
        desk.decide(batch_id, columns={"dien thoai thong minh": "adults"})


def test_a_mapping_is_remembered_for_the_same_headings(desk: Desk) -> None:
    headings = (*HEADINGS[:-1], "Cột lạ")
    first = desk.receive(workbook(headings, row(1, "Hộ A")))
    desk.decide(first, columns={"cot la": "fibre_covered"})
    desk.store(first)
    second = desk.receive(workbook(("Phiếu 2",), headings, row(2, "Hộ B")))
    batch = get_batch(desk.session, desk.world.ward_id, second)
    assert batch is not None
    sheets = load_sheets(batch, files=desk.files, cipher=desk.cipher)
    offered = suggest_columns(desk.session, sheets, actor=desk.actor)
    assert {choice.key: choice.column for choice in offered.headings}["cot la"] == "fibre_covered"
    assert all(choice.remembered for choice in offered.headings)


def test_every_sheet_named_after_a_group_goes_in_at_once(desk: Desk) -> None:
    headings = [heading for heading in HEADINGS if heading != "Tổ"]
    lines = [
        [v for h, v in zip(HEADINGS, row(n, name), strict=True) if h != "Tổ"] for n, name in ((1, "Hộ A"), (2, "Hộ B"))
    ]
    batch_id = desk.receive(workbook(headings, lines[0], name="TDP 1", **{"Tổ 2": [["Danh sách"], headings, lines[1]]}))
    desk.decide(batch_id)
    result = desk.store(batch_id)
    assert result["groups"] == [{"name": "Tổ dân phố 1", "rows": 1}, {"name": "Tổ dân phố 2", "rows": 1}]


def test_a_sheet_with_other_headings_is_not_half_read(desk: Desk) -> None:
    batch_id = desk.receive(
        workbook(HEADINGS, row(1, "Hộ A"), name="Tổ 1", **{"Tổ 2": [HEADINGS[:-1], row(2, "Hộ B")[:-1]]})
    )
    desk.decide(batch_id, sheet="*")
    with pytest.raises(NotReady) as caught:
        desk.store(batch_id)
    assert [(p.sheet, p.params["heading"]) for p in caught.value.check.problems] == [("Tổ 2", "cap quang")]


def test_more_rows_than_the_setting_allows_are_refused(desk: Desk) -> None:
    batch_id = desk.receive(workbook(HEADINGS, row(1, "Hộ A"), row(2, "Hộ B")))
    desk.decide(batch_id)
    with pytest.raises(NotReady, match="chưa lưu gì"):
        desk.store(batch_id, max_rows=1)


def test_unlikely_rows_are_asked_about_and_the_answer_is_kept(desk: Desk) -> None:
    result = desk.bring(row(1, "Hộ A", **{"Nhân khẩu": 14}))
    assert result["confirmed_questions"] == 1
    assert desk.session.scalars(select(VisitRevision)).one().confirmed[0]["code"] == "many_residents"


def test_what_was_not_known_stays_unknown(desk: Desk) -> None:
    desk.bring(row(1, "Hộ A", **{"Điện thoại thông minh": None, "Cáp quang": "không biết"}))
    revision = desk.session.scalars(select(VisitRevision)).one()
    assert revision.fibre_connected is None
    assert Answers.from_json(revision.answers).totals == Totals(residents=4, adults=2)


def test_a_workbook_is_held_against_the_last_round_and_the_questions_are_kept(desk: Desk) -> None:
    world, today = desk.world, desk.clock.today()
    submit_visit(desk.session, visit_of(world), actor=desk.actor, clock=desk.clock)
    days = {"starts_on": today - dt.timedelta(days=90), "ends_on": today - dt.timedelta(days=60)}
    earlier = SurveyRound(ward_id=world.ward_id, name="Đợt 0", status=RoundStatus.LOCKED, **days)
    desk.session.add(earlier)
    desk.session.flush()
    desk.session.execute(update(Visit).values(round_id=earlier.id, visited_on=days["ends_on"]))
    name, address = PEOPLE[0]
    now = {"Địa chỉ": address, "Người lớn": 5, "Nhân khẩu": 6, "Điện thoại thông minh": 0, "Cáp quang": "không"}
    assert desk.bring(row(1, name, **now))["confirmed_questions"] == 1
    revision = desk.session.scalars(select(VisitRevision).where(VisitRevision.source == "import")).one()
    assert revision.confirmed == [
        {"code": "adults_changed", "params": {"before": 2, "now": 5}},
        {"code": "fibre_gone"},
    ]
