"""The date of a document: gaps found on the first page, filled with the number between the two signatures."""

import datetime as dt
import subprocess
from pathlib import Path

import pytest

from signing import Level, SignRequest, validate_pdf
from signing.fields import date_gaps, open_pdf, page_view, taken_places
from signing.model import Code
from signing.prepare import fill_number, prepare_document
from tests.signing.conftest import World
from tests.signing.documents import plan_pdf

URL = "https://hoamau.example.vn/kiem-tra/AB7K2M"
DAY = dt.date(2026, 2, 8)
HEAD = '#set page("a4")\n#set text(size: 13pt)\n#grid(columns: (6cm, 1fr), [Số: #h(1.2cm)/BC-UBND], [Bến Mẫu, {}])\n'
OPEN = "_ngày#h(0.8cm)tháng#h(0.8cm)năm_"


def paper(date: str, more: str = "") -> bytes:
    return plan_pdf(HEAD.format(date) + more)


def words(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "text.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(text.split())


def filled(pdf: bytes) -> bytes:
    return fill_number(prepare_document(pdf, verify_url=URL, short_code="AB7").data, "07", issued_on=DAY)


def test_the_gaps_are_filled_with_leading_zeros_for_small_days_and_the_first_two_months(tmp_path: Path) -> None:
    assert "Số: 07 /BC-UBND Bến Mẫu, ngày 08 tháng 02 năm 2026" in words(filled(paper(OPEN)), tmp_path)
    march = fill_number(
        prepare_document(paper(OPEN), verify_url=URL, short_code="AB7").data, "7", issued_on=dt.date(2026, 3, 21)
    )
    assert "ngày 21 tháng 3 năm 2026" in words(march, tmp_path)


@pytest.mark.parametrize(
    "date",
    [
        "ngày#h(0.8cm)tháng#h(0.8cm)năm 2027",
        "ngày ....... tháng ....... năm 2027",
        "ngày …… tháng …… năm 2027",
    ],
)
def test_a_printed_year_stays_and_dots_are_covered(date: str, tmp_path: Path) -> None:
    prepared = prepare_document(paper(date), verify_url=URL, short_code="AB7").data
    assert len(taken_places(open_pdf(prepared).reader)) == 3, "number, day, month"
    text = words(fill_number(prepared, "07", issued_on=DAY), tmp_path)
    assert "08" in text
    assert "2027" in text


@pytest.mark.parametrize(
    "date",
    ["ngày 08 tháng 3 năm 2026", "ngày tháng năm", "ngày#h(0.8cm)tháng#h(0.8cm)năm 20...", "không ghi"],
)
def test_a_date_that_is_printed_or_leaves_no_room_gets_no_fields(date: str, tmp_path: Path) -> None:
    pdf = paper(date)
    assert date_gaps(pdf, page_view(open_pdf(pdf).reader, 0)) is None
    assert "ngày 08 tháng 02" not in words(filled(pdf), tmp_path)


def test_words_in_the_text_below_are_no_date() -> None:
    pdf = paper("ngày 08 tháng 3 năm 2026", f"#v(16cm)\nTính đến {OPEN}")
    assert date_gaps(pdf, page_view(open_pdf(pdf).reader, 0)) is None


def test_number_and_date_between_the_signatures_leave_both_valid(world: World) -> None:
    prepared = prepare_document(paper(OPEN), verify_url=URL, short_code="AB7").data
    person = world.sign(prepared, request=SignRequest(field="KyNguoi", level=Level.B_T))
    numbered = fill_number(person.data, "07", issued_on=DAY)
    sealed = world.sign(numbered, "co-quan", SignRequest(field="KyCoQuan", level=Level.B_T))
    report = validate_pdf(sealed.data, trust=world.trust, crls=world.crls)
    assert report.code is Code.OK
    assert [one.code for one in report.signatures] == [Code.OK, Code.OK]
