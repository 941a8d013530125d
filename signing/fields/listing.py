"""Read signature fields back."""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.form_tools import get_single_field_annot
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import enumerate_sig_fields

from signing.fields.geometry import page_count, page_view
from signing.fields.objects import members
from signing.model import Place


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A signature field: ``place`` is None for an invisible one (``place.box`` as seen on the page)."""

    name: str
    filled: bool
    place: Place | None


def list_fields(pdf: PdfHandler) -> list[FieldInfo]:
    """All signature fields in the order of the form."""
    return [
        FieldInfo(str(name), value is not None, _place(pdf, reference.get_object()))
        for name, value, reference in enumerate_sig_fields(pdf)
    ]


def find_field(pdf: PdfHandler, name: str) -> FieldInfo | None:
    """Return the field of that name, or None."""
    return next((field for field in list_fields(pdf) if field.name == name), None)


def _place(pdf: PdfHandler, field: generic.DictionaryObject) -> Place | None:
    try:
        widget = get_single_field_annot(field)
        left, bottom, right, top = (float(number) for number in widget["/Rect"])
        index = _page_of(pdf, widget)
    except (PdfError, KeyError, TypeError, ValueError):
        return None
    if right - left < 1 or top - bottom < 1:
        return None
    return Place(page=index, box=page_view(pdf, index).to_view((left, bottom, right, top)))


def _page_of(pdf: PdfHandler, widget: generic.DictionaryObject) -> int:
    """Index of the page whose /Annots holds the widget; its own /P is only a hint and may be absent."""
    wanted = widget.container_ref
    for index in range(page_count(pdf)):
        reference, _resources = pdf.find_page_for_modification(index)
        for annotation in members(reference.get_object(), "/Annots"):
            if isinstance(annotation, generic.IndirectObject) and annotation.reference == wanted:
                return index
    raise KeyError("/Annots")
