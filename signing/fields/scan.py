"""Measure the pictures of a scanned PDF: resolution as placed, colour, and how much of the page they fill."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium
from pypdfium2 import raw

from signing.errors import DocumentUnreadable
from signing.fields.text import open_text
from signing.model import Box

LARGE: Final = 0.1
"""Share of the page from which a picture counts; stamps and logos a scanner's software adds do not."""
_GREY: Final = frozenset({raw.FPDF_COLORSPACE_DEVICEGRAY, raw.FPDF_COLORSPACE_CALGRAY})
_HEADER: Final = re.compile(rb"%PDF-(\d)\.(\d)")


@dataclass(frozen=True, slots=True)
class PagePictures:
    """``dpi``: the lowest of the page's large pictures, 0 without any; ``cover``: the lesser share of width, height."""

    dpi: float
    cover: float
    colour: bool


def pdf_version(data: bytes) -> tuple[int, int]:
    """Return the version that the header names; a catalogue that raises it is asked by ``scan_pages``' caller."""
    found = _HEADER.search(data[:1024])
    if found is None:
        raise DocumentUnreadable
    return int(found[1]), int(found[2])


def scan_pages(pdf: bytes) -> list[PagePictures]:
    """Return the measure of every page. Raises DocumentUnreadable."""
    with open_text(pdf) as document:
        try:
            return [_measure(page) for page in document]
        except pdfium.PdfiumError as error:
            raise DocumentUnreadable from error


def _measure(page: pdfium.PdfPage) -> PagePictures:
    left, bottom, right, top = page.get_cropbox()
    width, height = right - left, top - bottom
    found: list[tuple[Box, float, bool]] = []
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=5):
        box = picture.get_bounds()
        if (box[2] - box[0]) * (box[3] - box[1]) >= LARGE * width * height:
            found.append((box, *_quality(picture)))
    if not found:
        return PagePictures(dpi=0.0, cover=0.0, colour=False)
    across = min(right, max(box[2] for box, *_ in found)) - max(left, min(box[0] for box, *_ in found))
    up = min(top, max(box[3] for box, *_ in found)) - max(bottom, min(box[1] for box, *_ in found))
    return PagePictures(
        dpi=min(dpi for _box, dpi, _colour in found),
        cover=min(across / width, up / height),
        colour=any(colour for _box, _dpi, colour in found),
    )


def _quality(picture: pdfium.PdfImage) -> tuple[float, bool]:
    """Dots per inch as placed (the lesser of both directions), and whether it has colours."""
    told = picture.get_metadata()
    grey = told.colorspace in _GREY or told.bits_per_pixel < 8 or _is_grey_profile(told)
    return min(told.horizontal_dpi, told.vertical_dpi), not grey


def _is_grey_profile(told: raw.FPDF_IMAGEOBJ_METADATA) -> bool:
    return bool(told.colorspace == raw.FPDF_COLORSPACE_ICCBASED and told.bits_per_pixel == 8)
