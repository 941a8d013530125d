"""The table is found under titles, in one to three header rows, and ends before the signatures."""

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from webapp.core.import_headings import guess_mapping, heading_keys
from webapp.core.import_layout import Sheet, column_letter, find_layout
from webapp.core.import_rows import GroupIndex, ImportPlan
from webapp.core.import_sheet import SheetReader, SheetReading
from webapp.core.import_values import BadCell, Cell
from webapp.core.survey_checks import RoundDays

GROUPS = {UUID(int=n): (f"{n:02d}", f"Tổ dân phố {n}") for n in (1, 2, 11)}
DAYS = RoundDays(dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.date(2026, 11, 22))
HEAD = ["STT", "Họ tên chủ hộ", "Tổ", "Nhân khẩu", "Người lớn"]


def read(rows: list[list[Cell]], merges: tuple[tuple[int, int, int, int], ...] = (), name: str = "S") -> SheetReading:
    sheet = Sheet(name, rows, merges)
    layout = find_layout(sheet)
    assert layout is not None
    guesses = guess_mapping(layout.headings)
    columns = {key: guess.key for key, guess in zip(heading_keys(layout.headings), guesses, strict=True) if guess.key}
    plan = ImportPlan(columns=columns, visited_on=dt.date(2026, 11, 20))
    return SheetReader(sheet, layout, plan, groups=GroupIndex(GROUPS), days=DAYS).read()


def test_letters_are_those_of_excel() -> None:
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_no_table_is_no_table() -> None:
    assert find_layout(Sheet("S", [["Ghi chú"], ["abc", "def"]])) is None
    assert find_layout(Sheet("S", [])) is None


def test_titles_blank_rows_and_column_numbers_are_passed() -> None:
    found = find_layout(Sheet("S", [["DANH SÁCH"], [None], [None, *HEAD], [None, "(1)", "(2)", "(3)", "(4)", "(5)"]]))
    assert found is not None
    assert (found.header, found.height, found.first) == (2, 1, 4)


def test_sub_headings_without_merges_take_the_heading_from_their_left() -> None:
    rows: list[list[Cell]] = [[*HEAD, "Cáp quang", None], [*[None] * 5, "Có", "Không"]]
    found = find_layout(Sheet("S", rows))
    assert found is not None
    assert found.headings[-2:] == ("Cáp quang Có", "Cáp quang Không")


def test_a_merged_group_cell_counts_for_its_rows_and_no_other_column_is_filled() -> None:
    rows: list[list[Cell]] = [HEAD, [1, "Hộ A", "Tổ 2", 3, 2], [2, "Hộ B", None, None, 1]]
    reading = read(rows, ((1, 2, 2, 2), (1, 3, 2, 3)))
    assert [line.group_id for line in reading.lines] == [UUID(int=2)]
    assert [(problem.row, problem.column) for problem in reading.problems] == [(3, "D")]


def test_the_group_comes_from_section_rows_or_the_name_of_the_sheet() -> None:
    head = [HEAD[0], HEAD[1], HEAD[3], HEAD[4]]
    rows: list[list[Cell]] = [head, [1, "Hộ A", 3, 2], ["TỔ DÂN PHỐ SỐ 11"], [1, "Hộ B", 3, 2]]
    assert [line.group_id.int for line in read(rows, name="TDP 01").lines] == [1, 11]


def test_two_groups_that_read_alike_are_not_confused() -> None:
    index = GroupIndex({UUID(int=1): ("A", "Tổ 5"), UUID(int=2): ("B", "Thôn 5")})
    assert index.find("5") is None
    assert index.find("Thôn 5") == UUID(int=2)


def test_total_rows_are_compared_and_signatures_passed() -> None:
    rows: list[list[Cell]] = [
        HEAD,
        [1, "Tống Thị Cộng", "1", 3, 2],
        [None, "Cộng tổ 1", None, 3, 2],
        [1, "Hộ B", "2", 4, 1],
        [None, "Cộng tổ 2", None, 4, 1],
        HEAD,
        [None, "Tổng cộng", None, 7, BadCell("formula", "3")],
        [None, None, None, "Người lập", None],
        ["Ngày 5 tháng 11"],
    ]
    reading = read(rows)
    assert (reading.rows, len(reading.lines), reading.problems) == (2, 2, [])
    assert all(total.agrees for total in reading.totals)
    assert [(total.row, total.by_formula) for total in reading.totals[-2:]] == [(7, False), (7, True)]
    assert [skipped.row for skipped in reading.skipped] == [3, 5, 6, 7, 8, 9]


def test_a_wrong_total_is_seen() -> None:
    reading = read([HEAD, [1, "Hộ A", "1", 3, 2], ["Tổng", None, None, 4, 2]])
    assert [(total.key, total.stated, total.counted) for total in reading.totals if not total.agrees] == [
        ("residents", 4, 3)
    ]


def test_a_name_never_enters_a_message() -> None:
    reading = read([HEAD, [1, "123", "1", 3, 2], [2, "Bí Mật " * 30, "1", 3, 2]])
    assert len(reading.problems) == 2
    assert all(problem.value == "" for problem in reading.problems)


@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.text(max_size=12), st.integers(-5, 5), st.just(BadCell("formula"))), max_size=6
        ),
        max_size=12,
    )
)
def test_any_rows_are_read_or_blamed_never_lost(rows: list[list[Cell]]) -> None:
    reading = read([list(HEAD), *rows])
    told = [row for row in rows if any(cell is not None and str(cell).strip() for cell in row)]
    assert reading.rows + len(reading.skipped) >= len(told)
    assert reading.rows >= len(reading.lines)
    assert len({problem.row for problem in reading.problems}) + len(reading.lines) >= reading.rows
