"""Nothing that was done to a finished document may come out green."""

import io
import random
import re
from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper

from signing import SignRequest, TrustStore, validate_pdf
from signing.model import Code, Level, SignatureKind, Verdict
from signing.prepare import fill_number
from tests.signing.conftest import Journey, World
from tests.signing.documents import edit, page_of, plan_pdf

BYTE_RANGE = re.compile(rb"/ByteRange ?\[[^\]]*\]")
CONTENTS = re.compile(rb"/Contents ?<([0-9a-fA-F]+)>")


def flip(offset: Callable[[bytes], int]) -> Callable[[bytes], bytes]:
    def change(pdf: bytes) -> bytes:
        place = offset(pdf)
        return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]

    return change


def in_first_stream(pdf: bytes) -> int:
    return pdf.index(b"stream") + 40


def in_the_value(pdf: bytes) -> int:
    return list(CONTENTS.finditer(pdf))[-1].start(1) + 900


def stream(writer: IncrementalPdfFileWriter, data: bytes) -> generic.IndirectObject:
    return writer.add_object(generic.StreamObject(stream_data=data))


def content_added(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = page_of(writer)
        extra = stream(writer, b"0 0 0 rg 100 500 200 40 re f")
        old = page["/Contents"]
        parts = list(old) if isinstance(old, generic.ArrayObject) else [page.raw_get("/Contents")]
        page[pdf_name("/Contents")] = generic.ArrayObject([*parts, extra])
        writer.update_container(page)

    return edit(pdf, change)


def free_text_over_the_number(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = page_of(writer)
        numbers = generic.ArrayObject([generic.NumberObject(v) for v in (80, 740, 260, 762)])
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): numbers,
                pdf_name("/Contents"): generic.pdf_string("Số: 999/QĐ-UBND"),
                pdf_name("/DA"): generic.pdf_string("/Helv 12 Tf"),
            }
        )
        page["/Annots"].append(writer.add_object(note))
        writer.update_container(page["/Annots"])
        writer.update_container(page)

    return edit(pdf, change)


def field(writer: IncrementalPdfFileWriter, name: str) -> generic.DictionaryObject:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        if reference.get_object()["/T"] == name:
            return reference.get_object()
    raise LookupError(name)


