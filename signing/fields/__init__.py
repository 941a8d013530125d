"""Signature fields: which there are, where they stand, and where the next one goes."""

from __future__ import annotations

from signing.fields.dates import date_gaps
from signing.fields.embedded import FoundSignature, list_signatures
from signing.fields.free import check_place, taken_places
from signing.fields.geometry import PageView, page_count, page_view
from signing.fields.growing import GrowingFile
from signing.fields.listing import FieldInfo, find_field, list_fields
from signing.fields.objects import entry, members, subdictionary
from signing.fields.opening import OpenedPdf, looks_like_pdf, open_pdf, open_stream
from signing.fields.placing import (
    Suggestion,
    place_corner,
    place_initials,
    place_person,
    place_seal,
    suggest_person,
)
from signing.fields.scan import PagePictures, pdf_version, scan_pages

__all__ = [
    "FieldInfo",
    "FoundSignature",
    "GrowingFile",
    "OpenedPdf",
    "PagePictures",
    "PageView",
    "Suggestion",
    "check_place",
    "date_gaps",
    "entry",
    "find_field",
    "list_fields",
    "list_signatures",
    "looks_like_pdf",
    "members",
    "open_pdf",
    "open_stream",
    "page_count",
    "page_view",
    "pdf_version",
    "place_corner",
    "place_initials",
    "place_person",
    "place_seal",
    "scan_pages",
    "subdictionary",
    "suggest_person",
    "taken_places",
]
