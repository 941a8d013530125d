"""A file signed by another program: only ours, only one signature more, only by the right key, and nothing else."""

from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter

from signing import SigningError
from signing.model import Code
from signing.prepare import fill_number, prepare_document
from signing.validate import Expected, check_received
from tests.signing.conftest import Journey, World
from tests.signing.documents import plan_pdf
from tests.vgca_tool import VgcaTool

Refused = Callable[[bytes, bytes], str]


@pytest.fixture
def tool(world: World) -> VgcaTool:
    return _tool(world, "chu-tich")


def _tool(world: World, slug: str) -> VgcaTool:
    issued = world.pki.keys[slug]
    return VgcaTool(key=(issued.path.read_bytes(), issued.pin), tsa=world.tsa)


def _expected(world: World, slug: str = "chu-tich") -> Expected:
    with world.key(slug) as signer:
        certificate = signer.certificate.dump()
    return Expected(certificate=certificate, trust=world.trust, crls=world.crls, now=world.around().moment())


@pytest.fixture
def refused(world: World) -> Refused:
    expected = _expected(world)

    def code(base: bytes, data: bytes) -> str:
        with pytest.raises(SigningError) as caught:
            check_received(base, data, expected)
        assert caught.value.vi
        return caught.value.code

    return code


@pytest.mark.parametrize("subfilter", [SigSeedSubFilter.ADOBE_PKCS7_DETACHED, SigSeedSubFilter.PADES])
def test_a_first_and_a_second_signature_are_taken(
    world: World, journey: Journey, tool: VgcaTool, subfilter: SigSeedSubFilter
) -> None:
    tool.subfilter = subfilter
    signed = tool.sign(journey.prepared)
    new, report = check_received(journey.prepared, signed, _expected(world))
    assert (new.field, new.code, report.code) == ("Signature1", Code.OK, Code.OK)
    numbered = fill_number(signed, "30")
    seal = _tool(world, "co-quan")
    seal.name = "Signature2"
    new, report = check_received(numbered, seal.sign(numbered), _expected(world, "co-quan"))
    assert [one.field for one in report.signatures] == ["Signature1", "Signature2"]
    assert report.code is Code.OK


def test_another_document_or_none_is_refused(journey: Journey, tool: VgcaTool, refused: Refused) -> None:
    other = prepare_document(plan_pdf(), verify_url="https://khac.vn/v/A", short_code="A").data
    assert refused(journey.prepared, tool.sign(other)) == "received_other_document"
    assert refused(journey.prepared, journey.prepared) == "received_other_document"
    assert refused(journey.prepared, b"%PDF-1.7") == "received_other_document"


def test_no_signature_and_two_are_refused(journey: Journey, tool: VgcaTool, refused: Refused) -> None:
    base = journey.prepared
    assert refused(base, fill_number(base, "30")) == "received_not_one_signature"
    once = tool.sign(base)
    tool.name = "Signature2"
    assert refused(base, tool.sign(once)) == "received_not_one_signature"


def test_another_persons_key_is_refused(world: World, journey: Journey, refused: Refused) -> None:
    assert refused(journey.prepared, _tool(world, "van-thu").sign(journey.prepared)) == "received_other_signer"


def test_a_broken_or_unstamped_signature_is_refused(journey: Journey, tool: VgcaTool, refused: Refused) -> None:
    signed = bytearray(tool.sign(journey.prepared))
    signed[len(journey.prepared) + 30] ^= 0x01
    assert refused(journey.prepared, bytes(signed)) in {"received_not_valid", "received_changed"}
    tool.tsa = None
    assert refused(journey.prepared, tool.sign(journey.prepared)) == "received_no_timestamp"


def _new_text(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 100 700 Td (500 trieu) Tj ET")
    old = page.raw_get("/Contents")
    page["/Contents"] = generic.ArrayObject([*([old] if not isinstance(old, list) else old), writer.add_object(stream)])
    writer.update_container(page)


def _new_note(writer: IncrementalPdfFileWriter) -> None:
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(generic.NumberObject(n) for n in (50, 50, 200, 90)),
            pdf_name("/Contents"): generic.pdf_string("thêm"),
        }
    )
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))


def _new_number(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/V"] = generic.pdf_string("99")
    writer.update_container(field)


@pytest.mark.parametrize("change", [_new_text, _new_note, _new_number])
def test_what_else_the_tool_changed_is_found_under_its_own_signature(
    journey: Journey, tool: VgcaTool, refused: Refused, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    tool.change = change
    assert refused(journey.prepared, tool.sign(journey.prepared)) == "received_changed"


def test_references_beside_the_old_ones_are_refused(journey: Journey, tool: VgcaTool, refused: Refused) -> None:
    """An update that leads back to another revision than the last would hide what came between."""
    signed = tool.sign(journey.prepared)
    start = journey.prepared.rindex(b"startxref")
    offset = journey.prepared[start:].split()[1]
    broken = signed[: len(journey.prepared)] + signed[len(journey.prepared) :].replace(
        b"/Prev " + offset, b"/Prev " + b"0" * len(offset), 1
    )
    assert refused(journey.prepared, broken).startswith("received_")
