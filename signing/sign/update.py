"""The incremental update of a first signature, written by hand for ordinary files.

pyHanko writes updates too, for every kind of file, at some 3 to 5 ms; it also rewrites the document's metadata. Here
only what a signature needs is written: catalogue and page (or their arrays) with the field added, the field, its
prepared appearance, the signature, and cross-references of the same kind as the file's own. Reading stays pyHanko's,
and so does everything out of the ordinary: see ``suits``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_date, pdf_name, pdf_string
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.appearance import StampStyle, dumped, rendered
from signing.errors import DocumentUnreadable
from signing.fields import PageView, entry, subdictionary
from signing.model import SignRequest
from signing.settings import VIETNAM
from signing.sign.crossrefs import Numbers, Trailer, cross_references

PRINTED_AND_LOCKED: Final = 132
"""/F of the widget: shown in print, position and size fixed."""
_ESIC: Final = b"<</ESIC<</Type/DeveloperExtensions/BaseVersion/1.7/ExtensionLevel 1>>>>"
_RANGE_ROOM: Final = 48
_CERTIFIED: Final = ("/Perms", "/Legal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where the new field stands: page and box in the page's own coordinates; ``style`` None: an empty box."""

    page: PageView
    box: tuple[float, float, float, float]
    style: StampStyle | None


def suits(reader: PdfFileReader, field: str) -> bool:
    """Return True for a file without signatures, certification or a field of that name, read strictly."""
    root = reader.root
    if not reader.strict or any(key in root for key in _CERTIFIED) or "." in field or reader.embedded_signatures:
        return False
    form = entry(root, "/AcroForm")
    if form is None:
        return True
    fields = entry(form, "/Fields")
    if not isinstance(form, generic.DictionaryObject) or not isinstance(fields, generic.ArrayObject):
        return False
    return all(str(entry(one.get_object(), "/T")) != field for one in fields)


