"""Where the objects of a stamp go."""

from __future__ import annotations

from typing import Protocol

from pyhanko.pdf_utils import generic


class ObjectSink(Protocol):
    """What takes objects: a writer of pyHanko, or a list that is numbered later."""

    def add_object(self, obj: generic.PdfObject) -> generic.IndirectObject:
        """Take an object and return a reference to it."""
