"""List numbers as people write them."""

import pytest

from webapp.core.errors import InvalidInput
from webapp.core.number_ranges import read_ranges


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", set()),
        (" , ", set()),
        ("5", {5}),
        ("1-3, 7", {1, 2, 3, 7}),
        ("1 – 3; 3-4\n9", {1, 2, 3, 4, 9}),
    ],
)
def test_ranges_are_read_as_people_write_them(text: str, numbers: set[int]) -> None:
    assert read_ranges(text, field="numbers") == numbers


@pytest.mark.parametrize("text", ["a", "1-", "5-3", "0", "0-4", "1.5", "-3", "1-99999", "٣x", "1 2"])
def test_what_is_not_a_range_is_told_on_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_ranges(text, field="numbers")
    assert [problem.field for problem in refused.value.problems] == ["numbers"]
