"""The phases of a signature: prepared here, signed elsewhere, completed here."""

import dataclasses
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from signing import Level, SignRequest, errors, sign_pdf, validate_pdf
from signing.deferred import complete_signature, prepare_signature
from signing.fields import GrowingFile
from signing.keystores import KeySigner
from signing.model import Code, Mechanism
from signing.protocol import PREFERRED, PreparedSignature, check_shown, choose_mechanism, verify_raw
from signing.sign import Surroundings
from signing.timestamps import LocalTimestamper
from tests.signing.conftest import World
from tests.signing.test_sign import pdfsig, pyhanko_agrees
from tests.signing.test_verdicts import self_made

BT = SignRequest(field="KyNguoi", level=Level.B_T)


class Unreachable(LocalTimestamper):
    """A service that answers when it is told to."""

    reachable = False

    def answer(self, query: bytes) -> bytes:
        if not self.reachable and hasattr(self, "token_room") and self.token_room:
            raise errors.TimestampFailed
        return super().answer(query)


def prepared_for(
    world: World, plan: bytes, request: SignRequest = BT, **changes: object
) -> tuple[PreparedSignature, bytes]:
    with world.key() as key:
        return prepare_signature(plan, key.certificate, key.chain, request, world.around(**changes))


def raw_of(world: World, prepared: PreparedSignature) -> bytes:
    """What the token returns: it sees the attributes only."""
    with world.key() as key:
        return key.sign(prepared.attributes, prepared.mechanism)


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT])
def test_a_document_signed_in_phases_is_an_ordinary_one(
    world: World, plan: bytes, tmp_path: Path, level: Level
) -> None:
    prepared, pdf = prepared_for(world, plan, SignRequest(field="KyNguoi", level=level))
    stored = PreparedSignature.from_json(json.loads(json.dumps(prepared.to_json())))
    assert stored == prepared
    check_shown(stored, pdf)
    signed = complete_signature(stored, pdf, raw_of(world, stored), world.around())
    assert signed.data.startswith(plan)
    assert signed.report is not None
    assert signed.report.signatures[0].level is level
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK
    assert pyhanko_agrees(signed.data, world)
    assert "Signature is Valid" in pdfsig(signed.data, tmp_path)


def test_the_prepared_value_is_small_and_says_what_it_is_about(world: World, plan: bytes) -> None:
    prepared, pdf = prepared_for(world, plan)
    assert len(json.dumps(prepared.to_json())) < 8192
    assert (prepared.base_size, prepared.prepared_size) == (len(plan), len(pdf))
    assert prepared.mechanism is Mechanism.RSA_PSS
    assert sum(prepared.byte_range[2:]) == len(pdf)
    assert "attributes" not in repr(prepared)


def test_the_agent_refuses_another_document(world: World, plan: bytes) -> None:
    prepared, pdf = prepared_for(world, plan)
    place = pdf.index(b"stream") + 30
    start, _end = prepared.hole
    for shown in (
        plan,
        pdf + b"\n",
        pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :],
        pdf[: start + 5] + b"f" + pdf[start + 6 :],
    ):
        with pytest.raises(errors.PreparedMismatch):
            check_shown(prepared, shown)


def test_the_agent_refuses_attributes_of_another_document(world: World, plan: bytes) -> None:
    prepared, pdf = prepared_for(world, plan)
    other, _pdf = prepared_for(world, plan, SignRequest(field="Khac", level=Level.B_T))
    foreign = self_made(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    for attributes, certificate in (
        (other.attributes, prepared.certificate),
        (prepared.attributes, foreign.dump()),
        (prepared.attributes[:-1], prepared.certificate),
        (b"", prepared.certificate),
    ):
        swapped = dataclasses.replace(prepared, attributes=attributes, certificate=certificate)
        with pytest.raises(errors.PreparedUnreadable):
            check_shown(swapped, pdf)


def test_a_raw_signature_that_does_not_fit_is_never_embedded(world: World, plan: bytes) -> None:
    prepared, pdf = prepared_for(world, plan)
    with world.key("van-thu") as other:
        foreign = other.sign(prepared.attributes, prepared.mechanism)
    with world.key() as key:
        wrong_kind = key.sign(prepared.attributes, Mechanism.RSA_PKCS1V15)
        other_text = key.sign(b"something else", prepared.mechanism)
    for raw in (bytes(256), b"", foreign, wrong_kind, other_text):
        with pytest.raises(errors.RawSignatureInvalid):
            verify_raw(prepared, raw)
        with pytest.raises(errors.RawSignatureInvalid):
            complete_signature(prepared, pdf, raw, world.around())


def test_a_timestamp_is_tried_again_without_the_key(world: World, plan: bytes) -> None:
    with world.key("van-thu") as tsa_key:
        down = Unreachable(tsa_key)
    prepared, pdf = prepared_for(world, plan)
    raw = raw_of(world, prepared)
    for _try in range(2):
        with pytest.raises(errors.TimestampFailed):
            complete_signature(prepared, pdf, raw, world.around(timestamper=down))
    signed = complete_signature(prepared, pdf, raw, world.around())
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK
    assert signed.timestamp_time is not None


def test_signing_in_one_go_hands_out_what_a_later_timestamp_needs(world: World, plan: bytes) -> None:
    with world.key("van-thu") as tsa_key:
        down = Unreachable(tsa_key)
    with pytest.raises(errors.TimestampPending) as caught:
        world.sign(plan, timestamper=down)
    assert caught.value.code == errors.TimestampFailed.code
    unfinished = caught.value.unfinished
    signed = complete_signature(unfinished.prepared, unfinished.pdf, unfinished.raw, world.around())
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls).code is Code.OK


