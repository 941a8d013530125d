"""Pictures: of signatures and seals on their way in, of pages on their way to the screen."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw, ImageFont, UnidentifiedImageError

from signing.appearance.font import font_bytes
from webapp.core.errors import N_, NotFound, SigningRefused

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000
LONGEST_SIDE: Final = 1200
WIDEST_PAGE: Final = 1600
# Scans on white paper: anything nearly white becomes clear.
PAPER: Final = 235
BLUE: Final = (24, 52, 168)

# pdfium keeps state of the whole process; two threads in it at once end in a crash.
PDFIUM: Final = threading.Lock()


def tidy_picture(content: bytes) -> bytes:
    """Decode a PNG or JPEG and encode it again: transparent, cut to what is drawn, at most 1200 pixels long."""
    if len(content) > MAX_BYTES:
        raise SigningRefused("picture_unreadable", N_("Ảnh quá lớn: tối đa 5 MB."))
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise SigningRefused("picture_unreadable", N_("Ảnh quá lớn: tối đa 25 triệu điểm ảnh."))
            image = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SigningRefused("picture_unreadable", N_("Ảnh không đọc được: cần tệp PNG (hoặc JPEG).")) from error
    if image.getchannel("A").getextrema()[0] == 255:
        _clear_paper(image)
    drawn = image.getchannel("A").getbbox()
    if drawn is None:
        raise SigningRefused("picture_unreadable", N_("Ảnh trống: không thấy nét chữ ký hoặc con dấu."))
    image = image.crop(drawn)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _png(image)


def draw_signature(name: str) -> bytes:
    """Write the name in slanted blue letters on a clear ground, for somebody without a scan of their own hand."""
    font = ImageFont.truetype(io.BytesIO(font_bytes()), 110)
    left, top, right, bottom = font.getbbox(name)
    image = Image.new("RGBA", (round(right - left) + 160, round(bottom - top) + 60), (*BLUE, 0))
    ImageDraw.Draw(image).text((100 - left, 20 - top), name, font=font, fill=(*BLUE, 255))
    slanted = image.transform(image.size, Image.Transform.AFFINE, (1, 0.28, -20, 0, 1, 0), Image.Resampling.BICUBIC)
    return tidy_picture(_png(slanted))


def count_pages(pdf: bytes) -> int:
    """Count the pages. Raises NotFound for an unreadable file."""
    with _opened(pdf) as document:
        return len(document)


def draw_page(pdf: bytes, page: int, *, width: int) -> bytes:
    """Draw a page with its signatures' pictures, as PNG. Raises NotFound for another page or an unreadable file."""
    with _opened(pdf) as document:
        if not 0 <= page < len(document):
            raise NotFound
        document.init_forms()
        sheet = document[page]
        scale = min(width, WIDEST_PAGE) / max(sheet.get_width(), 1.0)
        # A page a kilometre long would take all memory.
        scale = min(scale, 3 * WIDEST_PAGE / max(sheet.get_height(), 1.0))
        image = sheet.render(scale=scale, may_draw_forms=True).to_pil()
        return _png(image.convert("RGB").quantize(128))


@contextmanager
def _opened(pdf: bytes) -> Iterator[pdfium.PdfDocument]:
    with PDFIUM:
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError as error:
            raise NotFound from error
        try:
            yield document
        finally:
            document.close()


def _clear_paper(image: Image.Image) -> None:
    ink = ImageChops.invert(image.convert("L"))
    image.putalpha(ink.point(lambda value: 0 if value < 255 - PAPER else min(255, value * 2)))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=image.mode == "RGBA")
    return out.getvalue()