def seal_replaced(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        box = generic.ArrayObject([generic.NumberObject(v) for v in (0, 0, 100, 100)])
        picture = generic.StreamObject(
            {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form"), pdf_name("/BBox"): box},
            stream_data=b"1 0 0 rg 0 0 100 100 re f",
        )
        seal = field(writer, "KyCoQuan")
        seal[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(picture)})
        writer.update_container(seal)

    return edit(pdf, change)


def seal_repainted_in_place(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        look = field(writer, "KyCoQuan")["/AP"]["/N"]
        look._data = b"1 0 0 rg 0 0 100 100 re f"
        look._encoded_data = None
        writer.update_container(look)

    return edit(pdf, change)


def signature_moved(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        person = field(writer, "KyNguoi")
        person[pdf_name("/Rect")] = generic.ArrayObject([generic.NumberObject(v) for v in (60, 700, 200, 760)])
        writer.update_container(person)

    return edit(pdf, change)


def number_changed(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        number = field(writer, "SoKyHieu")
        number[pdf_name("/V")] = generic.pdf_string("99")
        writer.update_container(number)

    return edit(pdf, change)


def pages_added(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/MediaBox"): generic.ArrayObject([generic.NumberObject(v) for v in (0, 0, 595, 842)]),
                pdf_name("/Resources"): generic.DictionaryObject(),
                pdf_name("/Contents"): stream(writer, b"0 0 100 100 re f"),
            }
        )
        writer.insert_page(page)

    return edit(pdf, change)


def script_on_opening(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")}
        writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(action)
        writer.update_root()

    return edit(pdf, change)


def seal_field_emptied(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        seal = field(writer, "KyCoQuan")
        del seal["/V"]
        writer.update_container(seal)

    return edit(pdf, change)


def form_removed(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/AcroForm"]
        writer.update_root()

    return edit(pdf, change)


def contents_zeroed(pdf: bytes) -> bytes:
    last = list(CONTENTS.finditer(pdf))[-1]
    return pdf[: last.start(1)] + b"0" * (last.end(1) - last.start(1)) + pdf[last.end(1) :]


def byte_range_gone(pdf: bytes) -> bytes:
    return pdf.replace(b"/ByteRange [", b"/ByteRangX [")


def byte_range_zero(pdf: bytes) -> bytes:
    first = BYTE_RANGE.search(pdf)
    assert first is not None
    return pdf[: first.start()] + b"/ByteRange [0 0 0 0]".ljust(first.end() - first.start()) + pdf[first.end() :]


def hole_widened(pdf: bytes) -> bytes:
    """Signature wrapping: room for a foreign object between value and second range."""
    last = list(BYTE_RANGE.finditer(pdf))[-1]
    numbers = [int(n) for n in last.group()[len(b"/ByteRange") :].strip(b" []").split()]
    foreign = b"1 0 obj<</Type/Catalog>>endobj\n".ljust(200)
    text = b"/ByteRange [%d %d %d %d" % (numbers[0], numbers[1], numbers[2] + 200, numbers[3])
    text = text.ljust(last.end() - last.start() - 1) + b"]"
    return pdf[: last.start()] + text + pdf[last.end() : numbers[2]] + foreign + pdf[numbers[2] :]


def padding_used(pdf: bytes) -> bytes:
    """Bytes hidden in the zeros behind the CMS: outside the digest, inside the file."""
    last = list(CONTENTS.finditer(pdf))[-1]
    return pdf[: last.end(1) - 16] + b"4d5a9000deadbeef" + pdf[last.end(1) :]


def truncated(pdf: bytes) -> bytes:
    return pdf[: len(pdf) * 2 // 3]


def comment_behind_the_end(pdf: bytes) -> bytes:
    return pdf + b"\n% added\n"


def object_behind_the_end(pdf: bytes) -> bytes:
    """No cross-reference table: readers that rebuild the file would show it."""
    return pdf + b"\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n%%EOF\n"


def hidden_object_before_a_new_revision(pdf: bytes) -> bytes:
    base = pdf + b"\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.set_info(generic.DictionaryObject({pdf_name("/Title"): generic.pdf_string("x")}))

    return base + edit(pdf, change)[len(pdf) :]


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "a byte of the text flipped": flip(in_first_stream),
    "a byte of the signature value flipped": flip(in_the_value),
    "content added": content_added,
    "free text over the number": free_text_over_the_number,
    "seal picture replaced": seal_replaced,
    "seal repainted in place": seal_repainted_in_place,
    "signature moved": signature_moved,
    "number changed after the seal": number_changed,
    "pages added": pages_added,
    "script on opening": script_on_opening,
    "seal field emptied": seal_field_emptied,
    "form removed": form_removed,
    "contents zeroed": contents_zeroed,
    "byte range gone": byte_range_gone,
    "byte range zero": byte_range_zero,
    "hole widened": hole_widened,
    "padding used": padding_used,
    "truncated": truncated,
    "comment behind the end": comment_behind_the_end,
    "object behind the end": object_behind_the_end,
    "hidden object before a new revision": hidden_object_before_a_new_revision,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attacked_document_is_never_green(world: World, journey: Journey, name: str) -> None:
    attacked = ATTACKS[name](journey.sealed.data)
    assert attacked != journey.sealed.data
    report = validate_pdf(attacked, trust=world.trust, crls=world.crls)
    assert report.verdict in {Verdict.INVALID, Verdict.UNREADABLE}, report.to_json()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a byte of the text flipped", Code.TAMPERED),
        ("padding used", Code.TAMPERED),
        ("content added", Code.MODIFIED),
        ("free text over the number", Code.MODIFIED),
        ("seal picture replaced", Code.MODIFIED),
        ("object behind the end", Code.MODIFIED),
        ("comment behind the end", Code.MODIFIED),
        ("form removed", Code.UNREADABLE),
    ],
)
def test_the_code_names_the_attack(world: World, journey: Journey, name: str, code: Code) -> None:
    assert validate_pdf(ATTACKS[name](journey.sealed.data), trust=world.trust, crls=world.crls).code is code


def test_a_removed_signature_leaves_a_document_without_seal(world: World, journey: Journey) -> None:
    """Cut back to the person's revision the file is honest again: who expects a seal must count signatures."""
    cut = journey.sealed.data[: journey.person.revision_end]
    report = validate_pdf(cut, trust=world.trust, crls=world.crls)
    assert [s.field for s in report.signatures] == ["KyNguoi"]
    assert report.signatures[0].signature_sha256 == journey.person.signature_sha256


def test_an_unlisted_signature_is_never_called_unsigned(journey: Journey) -> None:
    report = validate_pdf(form_removed(journey.sealed.data))
    assert report.verdict is Verdict.UNREADABLE
    assert "không kiểm tra được" in report.reasons[0].vi


def test_one_signature_hung_into_two_fields_counts_once(world: World, journey: Journey) -> None:
    def change(writer: IncrementalPdfFileWriter) -> None:
        copy = generic.DictionaryObject(field(writer, "KyCoQuan"))
        copy[pdf_name("/T")] = generic.pdf_string("KyThem")
        writer.root["/AcroForm"]["/Fields"].append(writer.add_object(copy))
        writer.update_container(writer.root["/AcroForm"]["/Fields"])
        writer.update_container(writer.root["/AcroForm"])

    report = validate_pdf(edit(journey.sealed.data, change), trust=world.trust, crls=world.crls)
    assert len(report.signatures) == 2
    assert report.verdict is Verdict.INVALID


def test_a_document_timestamp_does_not_account_for_a_filled_number(world: World, journey: Journey) -> None:
    """Anybody can have a timestamp made: it proves when, not that the author agreed."""
    stamped = timestamped(world, fill_number(journey.person.data, "666"))
    report = validate_pdf(stamped, trust=world.trust, crls=world.crls)
    assert (report.verdict, report.code) == (Verdict.INVALID, Code.MODIFIED)


def test_a_strangers_signature_does_not_account_for_a_filled_number(
    world: World, plain_world: World, journey: Journey
) -> None:
    forged = plain_world.sign(
        fill_number(journey.person.data, "666"), "co-quan", SignRequest(field="KyCoQuan"), trust=None, crls=()
    )
    report = validate_pdf(forged.data, trust=world.trust, crls=world.crls)
    assert report.verdict is Verdict.INVALID
    assert [s.code for s in report.signatures] == [Code.MODIFIED, Code.UNTRUSTED]


def test_a_document_timestamp_after_the_seal_changes_nothing(world: World, journey: Journey) -> None:
    report = validate_pdf(timestamped(world, journey.sealed.data), trust=world.trust, crls=world.crls)
    assert report.code is Code.OK
    assert report.signatures[-1].kind is SignatureKind.DOCUMENT_TIMESTAMP


def test_an_untrusted_document_timestamp_decides_as_the_worst(
    world: World, plain_world: World, journey: Journey
) -> None:
    stamped = timestamped(plain_world, journey.sealed.data)
    report = validate_pdf(stamped, trust=world.trust, crls=world.crls)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, Code.UNTRUSTED)


def test_a_locked_field_that_did_not_change_stays_valid_under_later_revisions(world: World, plan: bytes) -> None:
    """The false alarm of pyHanko's default policy (FieldMDP over a field older than the signature)."""
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, append_signature_field

    from signing.prepare import prepare_document

    prepared = prepare_document(plan, verify_url="https://a.example.vn/k/1", short_code="1").data
    filled = fill_number(prepared, "30")
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, fields=["SoKyHieu"])
    locking = edit(filled, lambda w: append_signature_field(w, SigFieldSpec("KyNguoi", field_mdp_spec=lock)))
    signed = world.sign(locking, request=SignRequest(field="KyNguoi", level=Level.B_T))
    sealed = world.sign(signed.data, "co-quan", SignRequest(field="KyCoQuan", level=Level.B_T))
    assert validate_pdf(sealed.data, trust=world.trust, crls=world.crls).code is Code.OK


def timestamped(world: World, pdf: bytes) -> bytes:
    out = io.BytesIO()
    PdfTimeStamper(world.tsa).timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256", output=out)
    return out.getvalue()


def test_two_hundred_mutated_files_never_raise_and_never_turn_green(world: World, journey: Journey) -> None:
    dice = random.Random(20261122)
    original = journey.person.data
    value = CONTENTS.search(original)
    assert value is not None
    for _round in range(200):
        mutated = bytearray(original)
        for _edit in range(dice.randint(1, 6)):
            place = dice.randrange(len(mutated))
            match dice.randrange(4):
                case 0:
                    mutated[place] ^= 1 << dice.randrange(8)
                case 1:
                    del mutated[place : place + dice.randint(1, 400)]
                case 2:
                    mutated[place:place] = dice.randbytes(dice.randint(1, 60))
                case _:
                    mutated[place : place + 8] = dice.randbytes(8)
        if bytes(mutated) == original:
            continue
        report = validate_pdf(bytes(mutated), trust=world.trust, crls=world.crls)
        assert report.verdict is not Verdict.VALID


def test_garbage_with_the_right_words_never_raises() -> None:
    dice = random.Random(7)
    words = [b"%PDF-1.7\n", b"1 0 obj", b"<</Type/Catalog", b"/ByteRange [0 1 2 3]", b"/Contents <00>", b"xref\n0 1\n"]
    words += [b"trailer", b"<</Root 1 0 R>>", b"startxref\n9\n%%EOF", b">>", b"endobj\n", b"/Prev 0", b"stream\n"]
    for _round in range(300):
        data = b"%PDF-1.7\n" + b" ".join(dice.choices(words, k=dice.randint(1, 30)))
        assert validate_pdf(data).verdict is Verdict.UNREADABLE


def test_cyclic_and_endless_structures_are_unreadable() -> None:
    plain = plan_pdf()
    table = plain.rindex(b"startxref")
    loop = plain[:table] + b"startxref\n0\n%%EOF\n"
    assert validate_pdf(loop).verdict in {Verdict.UNREADABLE, Verdict.UNSIGNED}
    nested = b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\nstartxref\n9\n%%EOF"
    assert validate_pdf(nested).verdict is Verdict.UNREADABLE


def test_reading_back_needs_no_trust(journey: Journey) -> None:
    reader = PdfFileReader(io.BytesIO(journey.sealed.data))
    assert len(reader.embedded_signatures) == 2
    assert validate_pdf(journey.sealed.data, trust=TrustStore.nobody()).signatures[1].intact


@pytest.mark.parametrize("other", [b"/adbe.pkcs7.sha1    ", b"/adbe.x509.rsa_sha1 ", b"/Khac.Gi            "])
def test_sub_filters_that_are_not_checked_are_said_to_be_so(journey: Journey, other: bytes) -> None:
    foreign = journey.sealed.data.replace(b"/ETSI.CAdES.detached", other)
    assert len(foreign) == len(journey.sealed.data)
    report = validate_pdf(foreign)
    assert {s.code for s in report.signatures} == {Code.UNREADABLE}
