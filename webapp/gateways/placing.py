"""Places of signatures in the terms of both rooms: what the page for placing needs, and what signing is told."""

from typing import Final

from signing.fields import check_place, open_pdf, page_count, page_view, suggest_person, taken_places
from signing.model import Place
from webapp.core.signature_places import PlacingFacts, SeenPlace
from webapp.gateways import pictures

# pdf.js decodes these with WebAssembly, which a strict policy for scripts does not let run.
_NOT_IN_A_BROWSER: Final = (b"/JBIG2Decode", b"/JPXDecode")


def placing_facts(pdf: bytes, name: str) -> PlacingFacts:
    """Look at pages, fields and text. Raises SigningError."""
    with pictures.PDFIUM:
        suggestion = suggest_person(pdf, name)
    reader = open_pdf(pdf).reader
    views = [page_view(reader, index) for index in range(page_count(reader))]
    return PlacingFacts(
        suggested=seen(suggestion.place),
        printed=suggestion.printed,
        taken=tuple(seen(place) for place in taken_places(reader)),
        sizes=tuple((view.width, view.height) for view in views),
        drawn_here=any(name in pdf for name in _NOT_IN_A_BROWSER),
    )


def person_place(pdf: bytes, name: str, chosen: SeenPlace | None) -> tuple[Place, bool]:
    """Give the chosen place, or the automatic one, and whether the name is printed. Raises PlaceTaken and others."""
    with pictures.PDFIUM:
        suggestion = suggest_person(pdf, name)
    if chosen is None:
        return suggestion.place, suggestion.printed
    place = placed(chosen)
    check_place(pdf, place)
    return place, suggestion.printed


def placed(seen_place: SeenPlace) -> Place:
    """Give a place in the signing room's terms."""
    x, y = seen_place.x, seen_place.y
    return Place(page=seen_place.page, box=(x, y, x + seen_place.width, y + seen_place.height))


def seen(place: Place) -> SeenPlace:
    """Give a place of the signing room in the ward's terms."""
    left, bottom, right, top = place.box
    return SeenPlace(page=place.page, x=left, y=bottom, width=right - left, height=top - bottom)
