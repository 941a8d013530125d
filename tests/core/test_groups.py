import pytest

from webapp.core.errors import InvalidInput
from webapp.core.groups import GroupLine, parse_groups


def test_code_name_and_population_are_read_from_a_line() -> None:
    assert parse_groups(["01;Tổ dân phố 1;1.250"]) == [GroupLine(code="01", name="Tổ dân phố 1", population=1250)]


def test_cells_of_a_spreadsheet_with_a_heading_are_read() -> None:
    lines = ["Mã tổ\tTên tổ dân phố\tSố dân", "A1\tTổ  Liên Hiệp\t", "", "A2\tTổ Ngọc Thạch\t900"]
    assert parse_groups(lines) == [
        GroupLine(code="A1", name="Tổ Liên Hiệp"),
        GroupLine(code="A2", name="Tổ Ngọc Thạch", population=900),
    ]


def test_bare_names_get_the_number_in_them_as_code() -> None:
    found = parse_groups(["Tổ dân phố 7", "Tổ Liên Hiệp", "Tổ dân phố 12"], taken=["07"])
    # 07 is taken: the first free code after the line's own place.
    assert [line.code for line in found] == ["02", "03", "12"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["01;Tổ 1", "01;Tổ 2"], "Dòng 2: mã tổ “01” đã có."),
        (["01;Tổ 1", "02;TỔ 1"], "Dòng 2: tên tổ “TỔ 1” bị lặp."),
        (["01;;5"], "Dòng 1: chưa có tên tổ."),
    ],
)
def test_a_wrong_line_is_named(lines: list[str], says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_groups(lines)
    assert refused.value.text() == says


def test_nothing_gives_nothing() -> None:
    assert parse_groups(["", "  ", ";;"]) == []
