"""What a visible signature looks like: picture, Vietnamese text, true-size seal, corner block."""

from __future__ import annotations

from signing.appearance.corner import corner_lines, corner_size
from signing.appearance.demo_pictures import draw_demo_seal, draw_demo_signature
from signing.appearance.font import StampFont, stamp_font
from signing.appearance.pictures import Picture, prepare_picture
from signing.appearance.rendered import dumped, rendered
from signing.appearance.stamp import (
    StampStyle,
    corner_stamp,
    draw_lines,
    form_object,
    initials_stamp,
    person_stamp,
    seal_stamp,
    style_for,
)

__all__ = [
    "Picture",
    "StampFont",
    "StampStyle",
    "corner_lines",
    "corner_size",
    "corner_stamp",
    "draw_demo_seal",
    "draw_demo_signature",
    "draw_lines",
    "dumped",
    "form_object",
    "initials_stamp",
    "person_stamp",
    "prepare_picture",
    "rendered",
    "seal_stamp",
    "stamp_font",
    "style_for",
]
