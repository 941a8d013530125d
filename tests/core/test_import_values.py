"""Cells as people type them: generous where one meaning is possible, strict where two are."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.import_values import (
    CellError,
    group_keys,
    plain_text,
    read_count,
    read_day,
    read_outcome,
    read_speed,
    read_yes_no,
)
from webapp.core.surveys import FibreSpeed, VisitOutcome

CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.times(),
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (4.0, 4), ("4 ", 4), ("04", 4), ("1.234", 1234), ("1 234", 1234),
        ("1\u00a0234", 1234), ("4 người", 4), ("4.0", 4),
        ("2 thiết bị", 2), ("không", 0), ("Không có", 0), ("", None), (None, None), ("-", None), ("–", None),
        ("?", None), ("không biết", None), ("chưa hỏi", None), ("  ", None),
    ],
)  # fmt: skip
def test_counts_are_read_as_they_are_written(cell: Any, value: int | None) -> None:
    assert read_count(cell, 9_999) == value


@pytest.mark.parametrize(
    "cell", ["1,234", "1.5", "x", "✓", "bốn", 4.5, True, "-2", -2, "12 34", "٣", 1e300, dt.date(2026, 1, 4), "1.2345"]
)
def test_counts_that_could_be_read_two_ways_are_refused(cell: Any) -> None:
    with pytest.raises(CellError):
        read_count(cell, 9_999)


def test_a_count_above_what_can_be_is_refused() -> None:
    with pytest.raises(CellError):
        read_count(100, 99)


@given(st.integers(0, 999_999))
def test_every_way_to_write_a_whole_number_gives_the_same(number: int) -> None:
    grouped = f"{number:,}".replace(",", ".")
    for cell in (number, float(number), str(number), f" {number} ", f"{number:09d}", grouped, f"{number} người"):
        assert read_count(cell, 999_999) == number


@given(CELLS)
def test_no_cell_breaks_a_reader(cell: Any) -> None:
    for read in (lambda c: read_count(c, 99), read_yes_no, read_day, read_outcome, read_speed, plain_text):
        with suppress(CellError):
            value = read(cell)
            assert read is not read_day or value is None or type(value) is dt.date


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("có", True), ("Có", True), ("CO\u0301", True), ("C", True), ("x", True), ("X", True), ("✓", True), (1.0, True),
        ("đã có", True), ("không", False), ("KHÔNG", False), ("k", False), ("ko", False), ("0", False), (0.0, False),
        ("chưa", False), ("✗", False), ("", None), (None, None), ("không biết", None), ("KB", None), (True, True),
    ],
)  # fmt: skip
def test_yes_no_and_unknown_are_three_things(cell: Any, value: bool | None) -> None:
    assert read_yes_no(cell) is value


@pytest.mark.parametrize("cell", ["có lẽ", 2.0, "3", "nhà"])
def test_what_is_neither_yes_nor_no_is_refused(cell: Any) -> None:
    with pytest.raises(CellError):
        read_yes_no(cell)


@pytest.mark.parametrize(
    "cell",
    ["05/11/2026", "5/11/2026", "05-11-2026", "5.11.2026", "5/11/26", "2026-11-05", 46331.0, 46331, "46331",
     dt.date(2026, 11, 5), dt.datetime(2026, 11, 5, 9, 30), "05/11/2026 08:00"],
)  # fmt: skip
def test_days_are_day_first_or_serials(cell: Any) -> None:
    assert read_day(cell) == dt.date(2026, 11, 5)


@pytest.mark.parametrize("cell", ["31/02/2026", "11/2026", "hôm qua", 2026.0, 5.0, "13/13/2026", True, float("nan")])
def test_what_is_no_day_is_refused(cell: Any) -> None:
    with pytest.raises(CellError):
        read_day(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("300 Mbps", FibreSpeed.BELOW_1G), (150.0, FibreSpeed.BELOW_1G), ("1 Gbps", FibreSpeed.FROM_1G),
        ("1Gb/s", FibreSpeed.FROM_1G), ("1000", FibreSpeed.FROM_1G), ("từ 1 Gb/s trở lên", FibreSpeed.FROM_1G),
        ("dưới 1 Gbps", FibreSpeed.BELOW_1G), ("2,5G", FibreSpeed.FROM_1G), ("≥1Gbps", FibreSpeed.FROM_1G), ("", None),
    ],
)  # fmt: skip
def test_speeds_know_their_units(cell: Any, value: FibreSpeed | None) -> None:
    assert read_speed(cell) is value


@pytest.mark.parametrize("cell", ["nhanh", "300/300", "0", "1 km"])
def test_what_is_no_speed_is_refused(cell: Any) -> None:
    with pytest.raises(CellError):
        read_speed(cell)


def test_outcomes_are_read_without_marks() -> None:
    assert read_outcome("VANG NHA") is VisitOutcome.ABSENT
    assert read_outcome("Từ chối") is VisitOutcome.REFUSED
    assert read_outcome(None) is None
    with pytest.raises(CellError):
        read_outcome("để mai")


@pytest.mark.parametrize("text", ["Tổ dân phố số 05", "TDP5", "tổ 5", "TO DAN PHO 5", "5", "05", "Tổ 05"])
def test_a_group_has_one_form_however_it_is_written(text: str) -> None:
    assert group_keys(text)[-1] == "5"


def test_the_word_total_is_no_group() -> None:
    assert group_keys("Tổng") == ("tong",)
