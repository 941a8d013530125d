"""Blanks: read-only text fields made before the first signature and filled after it (number, day of issue).

Filling a field is a change that earlier signatures permit; nobody can type into it, for it stays read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.form_tools import enumerate_fields_in
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.appearance import draw_lines, form_object, stamp_font
from signing.fields import PageView, entry, page_view, subdictionary
from signing.model import Box, Place

TEXT_SIZE: Final = 13.0
READ_ONLY: Final = 1
PRINTED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A field to make; ``opaque`` where dots of the page have to be covered."""

    name: str
    label: str
    opaque: bool = False


def add_blank(writer: IncrementalPdfFileWriter, place: Place, blank: Blank) -> None:
    """Add an empty read-only text field with an empty appearance; /MK keeps what filling needs to know."""
    page = page_view(writer, place.page)
    rect = page.to_page(clip(place.box, page))
    reference, _resources = writer.find_page_for_modification(place.page)
    look: dict[generic.NameObject, generic.PdfObject] = {pdf_name("/R"): generic.NumberObject(page.rotation)}
    if blank.opaque:
        look[pdf_name("/BG")] = generic.ArrayObject([generic.NumberObject(1)])
    empty = form_object(b"", generic.DictionaryObject(), (rect[2] - rect[0], rect[3] - rect[1]))
    entries = {
        pdf_name("/Type"): pdf_name("/Annot"),
        pdf_name("/Subtype"): pdf_name("/Widget"),
        pdf_name("/FT"): pdf_name("/Tx"),
        pdf_name("/T"): generic.pdf_string(blank.name),
        pdf_name("/TU"): generic.pdf_string(blank.label),
        pdf_name("/F"): generic.NumberObject(PRINTED),
        pdf_name("/Ff"): generic.NumberObject(READ_ONLY),
        pdf_name("/Rect"): generic.ArrayObject([generic.FloatObject(round(v, 3)) for v in rect]),
        pdf_name("/P"): reference,
        pdf_name("/MK"): generic.DictionaryObject(look),
        pdf_name("/DA"): generic.pdf_string("/Helv 0 Tf 0 g"),
        pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(empty)}),
    }
    field = writer.add_object(generic.DictionaryObject(entries))
    _append(writer, reference.get_object(), "/Annots", field)
    root = writer.root
    if "/AcroForm" not in root:
        root[pdf_name("/AcroForm")] = writer.add_object(
            generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject()})
        )
        writer.update_root()
    _append(writer, root["/AcroForm"], "/Fields", field)


def find_blank(writer: IncrementalPdfFileWriter, name: str) -> generic.Reference | None:
    """Return the reference of a text field, None when there is none of this name."""
    listed = entry(subdictionary(writer.root, "/AcroForm"), "/Fields")
    fields = enumerate_fields_in(listed, with_name=name, refs_seen=set(), target_field_type="/Tx")
    return next((reference.reference for _name, _value, reference in fields), None)


def fill_blank(writer: IncrementalPdfFileWriter, reference: generic.Reference, text: str) -> None:
    """Write a text into a field and give it its look."""
    widget = reference.get_object()
    if not isinstance(widget, generic.DictionaryObject):
        return
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    marks = subdictionary(widget, "/MK")
    rotation = int(marks["/R"]) if "/R" in marks else 0
    width, height = (top - bottom, right - left) if rotation % 180 else (right - left, top - bottom)
    font = stamp_font()
    operators = draw_lines(font, [text], (1.0, 0.0, width, height), size=TEXT_SIZE)
    if "/BG" in marks:
        operators = b"1 g 0 0 %.2f %.2f re f\n" % (width, height) + operators
    fonts = generic.DictionaryObject({pdf_name("/Chu"): font.write(writer)})
    resources = generic.DictionaryObject({pdf_name("/Font"): fonts})
    look = writer.add_object(form_object(operators, resources, (width, height), rotation=rotation))
    widget[pdf_name("/V")] = generic.pdf_string(text)
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): look})
    writer.mark_update(reference)


def clip(box: Box, page: PageView) -> Box:
    """Cut a box off at the edges of the page."""
    return (max(box[0], 0.0), max(box[1], 0.0), min(box[2], page.width), min(box[3], page.height))


def _append(
    writer: IncrementalPdfFileWriter, owner: generic.DictionaryObject, key: str, item: generic.IndirectObject
) -> None:
    """Append to an array entry that may be absent, direct or a reference."""
    array = entry(owner, key)
    if isinstance(array, generic.ArrayObject):
        array.append(item)
        writer.update_container(array)
    else:
        owner[pdf_name(key)] = generic.ArrayObject([item])
    writer.update_container(owner)
