"""Find words on a page (pypdfium2), with their boxes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2 as pdfium

from signing.errors import DocumentUnreadable
from signing.model import Box


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, folded for comparing, with its box in the page's own coordinates."""

    text: str
    box: Box


@contextmanager
def open_text(pdf: bytes) -> Iterator[pdfium.PdfDocument]:
    """Return a document for reading text. Raises DocumentUnreadable."""
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise DocumentUnreadable from error
    try:
        yield document
    finally:
        document.close()


def letters_of(page: pdfium.PdfPage, *, unturned: bool = False) -> list[Letter]:
    """Every visible letter of a page in reading order; marks that stand apart (NFD) are joined to their letters.

    pdfium orders them as the turned page shows them; ``unturned``: as the page's own coordinates do.
    """
    if unturned:
        page.set_rotation(0)
    text = page.get_textpage()
    found: list[Letter] = []
    for position in range(text.count_chars()):
        folded = fold(text.get_text_range(position, 1))
        if not folded:
            continue
        letter = Letter(folded, text.get_charbox(position))
        if found and all(map(unicodedata.combining, folded)):
            before = found.pop()
            letter = Letter(fold(before.text + folded), bounds([before, letter]))
        found.append(letter)
    return found


def find_last(letters: list[Letter], wanted: str) -> tuple[int, int] | None:
    """Start and end index of the last place where ``wanted`` (folded) stands; spaces and case do not matter."""
    return _find(letters, wanted, last=True)


def find_first(letters: list[Letter], wanted: str) -> tuple[int, int] | None:
    """As ``find_last``, the first place."""
    return _find(letters, wanted, last=False)


def bounds(letters: list[Letter]) -> Box:
    """Return the box around some letters."""
    boxes = [letter.box for letter in letters]
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def has_text(page: pdfium.PdfPage, box: Box) -> bool:
    """Return True when a letter stands inside ``box`` (page coordinates)."""
    return bool(page.get_textpage().get_text_bounded(*box).strip())


def fold(text: str) -> str:
    """Composed, lower case, without spaces: title pages set names in capitals or letter-spaced."""
    composed = unicodedata.normalize("NFC", text).casefold()
    return "".join(letter for letter in composed if not letter.isspace() and letter.isprintable())


def _find(letters: list[Letter], wanted: str, *, last: bool) -> tuple[int, int] | None:
    owners = [index for index, letter in enumerate(letters) for _part in letter.text]
    text = "".join(letter.text for letter in letters)
    start = text.rfind(wanted) if last else text.find(wanted)
    if start < 0 or not wanted:
        return None
    return owners[start], owners[start + len(wanted) - 1] + 1
