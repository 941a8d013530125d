"""Which two rows of a list may be one household."""

import random
import time
import unicodedata

import pytest

from webapp.core.duplicates import Known, Likeness, find_pairs


def likeness(one: tuple[str, str], other: tuple[str, str]) -> Likeness | None:
    pairs = find_pairs(
        [Known(key=n, head_name=name, address=address) for n, (name, address) in enumerate((one, other))]
    )
    return pairs[0].likeness if pairs else None


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (("NGUYEN THI ANH", "12, le loi"), Likeness.SAME),
        (("Nguyễn Thị Ánh", "Số 12 đường Lê Lợi"), Likeness.SAME),
        (("Nguyễn Thị Ánh", "12 Lê Lợi, tổ 3"), None),
        (("Nguyễn Thị Ánh", "12 Lê Lơi"), Likeness.SAME),
        (("Nguyễn Thị Ánh", "12 Lê Lợii"), Likeness.NAME),
        (("Nguyễn Thị Anhh", "12 Lê Lợi"), Likeness.ADDRESS),
        (("Nguyễn Thị Oánh", "12 Lê Lợ"), Likeness.NEAR),
        (("Nguyễn Thị Ánh", "99 Hùng Vương"), None),
        (("Nguyễn Thị Ánh", "14 Lê Lợi"), None),
        (("Đỗ Văn Ước", "12 Lê Lợi"), None),
    ],
)
def test_names_and_addresses_are_compared_without_marks(other: tuple[str, str], expected: Likeness | None) -> None:
    assert likeness(("Nguyễn Thị Ánh", "12 Lê Lợi"), other) is expected


@pytest.mark.parametrize(
    "other", [unicodedata.normalize("NFD", "Đỗ Văn Ước"), "Ðỗ Văn Ước", "Ɖỗ văn ước", "do van uoc"]
)
def test_two_ways_to_write_the_same_letters_are_no_difference(other: str) -> None:
    assert likeness(("Đỗ Văn Ước", "5 Ngõ Huế"), (other, unicodedata.normalize("NFD", "5 Ngõ Huế"))) is Likeness.SAME


def test_the_surest_come_first_and_two_hundred_households_are_quick() -> None:
    dice = random.Random(7)
    families, given = ["Nguyễn", "Trần", "Lê", "Phạm"], ["An", "Bình", "Châu", "Dũng", "Ánh", "Ước", "Tám"]
    homes = [
        Known(
            key=n,
            head_name=f"{dice.choice(families)} Văn {dice.choice(given)} {dice.choice(given)}",
            address=f"{dice.randint(1, 150)} Lê Lợi",
        )
        for n in range(200)
    ]
    began = time.process_time()
    pairs = find_pairs([*homes, Known(key=999, head_name=homes[5].head_name, address=homes[5].address)])
    assert time.process_time() - began < 1.5
    assert (pairs[0].likeness, {pairs[0].first, pairs[0].second}) == (Likeness.SAME, {5, 999})
