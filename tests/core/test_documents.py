"""Words and forms of Decree 30 that need no database."""

import datetime as dt

import pytest

from webapp.core.documents import (
    SigningCapacity,
    document_symbol,
    format_day,
    format_notation,
    signing_capacity_text,
    tidy_filename,
)
from webapp.core.periods import Period


@pytest.mark.parametrize(
    ("number", "symbol", "notation"),
    [
        (1, "KH-UBND", "01/KH-UBND"),
        (9, "BC-UBND", "09/BC-UBND"),
        (10, "UBND-VX", "10/UBND-VX"),
        (123, "QĐ-UBND", "123/QĐ-UBND"),
    ],
)
def test_numbers_below_ten_have_a_leading_zero(number: int, symbol: str, notation: str) -> None:
    assert format_notation(number, symbol) == notation


def test_letters_have_no_type_and_name_the_unit() -> None:
    assert document_symbol("KH", "UBND") == "KH-UBND"
    assert document_symbol("", "UBND", "VX") == "UBND-VX"
    assert document_symbol("", "UBND") == "UBND"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (dt.date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (dt.date(2026, 3, 15), "ngày 15 tháng 3 năm 2026"),
        (dt.date(2026, 11, 9), "ngày 09 tháng 11 năm 2026"),
    ],
)
def test_days_and_the_first_two_months_have_a_leading_zero(day: dt.date, text: str) -> None:
    assert format_day(day) == text


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Kế hoạch số 5.pdf", "Kế hoạch số 5.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\van ban.PDF", "van ban.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("", "van-ban.pdf"),
        (".pdf", "van-ban.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_file_names_keep_their_words_and_lose_what_could_harm(name: str, kept: str) -> None:
    assert tidy_filename(name) == kept


def test_on_behalf_names_the_agency_and_the_rest_stands_alone() -> None:
    assert signing_capacity_text(SigningCapacity.TM, "UBND phường") == "TM. UBND phường"
    assert signing_capacity_text(SigningCapacity.KT, "UBND phường") == "KT."
    assert signing_capacity_text(SigningCapacity.OWN, "UBND phường") == ""


def test_a_period_ends_at_midnight_in_the_ward_and_touches_its_months() -> None:
    period = Period(first=dt.date(2026, 1, 31), last=dt.date(2026, 3, 1))
    assert period.start.astimezone(dt.UTC) == dt.datetime(2026, 1, 30, 17, tzinfo=dt.UTC)
    assert period.end.astimezone(dt.UTC) == dt.datetime(2026, 3, 1, 17, tzinfo=dt.UTC)
    assert [month.month for month in period.months()] == [1, 2, 3]
    assert len(Period(first=dt.date(1901, 1, 1), last=dt.date(2026, 1, 1)).months()) == 36
