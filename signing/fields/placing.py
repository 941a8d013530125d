"""Where signatures go (Decree 30/2020/NĐ-CP, annex I).

Person between title and full name, seal a third over it, corner block.
"""

from __future__ import annotations

from typing import Final

from signing.fields.geometry import page_view
from signing.fields.opening import open_pdf
from signing.fields.text import bounds, find_last, fold, has_text, letters_of, open_text
from signing.model import Box, Place
from signing.settings import POINTS_PER_MM, SEAL_DIAMETER_MM

PERSON_WIDTH: Final = 150.0
PERSON_HEIGHT: Final = 62.0
PERSON_GAP: Final = 3.0
MARGIN: Final = 42.5
"""15 mm: the narrowest margin of the decree."""
SEAL_SHARE: Final = 1 / 3
CORNER_SIZE: Final = (190.0, 44.0)
INITIALS_SIZE: Final = (150.0, 11.0)
INITIALS_BOTTOM: Final = 8.0
MAX_PAGES_SEARCHED: Final = 40
SLACK: Final = 1.0
"""A point of air around the seal's picture, so that true size never rounds down."""


def place_person(pdf: bytes, signer_name: str) -> Place:
    """Return the box for a person's picture: centred above the last printing of the full name.

    Bottom right of the last page otherwise.

    Raises DocumentUnreadable, DocumentEncrypted.
    """
    found = _find_name(pdf, signer_name)
    reader = open_pdf(pdf).reader
    if found is None:
        page = page_view(reader, -1)
        right = page.width - MARGIN
        box = (right - PERSON_WIDTH, 2 * MARGIN, right, 2 * MARGIN + PERSON_HEIGHT)
        return Place(page=page.index, box=_inside(box, page.width, page.height))
    index, name = found
    page = page_view(reader, index)
    centre = (name[0] + name[2]) / 2
    bottom = name[3] + PERSON_GAP
    box = (centre - PERSON_WIDTH / 2, bottom, centre + PERSON_WIDTH / 2, bottom + PERSON_HEIGHT)
    return Place(page=index, box=_inside(box, page.width, page.height))


def place_seal(person: Place, pdf: bytes) -> Place:
    """Return the box for the agency's seal: true size (36 mm), covering the left third of the person's picture.

    Raises as above.
    """
    diameter = SEAL_DIAMETER_MM * POINTS_PER_MM + 2 * SLACK
    left, bottom, right, top = person.box
    edge = left + (right - left) * SEAL_SHARE
    middle = (bottom + top) / 2
    page = page_view(open_pdf(pdf).reader, person.page)
    box = (edge - diameter, middle - diameter / 2, edge, middle + diameter / 2)
    return Place(page=person.page, box=_inside(box, page.width, page.height))


def place_initials(pdf: bytes, *, rank: int) -> Place | None:
    """Return a small box in the bottom margin of the last page, where no text stands; None when there is no room.

    ``rank`` counts the initials before it, so that several stand beside each other. Raises as above.
    """
    view = page_view(open_pdf(pdf).reader, -1)
    width, height = INITIALS_SIZE
    with open_text(pdf) as document:
        for row in range(rank, rank + 3):
            right, bottom = view.width - MARGIN / 2, INITIALS_BOTTOM + row * height
            box = _inside((right - width, bottom, right, bottom + height), view.width, view.height)
            if not has_text(document[view.index], view.to_page(box)):
                return Place(page=view.index, box=box)
    return None


def place_corner(pdf: bytes, *, page: int = 0, size: tuple[float, float] = CORNER_SIZE) -> Place:
    """Return the box at the top right of page 1 for attachments and copies; ``size``: width and height in points."""
    view = page_view(open_pdf(pdf).reader, page)
    right, top = view.width - MARGIN / 2, view.height - MARGIN / 2
    box = (right - size[0], top - size[1], right, top)
    return Place(page=view.index, box=_inside(box, view.width, view.height))


def _find_name(pdf: bytes, name: str) -> tuple[int, Box] | None:
    """Page and box (as seen) of the last place where the name stands on the last page that has it."""
    wanted = fold(name)
    with open_text(pdf) as document:
        count = len(document)
        for index in range(count - 1, max(-1, count - 1 - MAX_PAGES_SEARCHED), -1):
            letters = letters_of(document[index])
            found = find_last(letters, wanted)
            if found is not None:
                view = page_view(open_pdf(pdf).reader, index)
                return index, view.to_view(bounds(letters[slice(*found)]))
    return None


def _inside(box: Box, width: float, height: float) -> Box:
    """Pushed onto the page where it would stick out."""
    left, bottom, right, top = box
    across = min(right - left, width)
    up = min(top - bottom, height)
    left = min(max(left, 0.0), width - across)
    bottom = min(max(bottom, 0.0), height - up)
    return (left, bottom, left + across, bottom + up)
