"""Every code of the verdict table is reached by a file that deserves it."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from signing import Level, SignRequest, TrustStore, validate_pdf
from signing.keystores import KeySigner
from signing.model import SEVERITY, VERDICT_OF, Code, RevocationStatus, Verdict, plain
from signing.trust import load_trust
from signing.trust.demo_pki import make_crl
from tests.signing.conftest import Journey, World
from tests.signing.documents import encrypted
from tests.signing.library_signer import LibrarySigner


def self_made(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, usage: bool = True) -> asn1_x509.Certificate:
    """A self-signed certificate, trusted only by whoever names it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tự ký")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.KeyUsage(usage, usage, not usage, False, False, False, False, False, False), critical=True)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def sign_loosely(pdf: bytes, signer: KeySigner, *, digest: str = "sha256") -> bytes:
    """PyHanko alone, without our refusals."""
    meta = signers.PdfSignatureMetadata(field_name="Lỏng", md_algorithm=digest, subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    signers.PdfSigner(meta, LibrarySigner(signer)).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def anchored(signer: KeySigner) -> TrustStore:
    return TrustStore((signer.certificate,))


def test_a_signed_and_sealed_document_is_valid(world: World, journey: Journey) -> None:
    report = validate_pdf(journey.sealed.data, trust=world.trust, crls=world.crls)
    assert (report.verdict, report.code) == (Verdict.VALID, Code.OK)
    assert [s.signer for s in report.signatures] == ["Nguyễn Thị Hồng Ánh", "Ủy ban nhân dân phường Hoa Mẫu"]
    person = report.signatures[0]
    assert person.certificate is not None
    assert person.certificate.issuer == "Tổ chức chứng thực MẪU cấp phát"
    assert person.timestamp_trusted
    assert person.timestamp_time == person.control_time
    assert (person.level, person.revocation) == (Level.B_T, RevocationStatus.GOOD)
    assert report.signatures[1].coverage == "whole_file"


def test_nobody_is_trusted_unless_named(journey: Journey) -> None:
    report = validate_pdf(journey.sealed.data)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, Code.UNTRUSTED)


def test_same_names_from_another_authority_are_untrusted(plain_world: World, journey: Journey) -> None:
    assert validate_pdf(journey.sealed.data, trust=plain_world.trust).code is Code.UNTRUSTED


def test_an_undated_number_before_the_seal_counts_as_a_change(world: World, journey: Journey) -> None:
    report = validate_pdf(journey.filled, trust=world.trust, crls=world.crls)
    assert (report.verdict, report.code) == (Verdict.INVALID, Code.MODIFIED)


def test_declared_but_absent_revocation_data_leave_the_status_unknown(world: World, plan: bytes) -> None:
    signed = world.sign(plan)
    report = validate_pdf(signed.data, trust=world.trust)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, Code.STATUS_UNKNOWN)
    assert not report.signatures[0].timestamp_trusted


def test_undeclared_revocation_data_are_a_remark_only(plain_world: World, plan: bytes) -> None:
    signed = plain_world.sign(plan, crls=())
    report = validate_pdf(signed.data, trust=plain_world.trust)
    assert report.code is Code.OK
    assert report.signatures[0].revocation is RevocationStatus.NOT_DECLARED
    assert "revocation_not_declared" in [r.code for r in report.signatures[0].reasons]


def test_stale_revocation_data_leave_the_status_unknown(world: World, plan: bytes) -> None:
    signed = world.sign(plan, request=SignRequest(level=Level.B_B))
    later = datetime.now(UTC) + timedelta(days=500)
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls, now=later).code is Code.STATUS_UNKNOWN


@pytest.mark.parametrize("declared", [True, False])
def test_a_revoked_signer_is_invalid(world: World, plain_world: World, plan: bytes, declared: bool) -> None:
    which = world if declared else plain_world
    signed = which.sign(plan, "thu-hoi", SignRequest(), crls=(), trust=None)
    report = validate_pdf(signed.data, trust=which.trust, crls=which.crls)
    assert (report.verdict, report.code) == (Verdict.INVALID, Code.REVOKED)


def test_a_timestamp_from_before_the_revocation_saves_the_signature(world: World, plan: bytes) -> None:
    signed = world.sign(plan)
    later = datetime.now(UTC) + timedelta(days=20)
    lists = [world.crls[1], revoking(world, at=datetime.now(UTC) + timedelta(days=10), now=later)]
    dated = validate_pdf(signed.data, trust=world.trust, crls=lists, now=later)
    assert dated.code is Code.OK
    assert "revoked_later" in [r.code for r in dated.signatures[0].reasons]
    assert validate_pdf(signed.data, trust=world.trust, crls=lists, now=later, at="now").code is Code.REVOKED


def test_without_a_timestamp_a_later_revocation_counts(world: World, plan: bytes) -> None:
    signed = world.sign(plan, request=SignRequest(level=Level.B_B))
    later = datetime.now(UTC) + timedelta(days=20)
    lists = [world.crls[1], revoking(world, at=datetime.now(UTC) + timedelta(days=10), now=later)]
    assert validate_pdf(signed.data, trust=world.trust, crls=lists, now=later).code is Code.REVOKED


def revoking(world: World, *, at: datetime, now: datetime) -> bytes:
    """A list by the issuing CA that revokes the chairman's certificate ``at``."""
    with world.key() as signer:
        serial = signer.certificate.serial_number
    certificate, key = world.pki.issuing
    return make_crl(certificate, key, revoked=[(serial, at)], now=now)