def test_a_stored_file_that_changed_is_refused(world: World, plan: bytes) -> None:
    prepared, pdf = prepared_for(world, plan)
    raw = raw_of(world, prepared)
    for changed in (plan, pdf + b" ", pdf[:-1]):
        with pytest.raises(errors.PreparedMismatch):
            complete_signature(prepared, changed, raw, world.around())


def test_a_certificate_that_expired_meanwhile_does_not_complete(world: World, plan: bytes) -> None:
    prepared, pdf = prepared_for(world, plan)
    certificate = asn1_x509.Certificate.load(prepared.certificate)
    later = world.around(now=certificate.not_valid_after + timedelta(days=1))
    with pytest.raises(errors.CertificateExpired):
        complete_signature(prepared, pdf, raw_of(world, prepared), later)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", 2),
        ("digest_algorithm", "sha1"),
        ("mechanism", "rsa-sha1"),
        ("parameters", {"hash": "sha1", "mask": "mgf1-sha1", "salt_length": 20}),
        ("hole", [5, 9]),
        ("hole", [10, 2]),
        ("hole", "ab"),
        ("base_size", -1),
        ("base_size", True),
        ("base_sha256", "x" * 64),
        ("digest", "00" * 32),
        ("field", ""),
        ("level", "b-x"),
        ("claimed_time", "2026-01-01T00:00:00"),
        ("claimed_time", 5),
        ("attributes", "MAA="),
        ("attributes", "%%"),
        ("certificate", None),
        ("chain", ["MAA="] * 99),
        ("chain", [3]),
    ],
)
def test_damaged_json_is_refused_by_name(world: World, plan: bytes, name: str, value: object) -> None:
    prepared, _pdf = prepared_for(world, plan)
    with pytest.raises(errors.PreparedUnreadable):
        PreparedSignature.from_json({**prepared.to_json(), name: value})


@pytest.mark.parametrize("value", [None, [], "x", {}, {"format": 1}])
def test_what_is_no_prepared_signature_is_refused(value: object) -> None:
    with pytest.raises(errors.PreparedUnreadable):
        PreparedSignature.from_json(value)


@pytest.mark.parametrize(
    ("slug", "error"), [("thu-hoi", errors.CertificateRevoked), ("het-han", errors.CertificateExpired)]
)
def test_bad_certificates_are_refused_before_anybody_is_asked_for_a_pin(
    world: World, plan: bytes, slug: str, error: type[Exception]
) -> None:
    with world.key(slug) as key, pytest.raises(error):
        prepare_signature(plan, key.certificate, key.chain, BT, world.around())


def test_a_weak_key_and_missing_services_are_refused_while_preparing(world: World, plan: bytes) -> None:
    weak = self_made(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    with pytest.raises(errors.WeakKey):
        prepare_signature(plan, weak, [], SignRequest())
    with pytest.raises(errors.TimestamperMissing):
        prepared_for(world, plan, timestamper=None)
    with pytest.raises(errors.LevelUnavailable):
        prepared_for(world, plan, SignRequest(level=Level.B_LTA))


class Token:
    """A key that knows PKCS#1 v1.5 only, as older tokens do."""

    mechanisms = (Mechanism.RSA_PKCS1V15,)

    def __init__(self, key: KeySigner) -> None:
        self.certificate, self.chain, self._key = key.certificate, key.chain, key
        self.asked: list[Mechanism] = []

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        self.asked.append(mechanism)
        return self._key.sign(attributes, mechanism)


def test_any_key_signs_through_the_same_phases_with_what_it_knows(world: World, plan: bytes) -> None:
    with world.key() as key:
        token = Token(key)
        signed = sign_pdf(plan, token, BT, world.around())
    assert token.asked == [Mechanism.RSA_PKCS1V15]
    assert signed.report is not None
    assert signed.report.signatures[0].signature_algorithm == "sha256_rsa"


def test_the_preferred_mechanism_can_be_chosen(world: World, plan: bytes) -> None:
    with world.key() as key:
        assert choose_mechanism(key.certificate) is Mechanism.RSA_PSS
        old = (Mechanism.RSA_PKCS1V15, Mechanism.RSA_PSS)
        assert choose_mechanism(key.certificate, preferred=old) is Mechanism.RSA_PKCS1V15
        with pytest.raises(errors.MechanismUnsupported):
            sign_pdf(plan, Token(key), SignRequest(), Surroundings(mechanisms=(Mechanism.RSA_PSS,)))
    curve = self_made(ec.generate_private_key(ec.SECP384R1()))
    assert choose_mechanism(curve, PREFERRED) is Mechanism.ECDSA
    with pytest.raises(errors.MechanismUnsupported):
        choose_mechanism(curve, [Mechanism.RSA_PSS])


def test_keys_of_other_kinds_have_no_mechanism() -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Edwards")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, ed25519.Ed25519PrivateKey.generate().public_key(), 1, now, now)
    issued = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    with pytest.raises(errors.MechanismUnsupported):
        choose_mechanism(asn1_x509.Certificate.load(issued.public_bytes(Encoding.DER)))


def test_a_hook_raises_the_level(world: World, plan: bytes) -> None:
    seen = []

    def raised(file: GrowingFile, field: str, level: Level) -> None:
        seen.append((field, level))
        file.seek(-1, io.SEEK_END)
        file.write(b"x")  # over the signature's own update

    with pytest.raises(errors.OutputNotValid):
        world.sign(plan, request=SignRequest(field="A", level=Level.B_LTA), raise_level=raised)
    assert seen == [("A", Level.B_LTA)]
