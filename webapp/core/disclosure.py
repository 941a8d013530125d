"""What may be published of a table of counts by group: no small cell, and none that can be worked out from the rest.

The one function here stands behind the public page and its CSV and JSON, so they hide the same cells. A cell counts
people or households who have something, of those asked; both those who have it and those who have not are protected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from webapp.core.adoption import Measure

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Published(Generic[K]):
    """A table as the public may see it: None is a hidden cell. `total` is the ward's figure."""

    total: Measure | None
    cells: Mapping[K, Measure | None]


def is_small(measure: Measure, threshold: int) -> bool:
    """Tell whether a cell shows fewer than `threshold` people on either side; nobody asked shows nobody."""
    if not measure.denominator:
        return False
    return min(measure.numerator, measure.denominator - measure.numerator) < threshold


def publish(cells: Mapping[K, Measure], *, threshold: int) -> Published[K]:
    """Hide small cells, and then as many of the smallest others as keep each hidden one unknown.

    The total is published, so hidden cells are known to add up to it minus what is shown. Each must stay uncertain by
    at least `threshold` even to somebody who knows how many were asked in every group. Where that cannot be had, no
    group is shown, and not the total either when it is small itself.
    """
    total = sum(cells.values(), Measure())
    if is_small(total, threshold):
        return Published(None, dict.fromkeys(cells))
    hidden = {key for key, measure in cells.items() if is_small(measure, threshold)}
    waiting = sorted((key for key in cells if key not in hidden), key=lambda key: cells[key].denominator)
    while hidden and not _all_uncertain([cells[key] for key in hidden], threshold):
        if not waiting:
            return Published(total, dict.fromkeys(cells))
        hidden.add(waiting.pop(0))
    return Published(total, {key: None if key in hidden else measure for key, measure in cells.items()})


def _all_uncertain(cells: Iterable[Measure], threshold: int) -> bool:
    counted = [cell for cell in cells if cell.denominator]
    have = sum(cell.numerator for cell in counted)
    asked = sum(cell.denominator for cell in counted)
    return all(width >= threshold for width in (_width(cell, have, asked) for cell in counted))


def _width(cell: Measure, have: int, asked: int) -> int:
    """Give how far apart the least and the most are that this cell could be, given what the hidden ones add up to."""
    least = max(0, have - (asked - cell.denominator))
    most = min(cell.denominator, have)
    return most - least
