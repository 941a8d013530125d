"""The font of stamps.

Tinos, metric-compatible with Times New Roman (SIL Open Font License), cut to Vietnamese once per process.

Cutting and compressing a font costs 150 to 250 ms, which pyHanko's own text stamp pays for every document. Text is
normalised to NFC, where every Vietnamese letter is one code point and one glyph, so no shaping is needed.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signing.appearance.objects import ObjectSink

BASE_FONT: Final = "/PHSVNM+Tinos"
_LATIN: Final = "".join(map(chr, range(0x20, 0x7F)))
_VIETNAMESE: Final = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
CHARSET: Final = _LATIN + _VIETNAMESE + "–—“”‘’…·°§₫"
_CAP_HEIGHT: Final = 662
_STEM: Final = 80
_SYMBOLIC: Final = 4


@dataclass(frozen=True, slots=True)
class StampFont:
    """A subset ready to be written: compressed file, glyph numbers, advances (per 1000 units), ToUnicode map."""

    program: bytes = field(repr=False)
    program_length: int
    to_unicode: bytes = field(repr=False)
    glyphs: dict[str, int] = field(repr=False)
    advances: tuple[int, ...] = field(repr=False)
    ascent: int
    descent: int
    bbox: tuple[int, ...]

    def encode(self, text: str) -> bytes:
        """Glyph numbers in hexadecimal for a ``Tj``; a letter the font lacks becomes a question mark."""
        unknown = self.glyphs["?"]
        return b"".join(b"%04x" % self.glyphs.get(letter, unknown) for letter in normalise(text))

    def width(self, text: str, size: float) -> float:
        """Width in points at ``size`` points."""
        unknown = self.glyphs["?"]
        return sum(self.advances[self.glyphs.get(letter, unknown)] for letter in normalise(text)) * size / 1000

    def write(self, writer: ObjectSink) -> generic.IndirectObject:
        """Put the font into a document and return a reference to it."""
        font: dict[str, generic.PdfObject] = {
            "/Type": pdf_name("/Font"),
            "/Subtype": pdf_name("/Type0"),
            "/BaseFont": pdf_name(BASE_FONT),
            "/Encoding": pdf_name("/Identity-H"),
            "/DescendantFonts": generic.ArrayObject([self._descendant(writer)]),
            "/ToUnicode": _stream(writer, self.to_unicode),
        }
        return _add(writer, font)

    def _descendant(self, writer: ObjectSink) -> generic.IndirectObject:
        system = {
            pdf_name("/Registry"): generic.pdf_string("Adobe"),
            pdf_name("/Ordering"): generic.pdf_string("Identity"),
            pdf_name("/Supplement"): generic.NumberObject(0),
        }
        entries: dict[str, generic.PdfObject] = {
            "/Type": pdf_name("/Font"),
            "/Subtype": pdf_name("/CIDFontType2"),
            "/BaseFont": pdf_name(BASE_FONT),
            "/CIDSystemInfo": generic.DictionaryObject(system),
            "/FontDescriptor": self._descriptor(writer),
            "/CIDToGIDMap": pdf_name("/Identity"),
            "/DW": generic.NumberObject(0),
            "/W": generic.ArrayObject([generic.NumberObject(0), _numbers(self.advances)]),
        }
        return _add(writer, entries)

    def _descriptor(self, writer: ObjectSink) -> generic.IndirectObject:
        entries: dict[str, generic.PdfObject] = {
            "/Type": pdf_name("/FontDescriptor"),
            "/FontName": pdf_name(BASE_FONT),
            "/Flags": generic.NumberObject(_SYMBOLIC),
            "/FontBBox": _numbers(self.bbox),
            "/ItalicAngle": generic.NumberObject(0),
            "/Ascent": generic.NumberObject(self.ascent),
            "/Descent": generic.NumberObject(self.descent),
            "/CapHeight": generic.NumberObject(_CAP_HEIGHT),
            "/StemV": generic.NumberObject(_STEM),
            "/FontFile2": _stream(writer, self.program, length=self.program_length),
        }
        return _add(writer, entries)


@lru_cache(maxsize=1)
def stamp_font() -> StampFont:
    """Return the one font of all stamps, made on first use."""
    # fontTools takes half a second to import: checking a file must not pay for it
    from signing.appearance.cutting import cut  # noqa: PLC0415

    made = cut(font_bytes(), CHARSET)
    return StampFont(
        program=zlib.compress(made.program, 9),
        program_length=len(made.program),
        to_unicode=zlib.compress(_to_unicode(made.glyphs), 9),
        glyphs=made.glyphs,
        advances=made.advances,
        ascent=made.ascent,
        descent=made.descent,
        bbox=made.bbox,
    )


def normalise(text: str) -> str:
    """NFC, control characters out: what the font's one-glyph-per-letter mapping needs."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C")


def font_bytes() -> bytes:
    """Return the whole font file, for drawing pictures."""
    return (resources.files("signing") / "resources" / "fonts" / "Tinos-Regular.ttf").read_bytes()


def _to_unicode(glyphs: dict[str, int]) -> bytes:
    pairs = sorted((number, letter) for letter, number in glyphs.items())
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CMapName /PhuongSo def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
    ]
    for start in range(0, len(pairs), 100):
        block = pairs[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{number:04x}> <{ord(letter):04x}>" for number, letter in block]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")


def _stream(writer: ObjectSink, data: bytes, *, length: int | None = None) -> generic.IndirectObject:
    """Write a compressed stream; ``length`` is that of a font program before compression."""
    entries: dict[generic.NameObject, generic.PdfObject] = {pdf_name("/Filter"): pdf_name("/FlateDecode")}
    if length is not None:
        entries[pdf_name("/Length1")] = generic.NumberObject(length)
    return writer.add_object(generic.StreamObject(entries, encoded_data=data))


def _add(writer: ObjectSink, entries: dict[str, generic.PdfObject]) -> generic.IndirectObject:
    return writer.add_object(generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()}))


def _numbers(values: Sequence[int]) -> generic.ArrayObject:
    return generic.ArrayObject([generic.NumberObject(value) for value in values])
