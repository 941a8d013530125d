"""Cut a font file to the letters needed and measure it (fontTools)."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from fontTools import subset
from fontTools.ttLib import TTFont


@dataclass(frozen=True, slots=True)
class CutFont:
    """A font program with its glyph numbers; advances and heights in thousandths of the size."""

    program: bytes = field(repr=False)
    glyphs: dict[str, int] = field(repr=False)
    advances: tuple[int, ...] = field(repr=False)
    ascent: int
    descent: int
    bbox: tuple[int, ...]


def cut(font_file: bytes, letters: str) -> CutFont:
    """Keep the outlines of ``letters`` only; layout tables go too, one code point being one glyph."""
    options = subset.Options()
    options.layout_features = []
    options.name_IDs = []
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    whole = TTFont(io.BytesIO(font_file), lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    cutter.subset(whole)
    out = io.BytesIO()
    whole.save(out)
    return _measure(out.getvalue())


def _measure(program: bytes) -> CutFont:
    font = TTFont(io.BytesIO(program))
    numbers = font.getReverseGlyphMap()
    scale = 1000 / font["head"].unitsPerEm
    head = font["head"]
    return CutFont(
        program=program,
        glyphs={chr(code): numbers[name] for code, name in font.getBestCmap().items()},
        advances=tuple(round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        bbox=tuple(round(value * scale) for value in (head.xMin, head.yMin, head.xMax, head.yMax)),
    )
