import unicodedata

import pytest

from webapp.core.accounts import normal_username, password_problems, suggest_username, username_problems


@pytest.mark.parametrize(
    "password",
    [
        "12345678",
        "password1",
        "P@ssw0rd",
        "matkhau123",
        "MẬT KHẨU",
        "anhyeuem",
        "Anh yêu em 2026",
        "iloveyou!!",
        "aaaaaaaa",
        "abababab",
        "hgfedcba",
        "qwertyuiop",
        "Quảng Ngãi 2025",
    ],
)
def test_passwords_that_guessers_try_first_are_refused(password: str) -> None:
    assert password_problems(password)


@pytest.mark.parametrize(
    "password", ["thuyền giấy qua cầu", "trâu áo tím 7", "x7!Kq2#m", "  a  b  c  d", "🦆🐟🌾🏮🥁🎋🪁🧧"]
)
def test_other_passwords_are_taken_without_rules_about_characters(password: str) -> None:
    assert password_problems(password) == []


@pytest.mark.parametrize(("password", "wrong"), [("1234567", True), ("x" * 7 + "y", True), ("bơ gạo 1", False)])
def test_eight_characters_are_enough(password: str, wrong: bool) -> None:
    assert bool(password_problems(password)) is wrong


def test_two_hundred_characters_are_taken_and_one_more_is_not() -> None:
    long = "sông núi mây " * 16
    assert password_problems(long[:200]) == []
    assert password_problems(long[:201])


def test_the_way_a_keyboard_writes_vietnamese_does_not_matter() -> None:
    assert password_problems(unicodedata.normalize("NFD", "anh yêu em"))
    # Eight letters count as eight, also when they come as letters and marks.
    assert password_problems(unicodedata.normalize("NFD", "ồểữậỗấ"))


@pytest.mark.parametrize("password", ["Nguyễn Thị Ánh", "nguyenthianh", "anhnt123", "Trương Quang Trọng", "phuongso"])
def test_own_names_are_no_password(password: str) -> None:
    own = ("anhnt123", "Nguyễn Thị Ánh", "Trương Quang Trọng")
    assert password_problems(password, own_words=own)


def test_usernames_are_compared_as_phones_type_them() -> None:
    assert normal_username(" AnhNT ") == "anhnt"
    assert username_problems("anhnt.2") == []
    assert username_problems("ánh")
    assert username_problems("ab")


def test_a_username_is_given_name_and_initials_and_free() -> None:
    assert suggest_username("Nguyễn Thị Ánh") == "anhnt"
    assert suggest_username("Đỗ Văn Ước", {"uocdv", "uocdv2"}) == "uocdv3"
    assert username_problems(suggest_username("Ý")) == []
    assert username_problems(suggest_username("")) == []
