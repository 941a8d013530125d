"""The workbook of groups × indicators."""

import io

import pytest
from openpyxl import load_workbook

from webapp.analytics.group_tables import WARD_ROW, GroupCount, group_workbook

ROWS = [
    GroupCount(group="Tổ 2", indicator="Điện thoại", numerator=1, denominator=2, asked=1, known=4),
    GroupCount(group="Tổ 2", indicator="Cáp quang", numerator=0, denominator=0, asked=0, known=4),
    GroupCount(group="=1+1", indicator="Điện thoại", numerator=9, denominator=10, asked=5, known=6),
    GroupCount(group="=1+1", indicator="Cáp quang", numerator=3, denominator=4, asked=4, known=6),
]


@pytest.fixture(scope="module")
def book():
    return load_workbook(io.BytesIO(group_workbook(ROWS)))


def test_the_ward_is_the_sum_of_counts_and_not_the_mean_of_rates(book) -> None:
    rows = {row[0]: row[1:] for row in book["Tỷ lệ"].iter_rows(min_row=2, values_only=True)}
    assert rows[WARD_ROW] == pytest.approx((10 / 12, 3 / 4))


def test_a_group_where_nobody_was_asked_is_empty_and_not_zero(book) -> None:
    rows = {row[0]: row[1:] for row in book["Tỷ lệ"].iter_rows(min_row=2, values_only=True)}
    assert rows["Tổ 2"] == (0.5, None)


def test_groups_and_indicators_keep_their_order_and_no_name_runs_as_a_formula(book) -> None:
    sheet = list(book["Tỷ lệ"].iter_rows(values_only=True))
    assert sheet[0][1:] == ("Điện thoại", "Cáp quang")
    assert [row[0] for row in sheet[1:]] == ["Tổ 2", "'=1+1", WARD_ROW]
    assert all(cell.data_type != "f" for name in book.sheetnames for row in book[name] for cell in row)