def test_an_expired_certificate_without_a_timestamp_is_indeterminate(world: World, plan: bytes) -> None:
    signed = world.sign(plan, request=SignRequest(level=Level.B_B))
    later = datetime.now(UTC) + timedelta(days=4 * 365)
    report = validate_pdf(signed.data, trust=world.trust, crls=world.crls, now=later)
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, Code.EXPIRED)
    before = datetime.now(UTC) - timedelta(days=30)
    assert validate_pdf(signed.data, trust=world.trust, crls=world.crls, at=before).code is Code.EXPIRED


def test_a_timestamp_carries_a_signature_past_the_end_of_its_certificate(world: World, plan: bytes) -> None:
    signed = world.sign(plan, request=SignRequest(level=Level.B_LT))
    later = datetime.now(UTC) + timedelta(days=350)
    at_expiry = datetime.now(UTC) + timedelta(days=4 * 365)
    assert validate_pdf(signed.data, trust=world.trust, now=later).code is Code.OK
    assert validate_pdf(signed.data, trust=world.trust, at=at_expiry).code is Code.EXPIRED


@pytest.mark.parametrize(
    ("digest", "bits"), [("sha1", 2048), ("sha256", 1024)], ids=["SHA-1 digest", "RSA with 1024 bits"]
)
def test_weak_algorithms_prove_nothing(plan: bytes, digest: str, bits: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    signer = signers.SimpleSigner(signing_cert=self_made(key), signing_key=asn1_key(key), cert_registry=None)
    meta = signers.PdfSignatureMetadata(field_name="Yeu", md_algorithm=digest, subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    signers.PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(plan)), output=out)
    report = validate_pdf(out.getvalue(), trust=TrustStore((signer.signing_cert,)))
    assert (report.verdict, report.code) == (Verdict.INVALID, Code.WEAK_ALGORITHM)


def asn1_key(key: rsa.RSAPrivateKey) -> object:
    from asn1crypto import keys

    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return keys.PrivateKeyInfo.load(der)


def test_a_certificate_for_other_purposes_is_untrusted(plan: bytes) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = KeySigner(key, self_made(key, usage=False))
    report = validate_pdf(sign_loosely(plan, signer), trust=anchored(signer))
    assert report.code is Code.UNTRUSTED


def test_elliptic_curve_signatures_are_valid(plan: bytes) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = KeySigner(key, self_made(key))
    report = validate_pdf(sign_loosely(plan, signer), trust=anchored(signer))
    assert (report.code, report.signatures[0].signature_algorithm) == (Code.OK, "sha256_ecdsa")


def test_an_unsigned_file_is_unsigned(plan: bytes) -> None:
    report = validate_pdf(plan)
    assert (report.verdict, report.code) == (Verdict.UNSIGNED, Code.UNSIGNED)


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "rỗng"), (b"PK\x03\x04 not a pdf", "không phải là PDF"), (b"%PDF-1.7\ngarbage", "không đọc được")],
)
def test_what_is_no_pdf_is_unreadable(data: bytes, words: str) -> None:
    report = validate_pdf(data)
    assert report.verdict is Verdict.UNREADABLE
    assert words in report.reasons[0].vi


def test_an_encrypted_file_is_unreadable_and_says_why(plan: bytes) -> None:
    report = validate_pdf(encrypted(plan))
    assert report.verdict is Verdict.UNREADABLE
    assert "mật khẩu" in report.reasons[0].vi


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path) -> None:
    assert validate_pdf(tmp_path / "khong-co.pdf").verdict is Verdict.UNREADABLE
    assert validate_pdf(tmp_path).verdict is Verdict.UNREADABLE


def test_the_claimed_time_never_decides(world: World, plan: bytes) -> None:
    ahead = world.sign(plan, request=SignRequest(level=Level.B_B), now=datetime.now(UTC) + timedelta(hours=7))
    report = validate_pdf(ahead.data, trust=world.trust, crls=world.crls)
    assert report.code is Code.OK
    assert "claimed_ahead" in [r.code for r in report.signatures[0].reasons]
    assert "claimed_only" in [r.code for r in report.signatures[0].reasons]


def test_the_control_time_is_named(world: World, journey: Journey) -> None:
    def kinds(**how: object) -> set[str]:
        report = validate_pdf(journey.sealed.data, trust=world.trust, crls=world.crls, **how)
        return {r.code for s in report.signatures for r in s.reasons if r.code.startswith("control_")}

    assert kinds() == {"control_timestamp"}
    assert kinds(at="now") == {"control_given"}
    assert kinds(at=datetime.now(UTC)) == {"control_given"}


def test_every_code_has_a_verdict_and_a_rank() -> None:
    assert set(VERDICT_OF) == set(Code) == set(SEVERITY)


def test_the_json_says_what_the_circular_asks_for(world: World, journey: Journey) -> None:
    value = validate_pdf(journey.sealed.data, trust=world.trust, crls=world.crls).to_json()
    assert set(value) == {"verdict", "code", "reasons", "signatures", "checked_at", "sha256", "size"}
    signature = value["signatures"][0]
    asked = {"issuer", "signer", "managing_unit", "timestamp_time", "claimed_time", "intact", "valid_from", "valid_to"}
    assert asked <= set(signature)
    assert signature["valid_from"].endswith("+07:00")
    assert all(set(r) == {"code", "vi", "en"} for r in value["reasons"])


def test_anchors_may_come_as_pem_or_der(world: World, journey: Journey) -> None:
    der = load_trust([world.pki.root]).anchors[0].dump()
    assert validate_pdf(journey.sealed.data, trust=load_trust([der]), crls=world.crls).code is Code.OK


def test_names_of_strangers_lose_their_control_characters() -> None:
    assert plain("Nguyễn\u202eÁnh\x1b[2J\n") == "NguyễnÁnh[2J"
