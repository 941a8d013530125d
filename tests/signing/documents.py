"""PDFs for the tests: plain, turned, hybrid, encrypted; and small edits on finished ones."""

import io
import zlib
from collections.abc import Callable

import typst
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import StandardSecurityHandler
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

SIGNER = "Nguyễn Thị Hồng Ánh"
AGENCY = "Ủy ban nhân dân phường Hoa Mẫu"

PLAN = f"""
#set page(paper: "a4", margin: (top: 20mm, bottom: 25mm, left: 30mm, right: 15mm))
#set text(size: 13pt, lang: "vi")
ỦY BAN NHÂN DÂN PHƯỜNG HOA MẪU

Số: #h(3cm) /KH-UBND

= KẾ HOẠCH
Chuyển đổi số năm 2026 của phường Hoa Mẫu. Văn bản thử.

#v(1fr)
#align(right)[CHỦ TỊCH #v(3cm) {SIGNER} #h(1cm)]
"""


def plan_pdf(source: str = PLAN) -> bytes:
    """One page as the ward would write it."""
    return typst.compile(source.encode())


def edit(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None], *, strict: bool = True) -> bytes:
    """An incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=strict)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_of(writer: IncrementalPdfFileWriter, index: int = 0) -> generic.DictionaryObject:
    reference, _resources = writer.find_page_for_modification(index)
    return reference.get_object()


def in_units(pdf: bytes, unit: float) -> bytes:
    """The first page counted in units of so many points."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = page_of(writer)
        page[pdf_name("/UserUnit")] = generic.FloatObject(unit)
        writer.update_container(page)

    return edit(pdf, change)


def turned(pdf: bytes, degrees: int, crop: tuple[int, int, int, int] | None = None) -> bytes:
    """The first page turned clockwise, perhaps cropped."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = page_of(writer)
        page[pdf_name("/Rotate")] = generic.NumberObject(degrees)
        if crop:
            page[pdf_name("/CropBox")] = generic.ArrayObject([generic.NumberObject(v) for v in crop])
        writer.update_container(page)

    return edit(pdf, change)


def encrypted(pdf: bytes) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(pdf)))
    handler = StandardSecurityHandler.build_from_pw(b"chu", b"khach")
    writer.security_handler = handler
    writer._encrypt = writer.add_object(handler.as_pdf_object())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def hybrid_pdf() -> bytes:
    """A page as Word saves it: a classic table for old readers plus a stream that names the objects it hides."""
    hidden = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    packed = zlib.compress(b"5 0 " + hidden)
    text = b"BT /F1 14 Tf 72 720 Td (So:            /KH-UBND) Tj ET"
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        4: b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        6: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    }
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in bodies.items():
        offsets[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    stream_at = out.tell()
    rows = b"\x02\x00\x00\x06\x00" + b"\x01" + offsets[6].to_bytes(3, "big") + b"\x00"
    rows += b"\x01" + stream_at.to_bytes(3, "big") + b"\x00"
    out.write(b"7 0 obj\n<</Type/XRef/Size 8/W[1 3 1]/Index[5 3]/Root 1 0 R/Length %d>>stream\n" % len(rows))
    out.write(rows + b"\nendstream\nendobj\n")
    table_at = out.tell()
    out.write(b"xref\n0 8\n0000000005 65535 f \n")
    for number in range(1, 5):
        out.write(b"%010d 00000 n \n" % offsets[number])
    out.write(b"0000000006 00000 f \n0000000007 00000 f \n0000000000 00000 f \n")
    out.write(b"trailer\n<</Size 8/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (stream_at, table_at))
    return out.getvalue()
