"""Headings are guessed from what people write above their columns."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.import_columns import BY_KEY, COLUMNS, Column
from webapp.core.import_headings import guess_heading, guess_mapping, heading_keys
from webapp.core.text import fold


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("HỌ VÀ TÊN\nCHỦ HỘ", "head_name"),
        ("Số người từ 18 tuổi trở lên", "adults"),
        ("Số người từ 14 tuổi trở lên", "residents_14plus"),
        ("Người từ đủ 15 tuổi", "residents_15plus"),
        ("Số điện thoại TM", "smartphone_adults"),
        ("Điện thoại thông minh Không", "without_smartphone"),
        ("Số người có tài khoản VNeID mức 2", "vneid_l2"),
        ("Người lớn có chữ ký số/ chữ ký điện tử", "esignature_adults"),
        ("CKS hoặc CKĐT", "esignature_adults"),
        ("Có chữ ký số", "digital_signature_adults"),
        ("Internet cáp quang Tốc độ (Mbps)", "fibre_speed"),
        ("Đã lắp cáp quang (x)", "fibre_connected"),
        ("thiết bị IoT (camera, khóa cửa…)", "iot_connections"),
    ],
)
def test_real_headings_are_understood(heading: str, key: str) -> None:
    assert guess_heading(heading).key == key


@pytest.mark.parametrize(
    "heading",
    [
        "Số điện thoại",
        "SĐT liên hệ",
        "CMND",
        "Số CCCD",
        "Ngày sinh",
        "Hộ khẩu",
        "VNeID mức 1",
        "Không",
        "Có",
        "",
        "Dân tộc",
    ],
)
def test_what_must_not_be_taken_is_not_guessed(heading: str) -> None:
    assert guess_heading(heading).key == ""


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_every_synonym_names_its_own_column(column: Column) -> None:
    assert {guess_heading(heading).key for heading in column.headings} == {column.key}


@given(st.sampled_from([(c.key, h) for c in COLUMNS for h in c.headings]), st.sampled_from("nNdD"), st.booleans())
def test_case_marks_and_breaks_do_not_matter(pair: tuple[str, str], form: str, upper: bool) -> None:
    key, heading = pair
    text = unicodedata.normalize("NFD" if form in "dD" else "NFC", heading.replace(" ", "\n"))
    assert guess_heading(text.upper() if upper else text).key == key


@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_headings_give_a_mapping_without_doubles(headings: list[str]) -> None:
    guesses = guess_mapping(headings)
    taken = [guess.key for guess in guesses if guess.key]
    assert len(guesses) == len(headings)
    assert len(taken) == len(set(taken))
    assert set(taken) <= set(BY_KEY)
    assert all(0 <= guess.confidence <= 1 for guess in guesses)
    told = [key for key in heading_keys(headings) if key]
    assert len(set(told)) == len([heading for heading in headings if fold(heading)])
