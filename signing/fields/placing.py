"""Where signatures go (Decree 30/2020/NĐ-CP, annex I).

Person between title and full name, seal a third over it, corner block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signing.fields.free import free_place, taken_places
from signing.fields.geometry import page_view
from signing.fields.opening import open_pdf
from signing.fields.text import bounds, find_last, fold, has_text, letters_of, open_text
from signing.model import Box, Place
from signing.settings import POINTS_PER_MM, SEAL_DIAMETER_MM

PERSON_WIDTH: Final = 150.0
PERSON_HEIGHT: Final = 62.0
PERSON_GAP: Final = 3.0
LOWEST_GAP: Final = 24.0
HIGHEST_GAP: Final = 170.0
"""Six centimetres: what stands higher above a name is not the signer's title."""
MARGIN: Final = 42.5
"""15 mm: the narrowest margin of the decree."""
SEAL_SHARE: Final = 1 / 3
CORNER_SIZE: Final = (190.0, 44.0)
INITIALS_SIZE: Final = (150.0, 11.0)
INITIALS_BOTTOM: Final = 8.0
MAX_PAGES_SEARCHED: Final = 40
SLACK: Final = 1.0
"""A point of air around the seal's picture, so that true size never rounds down."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where a person's picture goes, and whether the full name is printed below it."""

    place: Place
    printed: bool


def place_person(pdf: bytes, signer_name: str) -> Place:
    """Return the box for a person's picture, see ``suggest_person``. Raises DocumentUnreadable, DocumentEncrypted."""
    return suggest_person(pdf, signer_name).place


def suggest_person(pdf: bytes, signer_name: str) -> Suggestion:
    """Find the box for a person's picture: centred between title and full name, where the name is printed last.

    Bottom right of the last page otherwise. Earlier signatures and fields are left uncovered. Raises
    DocumentUnreadable, DocumentEncrypted.
    """
    found = _find_name(pdf, signer_name)
    reader = open_pdf(pdf).reader
    page = page_view(reader, -1 if found is None else found[0])
    if found is None:
        right = page.width - MARGIN
        box = (right - PERSON_WIDTH, 2 * MARGIN, right, 2 * MARGIN + PERSON_HEIGHT)
    else:
        box = _between(found[1], found[2])
    place = Place(page=page.index, box=_inside(box, page.width, page.height))
    return Suggestion(free_place(place, taken_places(reader, page.index), page), printed=found is not None)


def _between(name: Box, ceiling: float) -> Box:
    """Centre the picture over the name, in the middle of the gap below what is printed above it.

    A gap too low for a picture, or so high that no title stands there: right above the name.
    """
    gap = ceiling - name[3] - 2 * PERSON_GAP
    height = min(PERSON_HEIGHT, gap) if gap >= LOWEST_GAP else PERSON_HEIGHT
    spare = gap - height if LOWEST_GAP <= gap <= HIGHEST_GAP else 0.0
    centre, bottom = (name[0] + name[2]) / 2, name[3] + PERSON_GAP + spare / 2
    return (centre - PERSON_WIDTH / 2, bottom, centre + PERSON_WIDTH / 2, bottom + height)


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


def _find_name(pdf: bytes, name: str) -> tuple[int, Box, float] | None:
    """Page, box (as seen) of the last place where the name stands, and the lower edge of what is printed above it."""
    wanted = fold(name)
    with open_text(pdf) as document:
        count = len(document)
        for index in range(count - 1, max(-1, count - 1 - MAX_PAGES_SEARCHED), -1):
            for unturned in (False, True) if document[index].get_rotation() else (False,):
                letters = letters_of(document[index], unturned=unturned)
                found = find_last(letters, wanted)
                if found is None:
                    continue
                view = page_view(open_pdf(pdf).reader, index)
                box = view.to_view(bounds(letters[slice(*found)]))
                return index, box, _ceiling(box, [view.to_view(letter.box) for letter in letters], view.height)
    return None


def _ceiling(name: Box, letters: list[Box], height: float) -> float:
    """Lower edge of the nearest letter above the name in the column of the picture; the page's edge when none is."""
    centre = (name[0] + name[2]) / 2
    left, right = centre - PERSON_WIDTH / 2, centre + PERSON_WIDTH / 2
    above = (box[1] for box in letters if box[1] > name[3] and box[2] > left and box[0] < right)
    return min(above, default=height)


def _inside(box: Box, width: float, height: float) -> Box:
    """Pushed onto the page where it would stick out."""
    left, bottom, right, top = box
    across = min(right - left, width)
    up = min(top - bottom, height)
    left = min(max(left, 0.0), width - across)
    bottom = min(max(bottom, 0.0), height - up)
    return (left, bottom, left + across, bottom + up)
