"""The appearance stream of a visible signature, written from parts that were made once.

Annex I of Decree 30/2020/NĐ-CP: a person's signature is a blue picture; the agency's is a red picture of the seal in
true size; on separate attachments and copies a block of text, Times New Roman upright 10 pt black, stands in the
corner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.stamp import BaseStampStyle

from signing.appearance.font import StampFont, stamp_font
from signing.appearance.objects import ObjectSink
from signing.appearance.pictures import Picture, prepare_picture
from signing.errors import PictureUnreadable
from signing.model import Box, Stamp, StampLayout

LEADING: Final = 1.25
BESIDE_SHARE: Final = 0.42
BLUE: Final = b"0.08 0.16 0.62 rg"
BLACK: Final = b"0 g"
CORNER_SIZE: Final = 10.0
INITIALS_TEXT: Final = 7.0


def person_stamp(picture: bytes, *, with_text: bool = False) -> Stamp:
    """Return the look of a person's handwritten signature (transparent PNG), alone or over who and when."""
    if not with_text:
        return Stamp(picture=picture)
    lines = ("Người ký: {signer}", "Thời gian ký: {time}")
    return Stamp(layout=StampLayout.PICTURE_ABOVE_TEXT, picture=picture, lines=lines, size=7.0, blue=True)


def initials_stamp() -> Stamp:
    """Return the look of initials ("ký nháy"): one small line that says whose they are."""
    return Stamp(layout=StampLayout.TEXT, lines=("Ký nháy: {signer}",), size=INITIALS_TEXT, blue=True)


def seal_stamp(picture: bytes) -> Stamp:
    """Return the agency's seal: the picture alone."""
    return Stamp(picture=picture)


def corner_stamp(*lines: str) -> Stamp:
    """Return the corner block of attachments and copies; each line may use ``{time}``."""
    return Stamp(layout=StampLayout.TEXT, lines=lines, size=CORNER_SIZE)


@dataclass(frozen=True)
class StampStyle(BaseStampStyle):
    """pyHanko's style object over prepared parts; ``rotation`` is the page's /Rotate in degrees."""

    layout: StampLayout = StampLayout.PICTURE
    picture: Picture | None = None
    font: StampFont | None = None
    lines: tuple[str, ...] = ()
    size: float = 8.0
    blue: bool = False
    rotation: int = 0

    def create_stamp(  # type: ignore[override]  # pyHanko only calls apply_appearance on what it gets
        self,
        writer: ObjectSink,
        box: BoxConstraints,
        _text_params: dict[str, Any],
    ) -> Drawing:
        """PyHanko's hook."""
        width, height = float(box.width), float(box.height)
        if self.rotation % 180:
            width, height = height, width
        return Drawing(self, writer, width, height)


def style_for(stamp: Stamp, *, values: dict[str, str], rotation: int = 0, unit: float = 1.0) -> StampStyle:
    """Return the style for one signature: ``values`` fill ``{signer}`` and ``{time}``. Raises PictureUnreadable.

    ``unit`` is the points that one unit of the page takes: text keeps its size as seen.
    """
    picture = prepare_picture(stamp.picture) if stamp.picture is not None else None
    if picture is None and stamp.layout is not StampLayout.TEXT:
        raise PictureUnreadable
    lines = tuple(_fill(line, values) for line in stamp.lines)
    return StampStyle(
        layout=stamp.layout,
        picture=picture,
        font=stamp_font() if lines and stamp.layout is not StampLayout.PICTURE else None,
        lines=lines,
        size=stamp.size / unit,
        blue=stamp.blue,
        rotation=rotation,
    )


