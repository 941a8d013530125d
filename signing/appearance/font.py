"""The font of stamps: Tinos, metric-compatible with Times New Roman (SIL Open Font License), cut to Vietnamese once per process.

Cutting and compressing a font costs 150 to 250 ms, which pyHanko's own text stamp pays for every document. Text is normalised to
NFC, where every Vietnamese letter is one code point and one glyph, so no shaping is needed.
"""

from __future__ import annotations

import io
import unicodedata
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

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

    def write(self, writer: BasePdfFileWriter) -> generic.IndirectObject:
        """Put the font into a document and return a reference to it."""
        numbers = lambda values: generic.ArrayObject([generic.NumberObject(v) for v in values])  # noqa: E731
        program = _stream(writer, self.program, {pdf_name("/Length1"): generic.NumberObject(self.program_length)})
        descriptor = {
            pdf_name("/Type"): pdf_name("/FontDescriptor"),
            pdf_name("/FontName"): pdf_name(BASE_FONT),
            pdf_name("/Flags"): generic.NumberObject(_SYMBOLIC),
            pdf_name("/FontBBox"): numbers(self.bbox),
            pdf_name("/ItalicAngle"): generic.NumberObject(0),
            pdf_name("/Ascent"): generic.NumberObject(self.ascent),
            pdf_name("/Descent"): generic.NumberObject(self.descent),
            pdf_name("/CapHeight"): generic.NumberObject(_CAP_HEIGHT),
            pdf_name("/StemV"): generic.NumberObject(_STEM),
            pdf_name("/FontFile2"): program,
        }
        system = {
            pdf_name("/Registry"): generic.pdf_string("Adobe"),
            pdf_name("/Ordering"): generic.pdf_string("Identity"),
            pdf_name("/Supplement"): generic.NumberObject(0),
        }
        descendant = {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/CIDFontType2"),
            pdf_name("/BaseFont"): pdf_name(BASE_FONT),
            pdf_name("/CIDSystemInfo"): generic.DictionaryObject(system),
            pdf_name("/FontDescriptor"): writer.add_object(generic.DictionaryObject(descriptor)),
            pdf_name("/CIDToGIDMap"): pdf_name("/Identity"),
            pdf_name("/DW"): generic.NumberObject(0),
            pdf_name("/W"): generic.ArrayObject([generic.NumberObject(0), numbers(self.advances)]),
        }
        font = {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type0"),
            pdf_name("/BaseFont"): pdf_name(BASE_FONT),
            pdf_name("/Encoding"): pdf_name("/Identity-H"),
            pdf_name("/DescendantFonts"): generic.ArrayObject(
                [writer.add_object(generic.DictionaryObject(descendant))]
            ),
            pdf_name("/ToUnicode"): _stream(writer, self.to_unicode, {}),
        }
        return writer.add_object(generic.DictionaryObject(font))


@lru_cache(maxsize=1)
def stamp_font() -> StampFont:
    """The one font of all stamps, made on first use."""
    program = _cut()
    font = TTFont(io.BytesIO(program))
    numbers = font.getReverseGlyphMap()
    glyphs = {chr(code): numbers[name] for code, name in font.getBestCmap().items()}
    scale = 1000 / font["head"].unitsPerEm
    head = font["head"]
    return StampFont(
        program=zlib.compress(program, 9),
        program_length=len(program),
        to_unicode=zlib.compress(_to_unicode(glyphs), 9),
        glyphs=glyphs,
        advances=tuple(round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        bbox=tuple(round(v * scale) for v in (head.xMin, head.yMin, head.xMax, head.yMax)),
    )


def normalise(text: str) -> str:
    """NFC, control characters out: what the font's one-glyph-per-letter mapping needs."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C")


def font_bytes() -> bytes:
    """The whole font file, for drawing pictures."""
    return (resources.files("signing") / "resources" / "fonts" / "Tinos-Regular.ttf").read_bytes()


def _cut() -> bytes:
    options = subset.Options()
    options.layout_features = []
    options.name_IDs = []
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    font = TTFont(io.BytesIO(font_bytes()), lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=CHARSET)
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


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


def _stream(
    writer: BasePdfFileWriter, data: bytes, entries: dict[generic.NameObject, generic.PdfObject]
) -> generic.IndirectObject:
    entries = {**entries, pdf_name("/Filter"): pdf_name("/FlateDecode")}
    return writer.add_object(generic.StreamObject(entries, encoded_data=data))
