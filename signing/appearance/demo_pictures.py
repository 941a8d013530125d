"""Drawn marks for the demo ward: plainly invented, and saying so ("MẪU")."""

from __future__ import annotations

import hashlib
import io
import math
import random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from signing.appearance.font import font_bytes, normalise

BLUE: Final = (24, 52, 168, 255)
RED: Final = (206, 17, 38, 255)
_CLEAR: Final = (0, 0, 0, 0)
_SCALE: Final = 3
"""Drawn larger, then reduced: smooth edges."""


def draw_demo_signature(name: str) -> bytes:
    """Return a blue scrawl on a transparent ground that depends on the name only; PNG, 600 × 240 pixels."""
    width, height = 600, 240
    image = Image.new("RGBA", (width * _SCALE, height * _SCALE), _CLEAR)
    draw = ImageDraw.Draw(image)
    seed = hashlib.sha256(normalise(name).encode()).digest()
    dice = random.Random(seed)  # noqa: S311  -- a drawing, nothing secret
    for stroke in _strokes(dice, width * _SCALE, height * _SCALE):
        _pen(draw, stroke, thickness=dice.uniform(2.2, 3.4) * _SCALE)
    label = ImageFont.truetype(io.BytesIO(font_bytes()), 22 * _SCALE)
    draw.text((width * _SCALE - 12, height * _SCALE - 8), "MẪU", font=label, fill=BLUE, anchor="rs")
    return _png(image.resize((width, height), Image.Resampling.LANCZOS))


def draw_demo_seal(agency: str, authority: str = "DỮ LIỆU MẪU – KHÔNG CÓ GIÁ TRỊ") -> bytes:
    """Return a red round seal of an invented agency, true proportions; PNG, 850 pixels across (36 mm at 600 dpi)."""
    side = 850 * 2
    image = Image.new("RGBA", (side, side), _CLEAR)
    draw = ImageDraw.Draw(image)
    middle = side / 2
    for radius, thickness in ((0.985, 22), (0.93, 8), (0.60, 8)):
        r = middle * radius
        draw.ellipse((middle - r, middle - r, middle + r, middle + r), outline=RED, width=thickness)
    draw.polygon(_star(middle, middle - side * 0.02, side * 0.145), fill=RED)
    font = ImageFont.truetype(io.BytesIO(font_bytes()), round(side * 0.075))
    _text_on_arc(image, normalise(agency).upper(), font, radius=middle * 0.765, top=True)
    small = ImageFont.truetype(io.BytesIO(font_bytes()), round(side * 0.055))
    _text_on_arc(image, normalise(authority).upper(), small, radius=middle * 0.765, top=False)
    draw.text((middle, middle + side * 0.215), "MẪU", font=font, fill=RED, anchor="mm")
    return _png(image.resize((side // 2, side // 2), Image.Resampling.LANCZOS))


def _strokes(dice: random.Random, width: int, height: int) -> list[list[tuple[float, float]]]:
    """Return a large first loop, a running middle and a flourish beneath."""
    base = height * dice.uniform(0.52, 0.6)
    turns = dice.uniform(1.1, 1.5)
    first = [
        (
            width * (0.14 + 0.06 * t) + height * 0.26 * math.sin(turns * math.tau * t + 0.6),
            base - height * 0.12 - height * 0.3 * math.cos(turns * math.tau * t) * (1 - 0.35 * t),
        )
        for t in _steps(120)
    ]
    waves = dice.uniform(5.5, 8.5)
    swell = [dice.uniform(0.35, 1.0) for _ in range(12)]
    middle = []
    for t in _steps(260):
        rise = swell[int(t * 11)] * (1 - t * 11 % 1) + swell[min(int(t * 11) + 1, 11)] * (t * 11 % 1)
        slant = 0.02 * math.cos(waves * math.tau * t)
        middle.append((width * (0.26 + 0.56 * t + slant), base + height * 0.17 * rise * math.sin(waves * math.tau * t)))
    tail = [
        (width * (0.84 - 0.66 * t), base + height * (0.16 + 0.12 * math.sin(math.pi * t) - 0.05 * t))
        for t in _steps(140)
    ]
    return [first, [*middle, *tail]]


def _steps(count: int) -> list[float]:
    return [step / (count - 1) for step in range(count)]


def _pen(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], *, thickness: float) -> None:
    """Thinner in the middle of a stroke than at its turns, like a pen."""
    for index, (x, y) in enumerate(points[:-1]):
        following = points[index + 1]
        radius = thickness * (0.75 + 0.35 * math.sin(index / 17.0) ** 2)
        draw.line((x, y, *following), fill=BLUE, width=round(radius * 2))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=BLUE)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    inner = radius * 0.382
    angles = [-math.pi / 2 + i * math.pi / 5 for i in range(10)]
    return [
        (x + (inner if i % 2 else radius) * math.cos(a), y + (inner if i % 2 else radius) * math.sin(a))
        for i, a in enumerate(angles)
    ]


def _text_on_arc(image: Image.Image, text: str, font: ImageFont.FreeTypeFont, *, radius: float, top: bool) -> None:
    """Letters along a circle around the middle, read from outside at the top and upright at the bottom."""
    middle = image.width / 2
    gap = font.size * 0.06
    widths = [font.getlength(letter) + gap for letter in text]
    span = min(sum(widths) / radius, math.tau * (0.56 if top else 0.4))
    stretch = span / (sum(widths) / radius)
    angle = -span / 2
    for letter, width in zip(text, widths, strict=True):
        step = width / radius * stretch
        centre = angle + step / 2
        tile = Image.new("RGBA", (round(font.size * 2),) * 2, _CLEAR)
        ImageDraw.Draw(tile).text((font.size, font.size), letter, font=font, fill=RED, anchor="mm")
        turned = tile.rotate(math.degrees(-centre if top else centre), Image.Resampling.BICUBIC)
        direction = -1 if top else 1
        x = middle + radius * math.sin(centre)
        y = middle + direction * radius * math.cos(centre)
        image.alpha_composite(turned, (round(x - tile.width / 2), round(y - tile.height / 2)))
        angle += step


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
