"""How much text a workbook's cells come to when shared texts are written out.

A text is kept once and named by number, so a file of a few hundred kilobytes can ask for gigabytes: 32 000 letters in
each of a million cells. A reader copies the text into every cell; this adds up first.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_END = re.compile(rb"</(?:[A-Za-z]\w*:)?si\s*>|<(?:[A-Za-z]\w*:)?si\s*/>")
_TOKEN = re.compile(rb"<(?:[A-Za-z]\w*:)?(?:c(?=[\s/>])([^>]*)>|v(?:\s[^>]*)?>\s*(\d{1,9}))")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
# More than a token can be long: pieces overlap by this much.
_OVERLAP: Final = 1024


def shared_lengths(chunks: Iterable[bytes], most: int) -> list[int]:
    """Give the length in bytes of each shared text, markup included. Raises ValueError beyond `most` texts."""
    lengths: list[int] = []
    seen = before = 0
    tail = b""
    for chunk in chunks:
        text = tail + chunk
        base = seen - len(tail)
        for found in _END.finditer(text):
            end = base + found.end()
            if end > before:
                lengths.append(end - before)
                before = end
        if len(lengths) > most:
            raise ValueError
        seen += len(chunk)
        tail = text[-16:]
    return lengths


def text_size(chunks: Iterable[bytes], lengths: list[int]) -> int:
    """Add up what the cells of one sheet come to, in bytes."""
    size, shared = 0, False
    for piece in _pieces(chunks):
        for found in _TOKEN.finditer(piece):
            if found[2] is None:
                shared = _SHARED.search(found[1]) is not None
            elif shared:
                index = int(found[2])
                size += lengths[index] if index < len(lengths) else 0
    return size


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut at the start of a cell, so that no token is split or seen twice."""
    tail = b""
    for chunk in chunks:
        text = tail + chunk
        cut = text.rfind(b"<c", 0, max(len(text) - _OVERLAP, 0))
        text, tail = (text[:cut], text[cut:]) if cut > 0 else (b"", text)
        yield text
    yield tail
