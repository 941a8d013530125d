"""Where signatures go (Decree 30/2020/NĐ-CP, annex I): person between title and full name, seal a third over it, corner block."""

from __future__ import annotations

import io
import unicodedata
from typing import Final

import pypdfium2 as pdfium
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.errors import DocumentUnreadable
from signing.fields.geometry import page_count, page_view
from signing.model import Box, Place
from signing.settings import POINTS_PER_MM, SEAL_DIAMETER_MM

PERSON_WIDTH: Final = 150.0
PERSON_HEIGHT: Final = 62.0
PERSON_GAP: Final = 3.0
MARGIN: Final = 42.5
"""15 mm: the narrowest margin of the decree."""
SEAL_SHARE: Final = 1 / 3
CORNER_SIZE: Final = (190.0, 44.0)
MAX_PAGES_SEARCHED: Final = 40
SLACK: Final = 1.0
"""A point of air around the seal's picture, so that true size never rounds down."""


def place_person(pdf: bytes, signer_name: str) -> Place:
    """The box for a person's picture: centred above the last printing of the full name; bottom right of the last page otherwise.

    Raises DocumentUnreadable.
    """
    found = _find_name(pdf, signer_name)
    reader = _reader(pdf)
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
    """The box for the agency's seal: true size (36 mm), covering the left third of the person's picture. Raises as above."""
    diameter = SEAL_DIAMETER_MM * POINTS_PER_MM + 2 * SLACK
    left, bottom, right, top = person.box
    edge = left + (right - left) * SEAL_SHARE
    middle = (bottom + top) / 2
    page = page_view(_reader(pdf), person.page)
    box = (edge - diameter, middle - diameter / 2, edge, middle + diameter / 2)
    return Place(page=person.page, box=_inside(box, page.width, page.height))


def place_corner(pdf: bytes, *, page: int = 0) -> Place:
    """The box at the top right of page 1 for attachments and copies."""
    view = page_view(_reader(pdf), page)
    right, top = view.width - MARGIN / 2, view.height - MARGIN / 2
    box = (right - CORNER_SIZE[0], top - CORNER_SIZE[1], right, top)
    return Place(page=view.index, box=_inside(box, view.width, view.height))


def _reader(pdf: bytes) -> PdfFileReader:
    try:
        return PdfFileReader(io.BytesIO(pdf), strict=False)
    except Exception as error:  # damaged files raise far more than the library's own classes
        raise DocumentUnreadable from error


def _find_name(pdf: bytes, name: str) -> tuple[int, Box] | None:
    """Page and box (as seen) of the last place where the name stands on the last page that has it."""
    wanted = _fold(name)
    if not wanted:
        return None
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise DocumentUnreadable from error
    try:
        count = len(document)
        for index in range(count - 1, max(-1, count - 1 - MAX_PAGES_SEARCHED), -1):
            box = _on_page(document[index], wanted)
            if box is not None:
                return index, page_view(_reader(pdf), index).to_view(box)
    finally:
        document.close()
    return None


def _on_page(page: pdfium.PdfPage, wanted: str) -> Box | None:
    """The last match on a page, in the page's own coordinates. Compares letter by letter, spaces ignored."""
    text = page.get_textpage()
    letters: list[str] = []
    positions: list[int] = []
    for position in range(text.count_chars()):
        folded = _fold(text.get_text_range(position, 1))
        letters.append(folded)
        positions += [position] * len(folded)
    start = "".join(letters).rfind(wanted)
    if start < 0:
        return None
    boxes = [text.get_charbox(p) for p in positions[start : start + len(wanted)]]
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _fold(text: str) -> str:
    """Composed, lower case, without spaces: title pages set names in capitals or letter-spaced."""
    composed = unicodedata.normalize("NFC", text).casefold()
    return "".join(letter for letter in composed if not letter.isspace() and letter.isprintable())


def _inside(box: Box, width: float, height: float) -> Box:
    """Pushed onto the page where it would stick out."""
    left, bottom, right, top = box
    across = min(right - left, width)
    up = min(top - bottom, height)
    left = min(max(left, 0.0), width - across)
    bottom = min(max(bottom, 0.0), height - up)
    return (left, bottom, left + across, bottom + up)
