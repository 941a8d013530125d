"""Pages as they are seen: cropped, turned, and in points also where the page counts in larger units.

Boxes are given in that view and converted to the page's own coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.rw_common import PdfHandler

from signing.errors import PlacementError
from signing.fields.objects import entry
from signing.model import Box

_A4: Final[Box] = (0.0, 0.0, 595.28, 841.89)
_SLACK: Final = 0.5
_LARGEST_UNIT: Final = 75_000.0


@dataclass(frozen=True, slots=True)
class PageView:
    """A page's visible part.

    ``crop`` in the page's coordinates, ``rotation`` clockwise in degrees (0, 90, 180, 270), ``unit`` the points that
    one unit of those coordinates takes (/UserUnit, 1 on nearly every page).
    """

    index: int
    crop: Box
    rotation: int
    unit: float = 1.0

    @property
    def width(self) -> float:
        """Width as seen, in points."""
        across, up = self._size()
        return up if self.rotation % 180 else across

    @property
    def height(self) -> float:
        """Height as seen, in points."""
        across, up = self._size()
        return across if self.rotation % 180 else up

    def to_page(self, box: Box) -> Box:
        """Return a box as seen, in the page's own coordinates.

        Raises PlacementError when it does not lie on the page.
        """
        left, bottom, right, top = box
        inside = left >= -_SLACK and bottom >= -_SLACK and right <= self.width + _SLACK and top <= self.height + _SLACK
        if not inside or right - left < 1 or top - bottom < 1:
            raise PlacementError
        return _ordered(self._point_to_page(left, bottom), self._point_to_page(right, top))

    def to_view(self, box: Box) -> Box:
        """Return a box of the page's own coordinates, as seen."""
        left, bottom, right, top = box
        return _ordered(self._point_to_view(left, bottom), self._point_to_view(right, top))

    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """Return the PDF matrix that draws in view coordinates on the page."""
        left, bottom, right, top = self.crop
        one = 1 / self.unit
        return {
            0: (one, 0, 0, one, left, bottom),
            90: (0, one, -one, 0, right, bottom),
            180: (-one, 0, 0, -one, right, top),
            270: (0, -one, one, 0, left, top),
        }[self.rotation]

    def _size(self) -> tuple[float, float]:
        """Width and height of the visible part in points, before it is turned."""
        return (self.crop[2] - self.crop[0]) * self.unit, (self.crop[3] - self.crop[1]) * self.unit

    def _point_to_page(self, u: float, v: float) -> tuple[float, float]:
        across, up = self._size()
        x, y = {0: (u, v), 90: (across - v, u), 180: (across - u, up - v), 270: (v, up - u)}[self.rotation]
        return self.crop[0] + x / self.unit, self.crop[1] + y / self.unit

    def _point_to_view(self, x: float, y: float) -> tuple[float, float]:
        across, up = self._size()
        x, y = (x - self.crop[0]) * self.unit, (y - self.crop[1]) * self.unit
        return {0: (x, y), 90: (y, across - x), 180: (across - x, up - y), 270: (up - y, x)}[self.rotation]


def page_count(pdf: PdfHandler) -> int:
    """Return number of pages as the page tree states it."""
    try:
        return int(pdf.root["/Pages"]["/Count"])
    except (KeyError, TypeError, ValueError) as error:
        raise PlacementError from error


def page_view(pdf: PdfHandler, index: int) -> PageView:
    """Return the view of a page; ``index`` counts from 0, negative from the back. Raises PlacementError."""
    count = page_count(pdf)
    if not -count <= index < count:
        raise PlacementError
    index %= count
    try:
        reference, _resources = pdf.find_page_for_modification(index)
    except (PdfError, ValueError, IndexError, KeyError) as error:
        raise PlacementError from error
    page = reference.get_object()
    media = _box(_inherited(page, "/MediaBox")) or _A4
    crop = _intersection(_box(_inherited(page, "/CropBox")) or media, media)
    rotation = _inherited(page, "/Rotate")
    turn = int(rotation) % 360 if isinstance(rotation, int | float) else 0
    return PageView(index, crop, turn if turn % 90 == 0 else 0, _unit(page))


def _unit(page: generic.DictionaryObject) -> float:
    """Points a unit of the page takes (PDF 2.0, 14.11.2.1: not inherited)."""
    try:
        unit = float(str(entry(page, "/UserUnit")))
    except ValueError:
        return 1.0
    return unit if 0.001 <= unit <= _LARGEST_UNIT else 1.0


def _inherited(page: generic.DictionaryObject, key: str) -> object:
    node: generic.PdfObject | None = page
    for _depth in range(64):
        if not isinstance(node, generic.DictionaryObject):
            return None
        value = entry(node, key)
        if value is not None:
            return value
        node = entry(node, "/Parent")
    return None


def _box(value: object) -> Box | None:
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    try:
        a, b, c, d = (float(number) for number in value)
    except (TypeError, ValueError):
        return None
    return _ordered((a, b), (c, d))


def _ordered(one: tuple[float, float], other: tuple[float, float]) -> Box:
    (a, b), (c, d) = one, other
    return (min(a, c), min(b, d), max(a, c), max(b, d))


def _intersection(one: Box, other: Box) -> Box:
    box = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    return box if box[2] > box[0] and box[3] > box[1] else other
