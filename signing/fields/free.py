"""Which places of a page are taken already: a signature must not cover an earlier one, nor a field of the form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.rw_common import PdfHandler

from signing.errors import PlacementError, PlaceTaken
from signing.fields.geometry import PageView, page_count, page_view
from signing.fields.objects import entry, members
from signing.fields.opening import open_pdf
from signing.model import Box, Place

SMALLEST: Final = (24.0, 12.0)
"""Width and height in points below which nobody could read what was signed."""
TOUCH: Final = 0.5
"""Points by which two boxes may meet: sizes are rounded on their way through a browser."""
_HIDDEN: Final = 2


def taken_places(pdf: PdfHandler, only: int | None = None) -> list[Place]:
    """Return every visible widget (signature or form field) of the document or of one page, as seen on its page."""
    found = []
    for index in range(page_count(pdf)) if only is None else (only,):
        page = page_view(pdf, index)
        found += [Place(page=index, box=box) for box in _widgets(pdf, page)]
    return found


def check_place(pdf: bytes, place: Place) -> None:
    """Refuse a place that is not on its page, too small to read, or taken. Raises PlacementError, PlaceTaken."""
    reader = open_pdf(pdf).reader
    page = page_view(reader, place.page)
    page.to_page(place.box)
    left, bottom, right, top = place.box
    if right - left < SMALLEST[0] - TOUCH or top - bottom < SMALLEST[1] - TOUCH:
        raise PlacementError
    if any(overlap(place.box, box) for box in _widgets(reader, page)):
        raise PlaceTaken


def overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes cover each other by more than a touch."""
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > TOUCH and min(one[3], other[3]) - max(one[1], other[1]) > TOUCH
    )


def free_place(place: Place, taken: Iterable[Place], page: PageView, *, gap: float = 4.0) -> Place:
    """Return the place, moved beside or above what stands there already; unmoved when there is no room at all."""
    boxes = [each.box for each in taken if each.page == place.page]
    if not any(overlap(place.box, box) for box in boxes):
        return place
    for box in _beside(place.box, boxes, gap):
        inside = box[0] >= 0 and box[1] >= 0 and box[2] <= page.width and box[3] <= page.height
        if inside and not any(overlap(box, other) for other in boxes):
            return Place(page=place.page, box=box)
    return place


def _beside(box: Box, boxes: Sequence[Box], gap: float) -> list[Box]:
    """Candidates, the nearest first: left of, above, right of, below each of the boxes in the way."""
    width, height = box[2] - box[0], box[3] - box[1]
    found = []
    for left, bottom, right, top in boxes:
        corners = (
            (left - gap - width, box[1]),
            (box[0], top + gap),
            (right + gap, box[1]),
            (box[0], bottom - gap - height),
        )
        found += [(x, y, x + width, y + height) for x, y in corners]
    return sorted(found, key=lambda each: abs(each[0] - box[0]) + abs(each[1] - box[1]))


def _widgets(pdf: PdfHandler, page: PageView) -> list[Box]:
    reference, _resources = pdf.find_page_for_modification(page.index)
    found = []
    for member in members(reference.get_object(), "/Annots"):
        widget = member.get_object() if isinstance(member, generic.IndirectObject) else member
        if str(entry(widget, "/Subtype")) != "/Widget" or _is_hidden(widget):
            continue
        box = _rectangle(entry(widget, "/Rect"))
        if box is not None:
            found.append(page.to_view(box))
    return found


def _is_hidden(widget: generic.PdfObject) -> bool:
    flags: object = entry(widget, "/F")
    return isinstance(flags, int) and bool(flags & _HIDDEN)


def _rectangle(value: object) -> Box | None:
    """Four numbers, ordered; None when they are not, or when there is nothing to see."""
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    try:
        a, b, c, d = (float(number) for number in value)
    except (TypeError, ValueError):
        return None
    box = (min(a, c), min(b, d), max(a, c), max(b, d))
    return box if box[2] - box[0] >= 1 and box[3] - box[1] >= 1 else None