class Update:
    """Objects behind a base of ``size`` bytes, which ends with ``end`` (its last byte)."""

    def __init__(self, reader: PdfFileReader, size: int, end: bytes) -> None:
        self._reader = reader
        self._next = int(reader.trailer["/Size"])
        self._offsets: dict[Numbers, int] = {}
        self._parts: list[bytes] = [] if end in {b"\n", b"\r"} else [b"\n"]
        self._at = size + len(b"".join(self._parts))
        self._size = size

    def sign_field(self, request: SignRequest, look: Look | None, *, room: int, now: datetime) -> tuple[int, int]:
        """Write everything but the cross-references; return the hole, kept free for ``room`` bytes of CMS."""
        page = look.page.index if look is not None else 0
        reference, _resources = self._reader.find_page_for_modification(page)
        field, signature = self._reserve(), self._reserve()
        self._add_to(reference, "/Annots", field)
        self._add_to_form(field)
        appearance = self._appearance(look)
        self._put((field, 0), _widget(request.field, look, page=reference, value=signature, appearance=appearance))
        return self._put_signature(signature, request, room=room, now=now)

    def finish(self, hole: tuple[int, int]) -> bytes:
        """Return the update with its cross-references and the byte range filled in."""
        trailer = Trailer.of(self._reader, size=self._next)
        self._parts.append(cross_references(trailer, self._offsets, at=self._at))
        update = b"".join(self._parts)
        start, end = hole
        total = self._size + len(update)
        numbers = b"%d %d %d]" % (start, end, total - end)
        place = update.rindex(b"/ByteRange[0 ", 0, start - self._size) + len(b"/ByteRange[0 ")
        return update[:place] + numbers.ljust(_RANGE_ROOM) + update[place + _RANGE_ROOM :]

    def _reserve(self) -> int:
        self._next += 1
        return self._next - 1

    def _put(self, numbers: Numbers, body: bytes) -> None:
        self._offsets[numbers] = self._at
        whole = b"%d %d obj\n%b\nendobj\n" % (*numbers, body)
        self._parts.append(whole)
        self._at += len(whole)

    def _add_to(self, owner: generic.Reference | generic.IndirectObject, key: str, field: int) -> None:
        """Append a reference to an array entry of an object; the array may be absent, direct or an object itself."""
        dictionary = owner.get_object()
        if not isinstance(dictionary, generic.DictionaryObject):
            raise DocumentUnreadable
        raw = dictionary.raw_get(key) if key in dictionary else None
        items = entry(dictionary, key)
        array = generic.ArrayObject(items if isinstance(items, generic.ArrayObject) else ())
        array.append(generic.IndirectObject(field, 0, None))
        if isinstance(raw, generic.IndirectObject) and items is not None:
            self._put((raw.idnum, raw.generation), dumped(array))
            return
        changed = generic.DictionaryObject(dictionary)
        changed[pdf_name(key)] = array
        self._put((owner.idnum, owner.generation), dumped(changed))

    def _add_to_form(self, field: int) -> None:
        """Name the field in the form, which may be absent, part of the catalogue, or an object of its own."""
        root = self._reader.root
        raw = root.raw_get("/AcroForm") if "/AcroForm" in root else None
        form = generic.DictionaryObject(subdictionary(root, "/AcroForm"))
        old = entry(form, "/Fields")
        fields = generic.ArrayObject(old if isinstance(old, generic.ArrayObject) else ())
        fields.append(generic.IndirectObject(field, 0, None))
        form[pdf_name("/Fields")] = fields
        form[pdf_name("/SigFlags")] = generic.NumberObject(3)
        if isinstance(raw, generic.IndirectObject):
            self._put((raw.idnum, raw.generation), dumped(form))
            return
        number = self._reserve()
        self._put((number, 0), dumped(form))
        changed = generic.DictionaryObject(root)
        changed[pdf_name("/AcroForm")] = generic.IndirectObject(number, 0, None)
        body = dumped(changed)
        if "/Extensions" not in root:
            body = body[: body.rindex(b">>")] + b"/Extensions" + _ESIC + b"\n>>"
        reference = self._reader.root_ref
        self._put((reference.idnum, reference.generation), body)

    def _appearance(self, look: Look | None) -> int | None:
        """Write the stamp; return the number of its form XObject."""
        if look is None or look.style is None:
            return None
        left, bottom, right, top = look.box
        bodies = rendered(look.style, (abs(right - left), abs(top - bottom)), self._next)
        for body in bodies:
            self._put((self._reserve(), 0), body)
        return self._next - 1

    def _put_signature(self, number: int, request: SignRequest, *, room: int, now: datetime) -> tuple[int, int]:
        head = b"%d 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M " % number
        head += dumped(pdf_date(now.astimezone(VIETNAM)))
        for key, text in ((b"/Name", request.name), (b"/Reason", request.reason), (b"/Location", request.location)):
            head += key + b" " + dumped(pdf_string(text)) if text else b""
        head += b"/ByteRange[0 " + b" " * _RANGE_ROOM + b"/Contents"
        self._offsets[number, 0] = self._at
        hole = self._at + len(head), self._at + len(head) + 2 * room + 2
        tail = b">>\nendobj\n"
        self._parts += [head, b"<", b"0" * (2 * room), b">", tail]
        self._at = hole[1] + len(tail)
        return hole


def _widget(name: str, look: Look | None, *, page: generic.Reference, value: int, appearance: int | None) -> bytes:
    """Return field and widget in one object."""
    box: Sequence[float] = look.box if look is not None else (0, 0, 0, 0)
    rect = b" ".join(b"%g" % round(number, 3) for number in box)
    body = b"<</Type/Annot/Subtype/Widget/FT/Sig/T %b/F %d/Rect[%b]/P %d %d R/V %d 0 R" % (
        dumped(pdf_string(name)),
        PRINTED_AND_LOCKED,
        rect,
        page.idnum,
        page.generation,
        value,
    )
    return body + (b"/AP<</N %d 0 R>>>>" % appearance if appearance is not None else b">>")


def write_update(
    reader: PdfFileReader, size: int, end: bytes, request: SignRequest, *, look: Look | None, room: int, now: datetime
) -> tuple[bytes, tuple[int, int]]:
    """Return the update and the hole (offsets in the whole file)."""
    update = Update(reader, size, end)
    hole = update.sign_field(request, look, room=room, now=now)
    return update.finish(hole), hole
