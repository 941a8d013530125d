"""Fields for what is known only after the person has signed: made empty before, filled by a change that is permitted.

Number and date are given when a document is registered, after the authorised person's signature and before the
agency's (Decree 30/2020/NĐ-CP, articles 9, 10 and 15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.form_tools import enumerate_fields_in
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.appearance import draw_lines, form_object, stamp_font
from signing.errors import FieldAlreadyFilled, FieldNotFound
from signing.fields import GrowingFile, entry, open_pdf, page_view, subdictionary
from signing.model import Box, Place

TEXT_SIZE: Final = 13.0
READ_ONLY: Final = 1
PRINTED: Final = 4
SLANT: Final = 0.2
"""The date stands in italics (annex I); the font of stamps is upright, so its letters are sheared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyField:
    """A field to come. `opaque`: dots are printed in its place. `slanted`: centred italics, as in a date."""

    name: str
    title: str
    place: Place
    opaque: bool = False
    slanted: bool = False


def add_field(writer: IncrementalPdfFileWriter, wanted: EmptyField) -> None:
    """Add an empty read-only text field with an empty appearance; /MK keeps what filling needs to know."""
    page = page_view(writer, wanted.place.page)
    rect = page.to_page(_clip(wanted.place.box, page.width, page.height))
    reference, _resources = writer.find_page_for_modification(wanted.place.page)
    look: dict[generic.NameObject, generic.PdfObject] = {pdf_name("/R"): generic.NumberObject(page.rotation)}
    if wanted.opaque:
        look[pdf_name("/BG")] = generic.ArrayObject([generic.NumberObject(1)])
    empty = form_object(b"", generic.DictionaryObject(), (rect[2] - rect[0], rect[3] - rect[1]))
    entries = {
        pdf_name("/Type"): pdf_name("/Annot"),
        pdf_name("/Subtype"): pdf_name("/Widget"),
        pdf_name("/FT"): pdf_name("/Tx"),
        pdf_name("/T"): generic.pdf_string(wanted.name),
        pdf_name("/TU"): generic.pdf_string(wanted.title),
        pdf_name("/F"): generic.NumberObject(PRINTED),
        pdf_name("/Ff"): generic.NumberObject(READ_ONLY),
        pdf_name("/Q"): generic.NumberObject(int(wanted.slanted)),
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


def fill_fields(pdf: bytes, texts: Mapping[str, str], *, must: str) -> bytes:
    """Fill empty fields by one incremental update that the signatures before it permit; they stay read-only.

    Fields that the file has not are left out, all but ``must``. Raises FieldNotFound, FieldAlreadyFilled,
    DocumentUnreadable, DocumentEncrypted.
    """
    opened = open_pdf(pdf)
    out = GrowingFile(pdf)
    writer = IncrementalPdfFileWriter(out, strict=opened.strict)
    for name, text in texts.items():
        found = _find(writer, name)
        if found is None:
            if name == must:
                raise FieldNotFound
            continue
        reference, widget = found
        if entry(widget, "/V"):
            raise FieldAlreadyFilled
        _fill(writer, widget, text)
        writer.mark_update(reference)
    writer.write_in_place()
    return out.whole()


def _fill(writer: IncrementalPdfFileWriter, widget: generic.DictionaryObject, text: str) -> None:
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    marks = subdictionary(widget, "/MK")
    rotation = int(marks["/R"]) if "/R" in marks else 0
    width, height = (top - bottom, right - left) if rotation % 180 else (right - left, top - bottom)
    font = stamp_font()
    slanted = str(entry(widget, "/Q")) == "1"
    operators = _slanted(text, width, height) if slanted else _plain(text, width, height)
    if "/BG" in marks:
        operators = b"1 g 0 0 %.2f %.2f re f\n" % (width, height) + operators
    fonts = generic.DictionaryObject({pdf_name("/Chu"): font.write(writer)})
    resources = generic.DictionaryObject({pdf_name("/Font"): fonts})
    look = writer.add_object(form_object(operators, resources, (width, height), rotation=rotation))
    widget[pdf_name("/V")] = generic.pdf_string(text)
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): look})


def _plain(text: str, width: float, height: float) -> bytes:
    return draw_lines(stamp_font(), [text], (1.0, 0.0, width, height), size=TEXT_SIZE)


def _slanted(text: str, width: float, height: float) -> bytes:
    margin = max((width - stamp_font().width(text, TEXT_SIZE)) / 2, 0.0)
    drawn = draw_lines(stamp_font(), [text], (margin, 0.0, width, height), size=TEXT_SIZE)
    return b"q 1 0 %.2f 1 %.2f 0 cm\n" % (SLANT, -SLANT * height / 2) + drawn + b"\nQ"


def _find(writer: IncrementalPdfFileWriter, name: str) -> tuple[generic.Reference, generic.DictionaryObject] | None:
    listed = entry(subdictionary(writer.root, "/AcroForm"), "/Fields")
    fields = enumerate_fields_in(listed, with_name=name, refs_seen=set(), target_field_type="/Tx")
    return next(((reference.reference, reference.get_object()) for _name, _value, reference in fields), None)


def _clip(box: Box, width: float, height: float) -> Box:
    return (max(box[0], 0.0), max(box[1], 0.0), min(box[2], width), min(box[3], height))


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
