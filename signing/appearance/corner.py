"""The size of a corner block: Times New Roman upright 10 pt must never shrink (Decree 30/2020/NĐ-CP, annex I)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from signing.appearance.font import stamp_font
from signing.appearance.stamp import CORNER_SIZE, LEADING

WIDEST: Final = 260.0
"""Points; a longer line is broken, so that the block stays in its corner."""
_MOMENT: Final = "2026-10-30T20:56:08+07:00"
_AIR: Final = 4.0


def corner_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Break lines that are wider than the corner between words."""
    return tuple(part for line in lines for part in _broken(line))


def corner_size(lines: Sequence[str]) -> tuple[float, float]:
    """Return width and height in points of lines at 10 pt; ``{time}`` counts as a moment in ISO 8601."""
    width = max((_width(line) for line in lines), default=0.0)
    return width + _AIR, len(lines) * CORNER_SIZE * LEADING + _AIR


def _width(line: str) -> float:
    return stamp_font().width(line.replace("{time}", _MOMENT), CORNER_SIZE)


def _broken(line: str) -> list[str]:
    parts: list[str] = []
    for word in line.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and _width(longer) <= WIDEST:
            parts[-1] = longer
        else:
            parts.append(word)
    return parts
