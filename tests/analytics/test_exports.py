"""Tables that open right in a spreadsheet and run nothing there."""

import csv
import io

import pytest

from webapp.analytics.exports import csv_bytes, harmless


@pytest.mark.parametrize("text", ["=1+1", "+84", "-2", "@cmd", "\t=1", " =1", "\r=1"])
def test_text_that_could_run_as_a_formula_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_numbers_stay_numbers_and_unknown_is_empty() -> None:
    assert harmless(-3) == -3
    assert harmless(None) == ""


def test_vietnamese_comes_back_and_the_file_begins_with_its_mark() -> None:
    content = csv_bytes(("tổ", "số"), [("Tổ dân phố Ấp Đình", 3), ('có "dấu", phẩy', None)])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [["tổ", "số"], ["Tổ dân phố Ấp Đình", "3"], ['có "dấu", phẩy', ""]]
