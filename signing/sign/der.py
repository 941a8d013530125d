"""Just enough DER to read back a CMS that this room wrote: microseconds where a full parser takes milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SEQUENCE: Final = 0x30
SET: Final = 0x31
OCTETS: Final = 0x04


@dataclass(frozen=True, slots=True)
class Node:
    """One value inside ``data``: its tag, where it starts, where its content starts, where it ends."""

    data: bytes
    tag: int
    start: int
    inner: int
    end: int

    @property
    def whole(self) -> bytes:
        """Tag, length and content."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The content alone."""
        return self.data[self.inner : self.end]

    def children(self, *tags: int) -> Sequence[Node]:
        """Return the values inside a constructed one; ``tags``, where given, must be theirs. Raises ValueError."""
        found = []
        position = self.inner
        while position < self.end:
            child = read(self.data, position)
            if child.end > self.end:
                raise ValueError("a value sticks out of its parent")
            found.append(child)
            position = child.end
        if tags and tuple(child.tag for child in found) != tags:
            raise ValueError("other values than expected")
        return found


def read(data: bytes, position: int = 0) -> Node:
    """Read one value with a definite length. Raises ValueError."""
    try:
        tag, first = data[position], data[position + 1]
    except IndexError as error:
        raise ValueError("the value is cut off") from error
    inner = position + 2
    length = first
    if first >= 0x80:
        octets = first & 0x7F
        length = int.from_bytes(data[inner : inner + octets], "big")
        inner += octets
        if not 1 <= octets <= 4 or length < 0x80:
            raise ValueError("not DER")
    if inner + length > len(data):
        raise ValueError("the value is cut off")
    return Node(data, tag, position, inner, inner + length)
