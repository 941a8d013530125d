"""Pictures of signatures and seals, decoded and compressed once per process."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from signing.appearance.objects import ObjectSink
from signing.errors import PictureUnreadable

MAX_SIDE: Final = 1200
"""Longest side kept, in pixels: 36 mm at more than 800 dpi."""
MAX_PIXELS: Final = 40_000_000
MAX_FILE_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as two compressed planes, colour and alpha."""

    width: int
    height: int
    rgb: bytes = field(repr=False)
    alpha: bytes = field(repr=False)

    def write(self, writer: ObjectSink) -> generic.IndirectObject:
        """Put the image into a document and return a reference to it."""
        mask = self._plane("/DeviceGray", self.alpha, {})
        reference = writer.add_object(mask)
        return writer.add_object(self._plane("/DeviceRGB", self.rgb, {pdf_name("/SMask"): reference}))

    def _plane(
        self, space: str, data: bytes, extra: dict[generic.NameObject, generic.PdfObject]
    ) -> generic.StreamObject:
        entries = {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(self.width),
            pdf_name("/Height"): generic.NumberObject(self.height),
            pdf_name("/BitsPerComponent"): generic.NumberObject(8),
            pdf_name("/ColorSpace"): pdf_name(space),
            pdf_name("/Filter"): pdf_name("/FlateDecode"),
            **extra,
        }
        return generic.StreamObject(entries, encoded_data=data)


@lru_cache(maxsize=64)
def prepare_picture(data: bytes) -> Picture:
    """Decode a PNG (or another image Pillow reads) and keep it compressed. Raises PictureUnreadable."""
    if len(data) > MAX_FILE_BYTES:
        raise PictureUnreadable
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureUnreadable
            image = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureUnreadable from error
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return Picture(
        width=image.width,
        height=image.height,
        rgb=zlib.compress(image.convert("RGB").tobytes(), 9),
        alpha=zlib.compress(image.getchannel("A").tobytes(), 9),
    )
