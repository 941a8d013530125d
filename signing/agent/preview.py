"""The first page as a picture, so that the person sees what the digest was computed from."""

from __future__ import annotations

import struct
import threading
import zlib
from typing import Final

WIDTH: Final = 900
_PDFIUM: Final = threading.Lock()
"""PDFium is not safe to use from several threads."""


def draw_page(pdf: bytes, page: int = 0) -> bytes | None:
    """Return a page as PNG, or None when it cannot be drawn (or no PDFium is installed)."""
    try:
        import pypdfium2  # noqa: PLC0415  -- large; only this picture needs it
    except ImportError:
        return None
    with _PDFIUM:
        try:
            with pypdfium2.PdfDocument(pdf) as document:
                document.init_forms()
                drawn = document[page]
                bitmap = drawn.render(scale=WIDTH / max(drawn.get_width(), 1), rev_byteorder=True, prefer_bgrx=False)
                return _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)
        except (pypdfium2.PdfiumError, ValueError, IndexError, MemoryError):
            return None


def count_pages(pdf: bytes) -> int:
    """Return the number of pages; 0 when nobody can tell."""
    try:
        import pypdfium2  # noqa: PLC0415
    except ImportError:
        return 0
    with _PDFIUM:
        try:
            with pypdfium2.PdfDocument(pdf) as document:
                return len(document)
        except (pypdfium2.PdfiumError, ValueError):
            return 0


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """Return an 8-bit RGB, RGBA or grey PNG (ISO/IEC 15948), every row unfiltered."""
    row = width * channels
    raw = b"".join(b"\0" + pixels[start : start + row] for start in range(0, stride * height, stride))
    kind = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
