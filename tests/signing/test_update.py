"""The update written by hand: every ordinary kind of file takes it, and later signatures stand on it."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing import Level, Place, SignRequest, validate_pdf
from signing.appearance import draw_demo_signature, person_stamp
from signing.deferred import prepare_signature
from signing.model import Code
from signing.prepare import prepare_document
from signing.sign.update import suits
from signing.sign.update_check import check_structure
from tests.signing.conftest import World
from tests.signing.documents import SIGNER, edit, hybrid_pdf, page_of, plan_pdf, turned
from tests.signing.test_sign import FIXTURES, pdfsig, pyhanko_agrees

VISIBLE = SignRequest(
    field="KyNguoi",
    level=Level.B_B,
    place=Place(page=-1, box=(60, 300, 260, 380)),
    stamp=person_stamp(draw_demo_signature(SIGNER), with_text=True),
    reason="Phê duyệt",
    location="Hoa Mẫu",
    name=SIGNER,
)


def packed(pdf: bytes) -> bytes:
    """Object and cross-reference streams, as newer programs write."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def with_notes(pdf: bytes) -> bytes:
    """An array of annotations that is an object of its own."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = page_of(writer)
        page[pdf_name("/Annots")] = writer.add_object(generic.ArrayObject())
        writer.update_container(page)

    return edit(pdf, change)


def with_form(pdf: bytes) -> bytes:
    """A form inside the catalogue whose fields are an object of their own."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        fields = writer.add_object(generic.ArrayObject())
        writer.root[pdf_name("/AcroForm")] = generic.DictionaryObject({pdf_name("/Fields"): fields})
        writer.update_root()

    return edit(pdf, change)


def numbered(pdf: bytes) -> bytes:
    return prepare_document(pdf, verify_url="https://hoamau.example.vn/kiem-tra/AB7K2M", short_code="AB7-K2M").data


BASES: dict[str, Callable[[], bytes]] = {
    "typst": plan_pdf,
    "LibreOffice": (FIXTURES / "libreoffice.pdf").read_bytes,
    "Chromium": (FIXTURES / "chromium.pdf").read_bytes,
    "object streams": lambda: packed(plan_pdf()),
    "no line break at the end": lambda: plan_pdf().rstrip(),
    "turned": lambda: turned(plan_pdf(), 90),
    "annotations apart": lambda: with_notes(plan_pdf()),
    "a form in the catalogue": lambda: with_form(plan_pdf()),
    "a number field": lambda: numbered(plan_pdf()),
    "a number field among object streams": lambda: numbered(packed(plan_pdf())),
}


@pytest.mark.parametrize("kind", BASES)
@pytest.mark.parametrize("visible", [True, False], ids=["visible", "invisible"])
def test_ordinary_files_are_signed_by_hand_and_sealed_after(
    world: World, tmp_path: Path, kind: str, visible: bool
) -> None:
    base = BASES[kind]()
    assert suits(PdfFileReader(io.BytesIO(base)), "KyNguoi")
    request = VISIBLE if visible else SignRequest(field="KyNguoi")
    person = world.sign(base, request=request)
    assert b"Producer" not in person.data[len(base) :]
    sealed = world.sign(person.data, "co-quan", SignRequest(field="KyCoQuan", level=Level.B_T))
    report = validate_pdf(sealed.data, trust=world.trust, crls=world.crls)
    assert (report.code, len(report.signatures)) == (Code.OK, 2)
    assert pyhanko_agrees(sealed.data, world)
    assert pdfsig(sealed.data, tmp_path).count("Signature is Valid") == 2
    with pikepdf.open(io.BytesIO(person.data)) as document:
        assert len(document.Root.AcroForm.Fields) >= 1
        assert not document.check_pdf_syntax()


def test_both_writers_say_the_same_of_a_signature(world: World, plan: bytes) -> None:
    """What pyHanko writes for an existing field, and what is written by hand for a new one."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("KyNguoi", on_page=0, box=(60, 300, 260, 380)))

    prepared = edit(plan, change)
    assert not suits(PdfFileReader(io.BytesIO(prepared)), "KyNguoi")
    found = []
    for pdf in (prepared, plan):
        embedded = PdfFileReader(io.BytesIO(world.sign(pdf, request=VISIBLE).data)).embedded_signatures[0]
        entries = {key: embedded.sig_object[key] for key in ("/Type", "/Filter", "/SubFilter", "/Name", "/Reason")}
        rect = [float(number) for number in embedded.sig_field["/Rect"]]
        found.append((entries, embedded.sig_field["/F"], rect, embedded.sig_field["/AP"]["/N"]["/BBox"]))
    assert found[0] == found[1]


def test_what_is_out_of_the_ordinary_is_left_to_the_library(world: World, plan: bytes) -> None:
    signed = world.sign(plan).data
    assert not suits(PdfFileReader(io.BytesIO(signed)), "KyKhac")
    assert not suits(PdfFileReader(io.BytesIO(hybrid_pdf()), strict=False), "KyNguoi")
    assert not suits(PdfFileReader(io.BytesIO(plan)), "Nhom.Ky")
    assert not suits(PdfFileReader(io.BytesIO(numbered(plan))), "SoKyHieu")


@pytest.mark.parametrize("pack", [False, True], ids=["table", "stream"])
def test_an_update_is_read_back_object_by_object(world: World, plan: bytes, pack: bool) -> None:
    base = packed(plan) if pack else plan
    with world.key() as key:
        prepared, pdf = prepare_signature(base, key.certificate, key.chain, VISIBLE, world.around())
    update, size = pdf[len(base) :], len(base)
    hole = (prepared.hole[0] - size, prepared.hole[1] - size)
    check_structure(update, size, hole, prepared.byte_range)
    hidden = update.index(b"endobj\n") + len(b"endobj\n")
    stream = update.index(b"endstream")
    spoiled = [
        update[:hidden] + b"99 0 obj\n<<>>\nendobj\n" + update[hidden + 22 :],
        update[:stream] + b"x" + update[stream:-1],
        update.replace(b"endobj", b"endobx", 1),
        update.replace(b"%%EOF", b"%%EOG"),
        update.replace(b"startxref\n", b"startxref\n9"),
        b"x" + update[1:],
        update.replace(b"/ByteRange[0 ", b"/ByteRange[1 "),
        update.replace(b"/W[1 5 2]", b"/V[1 5 2]") if pack else update.replace(b"trailer", b"trailes"),
    ]
    for wrong in spoiled:
        assert wrong != update
        with pytest.raises(ValueError, match=r".+"):
            check_structure(wrong, size, hole, prepared.byte_range)
