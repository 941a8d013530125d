"""List numbers as people write them: "1-20, 35, 40-42"."""

import re
from typing import Final

from webapp.core.errors import N_, InvalidInput, Problem

MOST: Final = 2_000
_PART: Final = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?")


def read_ranges(text: str, *, field: str) -> frozenset[int]:
    """Read numbers and ranges, separated by commas, semicolons or lines. Empty text gives none.

    Raises InvalidInput on `field` with the part that is not understood.
    """
    numbers: set[int] = set()
    for part in re.split(r"[,;\n]", text):
        if not (word := part.strip()):
            continue
        found = _PART.fullmatch(word)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if first > last or first < 1:
            raise InvalidInput(
                Problem(field, N_("Không hiểu “%(part)s”. Ghi số hộ như 1-20, 35."), {"part": word[:30]})
            )
        if last - first >= MOST or len(numbers) > MOST:
            raise InvalidInput(Problem(field, N_("Mỗi lần chọn nhiều nhất %(most)s hộ."), {"most": MOST}))
        numbers.update(range(first, last + 1))
    return frozenset(numbers)
