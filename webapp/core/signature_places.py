"""Where a person's signature picture stands on a page, chosen before anything is signed (Decree 30, Appendix I).

All lengths are points (1/72 inch) on the page as it is seen, cropped and turned, from its lower left corner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WIDTH: Final = 150.0
HEIGHT: Final = 62.0
MARGIN: Final = 42.5
"""15 mm: the narrowest margin of the decree."""
GAP: Final = 4.0


class PlacePreset(StrEnum):
    """How a place is chosen: NAME is found in the text, between title and full name; EXACT says where to a point."""

    NAME = "name"
    BOTTOM_RIGHT = "bottom_right"
    BOTTOM_CENTRE = "bottom_centre"
    BOTTOM_LEFT = "bottom_left"
    TOP_RIGHT = "top_right"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlace:
    """A box on a page; `page` counts from 0."""

    page: int
    x: float
    y: float
    width: float
    height: float

    def covers(self, other: "SeenPlace") -> bool:
        """Tell whether both boxes lie over each other by more than half a point."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        up = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return self.page == other.page and across > 0.5 and up > 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingFacts:
    """What the page for placing needs to know of a file.

    `suggested` is the automatic place, `printed` whether the name stands below it (otherwise words are added below the
    picture); `taken` are the widgets that must stay uncovered; `sizes` width and height of each page; `drawn_here`:
    some pictures of the file are of kinds that a browser without WebAssembly cannot decode.
    """

    suggested: SeenPlace
    printed: bool
    taken: tuple[SeenPlace, ...]
    sizes: tuple[tuple[float, float], ...]
    drawn_here: bool = False


def preset_place(preset: PlacePreset, page: int, size: tuple[float, float]) -> SeenPlace:
    """Give the box of a preset on a page of that size, smaller on a page that has no room for it."""
    across, up = size
    width, height = min(WIDTH, across), min(HEIGHT, up)
    left = {
        PlacePreset.BOTTOM_LEFT: MARGIN,
        PlacePreset.BOTTOM_CENTRE: (across - width) / 2,
    }.get(preset, across - MARGIN - width)
    bottom = up - MARGIN - height if preset is PlacePreset.TOP_RIGHT else 2 * MARGIN
    x, y = min(max(left, 0.0), across - width), min(max(bottom, 0.0), up - height)
    return SeenPlace(page=page, x=x, y=y, width=width, height=height)


def is_free(place: SeenPlace, taken: Iterable[SeenPlace]) -> bool:
    """Tell whether nothing that must stay uncovered lies under the place."""
    return not any(place.covers(other) for other in taken)
