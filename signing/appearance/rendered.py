"""A stamp as finished PDF objects, made once and numbered anew for each document.

Font and picture are tens of kilobytes that never change between documents; writing them object by object costs a
millisecond each time. Here they are written once into a list of objects whose references are counted from zero.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from pyhanko.pdf_utils import generic

from signing.appearance.font import StampFont
from signing.appearance.objects import ObjectSink
from signing.appearance.pictures import Picture
from signing.appearance.stamp import StampStyle, drawing_operators, form_object

_FIRST: Final = 900_000_000
"""Numbers that no object of a stamp can have otherwise: they mark the references while a block is made."""
_REFERENCE: Final = re.compile(rb"\b9\d{8} 0 R\b")
_STREAM: Final = b"\nstream\n"

Piece: TypeAlias = bytes | int
"""Bytes as they are, or the position of an object of the same block."""


@dataclass(frozen=True, slots=True)
class Block:
    """Objects that refer to each other only; the last one is what the outside refers to."""

    objects: tuple[tuple[Piece, ...], ...]

    def numbered(self, first: int) -> list[bytes]:
        """Return the bodies of the objects when the first of them has the number ``first``."""
        return [
            b"".join(piece if isinstance(piece, bytes) else b"%d 0 R" % (first + piece) for piece in pieces)
            for pieces in self.objects
        ]


def rendered(style: StampStyle, size: tuple[float, float], first: int) -> list[bytes]:
    """Return the bodies of all objects of a stamp, numbered from ``first``; the last is the form XObject itself.

    ``size``: width and height of the widget on the page in points, before the page's own rotation.
    """
    width, height = size if style.rotation % 180 == 0 else (size[1], size[0])
    bodies: list[bytes] = []
    resources = generic.DictionaryObject()
    for key, name, block in _blocks(style):
        bodies += block.numbered(first + len(bodies))
        reference = generic.IndirectObject(first + len(bodies) - 1, 0, None)
        resources[generic.pdf_name(key)] = generic.DictionaryObject({generic.pdf_name(name): reference})
    operators = drawing_operators(style, width, height)
    bodies.append(dumped(form_object(operators, resources, (width, height), rotation=style.rotation)))
    return bodies


def dumped(value: generic.PdfObject) -> bytes:
    """Return an object as it stands in a file."""
    out = io.BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()


def _blocks(style: StampStyle) -> Sequence[tuple[str, str, Block]]:
    found = []
    if style.picture is not None:
        found.append(("/XObject", "/Anh", _picture_block(style.picture)))
    if style.font is not None:
        found.append(("/Font", "/Chu", _font_block(style.font)))
    return found


@lru_cache(maxsize=64)
def _picture_block(picture: Picture) -> Block:
    return _block(picture.write)


def _font_block(font: StampFont) -> Block:
    """One font serves all stamps."""
    found = _FONTS.get(font.program)
    if found is None:
        found = _FONTS.setdefault(font.program, _block(font.write))
    return found


_FONTS: Final[dict[bytes, Block]] = {}


class _Collector(ObjectSink):
    """Takes objects and numbers them from ``_FIRST``."""

    def __init__(self) -> None:
        self.objects: list[generic.PdfObject] = []

    def add_object(self, obj: generic.PdfObject) -> generic.IndirectObject:
        """Keep an object; return a marked reference."""
        self.objects.append(obj)
        return generic.IndirectObject(_FIRST + len(self.objects) - 1, 0, None)


def _block(write: Callable[[ObjectSink], generic.IndirectObject]) -> Block:
    collector = _Collector()
    write(collector)
    return Block(tuple(_pieces(dumped(value)) for value in collector.objects))


def _pieces(body: bytes) -> tuple[Piece, ...]:
    """Cut the dictionary at its references; what follows ``stream`` stays whole."""
    end = body.find(_STREAM)
    head = body if end < 0 else body[:end]
    pieces: list[Piece] = []
    position = 0
    for match in _REFERENCE.finditer(head):
        pieces += [head[position : match.start()], int(match.group().split()[0]) - _FIRST]
        position = match.end()
    return (*pieces, body[position:])
