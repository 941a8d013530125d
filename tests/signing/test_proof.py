"""The proof by bytes: what it accepts, and that no change of the result escapes it."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from asn1crypto import x509 as asn1_x509

from signing import Level, SignRequest, errors
from signing.deferred import prepare_signature
from signing.protocol import PreparedSignature
from signing.sign.acceptance import check_trust
from signing.sign.completing import embed
from signing.sign.content import MemoryContent
from signing.sign.der import read
from signing.sign.preparing import Draft, parts_of
from signing.sign.proof import Evidence, prove
from tests.signing.conftest import Journey, World


@dataclasses.dataclass(frozen=True)
class Signed:
    prepared: PreparedSignature
    raw: bytes
    pdf: bytes

    def prove(self, pdf: bytes) -> str:
        return prove(MemoryContent(pdf), self.prepared, Evidence(raw=self.raw, token=b""))


@pytest.fixture(scope="module")
def fresh(world: World, plan: bytes) -> Signed:
    with world.key() as key:
        prepared, pdf = prepare_signature(plan, key.certificate, key.chain, SignRequest(), world.around())
        raw = key.sign(prepared.attributes, prepared.mechanism)
    content = parts_of(prepared).assemble(prepared.attributes, raw)
    return Signed(prepared, raw, plan + embed(draft_of(prepared, pdf), content))


def draft_of(prepared: PreparedSignature, pdf: bytes) -> Draft:
    base = prepared.base_size
    return Draft(prepared=prepared, base=MemoryContent(pdf[:base]), update=pdf[base:])


def test_a_fresh_signature_is_proved(fresh: Signed) -> None:
    import hashlib

    assert fresh.prove(fresh.pdf) == hashlib.sha256(fresh.pdf).hexdigest()


def flip(place: Callable[[Signed], int]) -> Callable[[Signed], bytes]:
    def change(fresh: Signed) -> bytes:
        at = place(fresh)
        return fresh.pdf[:at] + bytes([fresh.pdf[at] ^ 1]) + fresh.pdf[at + 1 :]

    return change


@pytest.mark.parametrize(
    "change",
    [
        flip(lambda fresh: 20),
        flip(lambda fresh: fresh.prepared.base_size + 3),
        flip(lambda fresh: fresh.prepared.hole[0]),
        flip(lambda fresh: fresh.prepared.hole[0] + 40),
        flip(lambda fresh: fresh.pdf.index(b"00" * 20, fresh.prepared.hole[0])),
        flip(lambda fresh: fresh.prepared.hole[1] - 2),
        flip(lambda fresh: fresh.prepared.hole[1] - 1),
        flip(lambda fresh: fresh.pdf.index(b"/ByteRange") + 15),
        flip(lambda fresh: len(fresh.pdf) - 4),
        lambda fresh: fresh.pdf + b"\n",
        lambda fresh: fresh.pdf[:-1],
        lambda fresh: fresh.pdf + b"1 0 obj\n<</ByteRange [0 1 2 3]>>\nendobj\n",
        lambda fresh: fresh.pdf[: fresh.prepared.base_size],
    ],
)
def test_every_other_byte_is_noticed(fresh: Signed, change: Callable[[Signed], bytes]) -> None:
    with pytest.raises(errors.OutputNotValid):
        fresh.prove(change(fresh))


def test_a_signature_of_another_document_does_not_prove_this_one(world: World, fresh: Signed, plan: bytes) -> None:
    with world.key() as key:
        other, _pdf = prepare_signature(plan, key.certificate, key.chain, SignRequest(field="B"), world.around())
        raw = key.sign(other.attributes, other.mechanism)
    content = parts_of(other).assemble(other.attributes, raw)
    start, end = fresh.prepared.hole
    blank = fresh.pdf[:start] + b"<" + b"0" * (end - start - 2) + fresh.pdf[end - 1 :]
    swapped = plan + embed(draft_of(fresh.prepared, blank), content)
    with pytest.raises(errors.OutputNotValid):
        prove(MemoryContent(swapped), fresh.prepared, Evidence(raw=raw, token=b""))
    with pytest.raises(errors.OutputNotValid):
        fresh.prove(swapped)


def test_a_file_that_was_signed_before_is_validated_whole(world: World, journey: Journey) -> None:
    request = SignRequest(field="KyThem", level=Level.B_T)
    signed = world.sign(journey.person.data, "co-quan", request, revalidate=False)
    assert signed.report is not None
    assert len(signed.report.signatures) == 2


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x05ab", b"\x30\x80\x00\x00", b"\x30\x81\x05abcde", b"\x30\x85" + bytes(9)]
)
def test_der_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"DER|cut off"):
        read(data)


def test_der_values_stay_inside_their_parent() -> None:
    with pytest.raises(ValueError, match=r"cut off|sticks out"):
        read(b"\x30\x03\x04\x05a" + b"bcde").children()
    with pytest.raises(ValueError, match="expected"):
        read(b"\x30\x03\x04\x01a").children(0x02)


def test_a_certificate_is_trusted_from_its_first_second_on(world: World, fresh: Signed) -> None:
    """The judgement is kept for a minute; it is made at the very moment, not at the beginning of the minute."""
    begins = asn1_x509.Certificate.load(fresh.prepared.certificate).not_valid_before
    check_trust(fresh.prepared, world.trust, crls=(), now=begins + timedelta(seconds=1))
    with pytest.raises(errors.OutputNotValid):
        check_trust(fresh.prepared, world.trust, crls=(), now=begins - timedelta(minutes=5))