def _fill(line: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        line = line.replace("{" + name + "}", value)
    return line


class Drawing:
    """One appearance about to be written into one document."""

    def __init__(self, style: StampStyle, writer: ObjectSink, width: float, height: float) -> None:
        self._style = style
        self._writer = writer
        self._width = width
        self._height = height

    def apply_appearance(self, annotation: generic.DictionaryObject) -> None:
        """PyHanko's hook: set the widget's normal appearance."""
        reference = self._writer.add_object(self.form())
        annotation[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): reference})

    def form(self) -> generic.StreamObject:
        """Return the form XObject with its resources; turned so that it stands upright on a rotated page."""
        style = self._style
        resources = generic.DictionaryObject()
        if style.picture is not None:
            images = generic.DictionaryObject({pdf_name("/Anh"): style.picture.write(self._writer)})
            resources[pdf_name("/XObject")] = images
        if style.font is not None:
            fonts = generic.DictionaryObject({pdf_name("/Chu"): style.font.write(self._writer)})
            resources[pdf_name("/Font")] = fonts
        operators = drawing_operators(style, self._width, self._height)
        return form_object(operators, resources, (self._width, self._height), rotation=style.rotation)


def drawing_operators(style: StampStyle, width: float, height: float) -> bytes:
    """Return what draws the stamp: the picture as /Anh, the text with the font /Chu."""
    picture_box, text_box = split_box(style, width, height)
    operators: list[bytes] = []
    if style.picture is not None and picture_box is not None:
        operators.append(_draw_picture(style.picture, picture_box))
    if style.font is not None and text_box is not None:
        color = BLUE if style.blue else BLACK
        operators.append(draw_lines(style.font, style.lines, text_box, size=style.size, color=color))
    return b"\n".join(operators)


def form_object(
    operators: bytes, resources: generic.DictionaryObject, size: tuple[float, float], *, rotation: int = 0
) -> generic.StreamObject:
    """Return a form XObject of the given size in points, turned counter-clockwise by ``rotation`` degrees."""
    cosine, sine = round(math.cos(math.radians(rotation))), round(math.sin(math.radians(rotation)))
    entries = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Form"),
        pdf_name("/BBox"): _numbers((0, 0, *size)),
        pdf_name("/Matrix"): _numbers((cosine, sine, -sine, cosine, 0, 0)),
        pdf_name("/Resources"): resources,
    }
    return generic.StreamObject(entries, stream_data=operators)


def split_box(style: StampStyle, width: float, height: float) -> tuple[Box | None, Box | None]:
    """Return the parts of the box for picture and text."""
    whole = (0.0, 0.0, width, height)
    match style.layout:
        case StampLayout.PICTURE:
            return whole, None
        case StampLayout.TEXT:
            return None, whole
        case StampLayout.PICTURE_ABOVE_TEXT:
            line = min(len(style.lines) * style.size * LEADING + 2, height * 0.6)
            return (0.0, line, width, height), (0.0, 0.0, width, line)
        case StampLayout.PICTURE_BESIDE_TEXT:
            middle = width * BESIDE_SHARE
            return (0.0, 0.0, middle, height), (middle + 4, 0.0, width, height)


def _draw_picture(picture: Picture, box: Box) -> bytes:
    """As large as fits, centred, proportions kept."""
    left, bottom, right, top = box
    scale = min((right - left) / picture.width, (top - bottom) / picture.height)
    width, height = picture.width * scale, picture.height * scale
    x, y = (left + right - width) / 2, (bottom + top - height) / 2
    return b"q %.3f 0 0 %.3f %.3f %.3f cm /Anh Do Q" % (width, height, x, y)


def draw_lines(font: StampFont, lines: Sequence[str], box: Box, *, size: float, color: bytes = BLACK) -> bytes:
    """Text operators: left-aligned, centred in height, shrunk until the longest line and all lines fit."""
    left, bottom, right, top = box
    longest = max((font.width(line, size) for line in lines), default=0.0)
    room = max(right - left, 1.0)
    fit = min(1.0, room / longest if longest else 1.0, (top - bottom) / (len(lines) * size * LEADING))
    size *= fit
    leading = size * LEADING
    first = (bottom + top + len(lines) * leading) / 2 - size * 0.95
    out = [b"BT", color, b"/Chu %.3f Tf %.3f TL %.3f %.3f Td" % (size, leading, left, first)]
    out += [b"<" + font.encode(line) + b"> Tj T*" for line in lines]
    return b"\n".join([*out, b"ET"])


def _numbers(values: Sequence[float]) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(round(value, 3)) for value in values])
