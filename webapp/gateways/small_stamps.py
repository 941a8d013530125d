"""Small text stamps: initials in the bottom margin, the agency's corner on attachments and copies; measuring scans."""

from signing import SignRequest
from signing.appearance import corner_lines, corner_size, corner_stamp, initials_stamp
from signing.fields import list_fields, open_pdf, pdf_version, place_corner, place_initials, scan_pages
from webapp.core.copies import ScanFacts, ScannedPage
from webapp.core.ports import CornerSigning, PersonSigning
from webapp.gateways import pictures


def initials_request(pdf: bytes, order: PersonSigning) -> SignRequest:
    """Give the request for initials; where the margin has no room the signature is not seen."""
    beginning = order.field.rstrip("0123456789x")
    fields = list_fields(open_pdf(pdf).reader)
    rank = sum(field.filled and field.name.startswith(beginning) for field in fields)
    with pictures.PDFIUM:
        place = place_initials(pdf, rank=rank)
    stamp = initials_stamp() if place else None
    return SignRequest(field=order.field, place=place, stamp=stamp, name=order.signer_name)


def corner_request(pdf: bytes, order: CornerSigning) -> SignRequest:
    """Give the request for the corner form (Decree 30, Appendix I)."""
    lines = corner_lines(order.lines)
    place = place_corner(pdf, size=corner_size(lines))
    return SignRequest(field=order.field, place=place, stamp=corner_stamp(*lines), name=order.agency_name)


def scan_facts(pdf: bytes) -> ScanFacts:
    """Measure a scan."""
    with pictures.PDFIUM:
        pages = scan_pages(pdf)
    return ScanFacts(
        version=pdf_version(pdf),
        pages=[ScannedPage(dpi=page.dpi, cover=page.cover, colour=page.colour) for page in pages],
    )
