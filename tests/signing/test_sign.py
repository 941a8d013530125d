"""Signing: what is refused, what comes out, and that other programs agree."""

import hashlib
import io
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing import Level, Place, SignRequest, errors, sign_pdf, validate_pdf
from signing.keystores import KeySigner, open_pkcs12
from signing.model import Code, Mechanism
from signing.sign import Surroundings, completing
from signing.sign.prechecks import check_certificate
from signing.timestamps import LocalTimestamper
from tests.signing.conftest import Journey, World
from tests.signing.documents import edit, encrypted, hybrid_pdf
from tests.signing.library_signer import LibrarySigner
from tests.signing.test_verdicts import self_made

FIXTURES = Path(__file__).parents[1] / "fixtures" / "pdf"


def pdfsig(pdf: bytes, folder: Path) -> str:
    path = folder / "signed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout


def pyhanko_agrees(pdf: bytes, world: World, *, strict: bool = True) -> bool:
    """The library's own validator with its default policy."""
    context = ValidationContext(
        trust_roots=list(world.trust.anchors), crls=list(world.crls), revocation_mode="hard-fail"
    )
    reader = PdfFileReader(io.BytesIO(pdf), strict=strict)
    return all(
        validate_pdf_signature(s, signer_validation_context=context).bottom_line
        for s in reader.embedded_regular_signatures
    )


def test_pdfsig_and_pyhanko_agree_on_the_finished_document(world: World, journey: Journey, tmp_path: Path) -> None:
    assert pyhanko_agrees(journey.sealed.data, world)
    said = pdfsig(journey.sealed.data, tmp_path)
    assert said.count("Signature is Valid") == 2
    assert said.count("ETSI.CAdES.detached") == 2
    assert "Total document signed" in said
    assert "CN=Nguyễn Thị Hồng Ánh" in said


@pytest.mark.parametrize("name", ["libreoffice.pdf", "chromium.pdf"])
def test_files_of_other_makers_are_signed_and_sealed(world: World, tmp_path: Path, name: str) -> None:
    original = (FIXTURES / name).read_bytes()
    person = world.sign(original, request=SignRequest(field="KyNguoi", level=Level.B_T))
    sealed = world.sign(person.data, "co-quan", SignRequest(field="KyCoQuan", level=Level.B_T))
    assert sealed.data.startswith(original)
    assert validate_pdf(sealed.data, trust=world.trust, crls=world.crls).code is Code.OK
    assert pdfsig(sealed.data, tmp_path).count("Signature is Valid") == 2
    assert pyhanko_agrees(sealed.data, world)


def test_a_hybrid_file_as_word_writes_it_is_signed_with_a_remark(world: World, tmp_path: Path) -> None:
    signed = world.sign(hybrid_pdf())
    report = validate_pdf(signed.data, trust=world.trust, crls=world.crls)
    assert report.code is Code.OK
    assert "hybrid" in [r.code for r in report.reasons]
    assert "Signature is Valid" in pdfsig(signed.data, tmp_path)


def test_the_result_tells_what_a_ledger_needs(world: World, plan: bytes) -> None:
    signed = world.sign(plan, request=SignRequest(field="KyNguoi", level=Level.B_T))
    assert signed.sha256 == hashlib.sha256(signed.data).hexdigest()
    embedded = PdfFileReader(io.BytesIO(signed.data)).embedded_signatures[0]
    value = embedded.signer_info["signature"].native
    assert signed.signature_sha256 == hashlib.sha256(value).hexdigest()
    assert signed.revision_end == len(signed.data)
    assert signed.timestamp_time is not None
    assert signed.certificate.common_name == "Nguyễn Thị Hồng Ánh"
    assert "data" not in signed.to_json()


def test_the_facts_are_the_same_without_revalidation(world: World, plan: bytes) -> None:
    quick = world.sign(plan, revalidate=False)
    report = validate_pdf(quick.data, trust=world.trust, crls=world.crls)
    assert quick.signature_sha256 == report.signatures[0].signature_sha256
    assert quick.revision_end == report.signatures[0].revision_end
    assert quick.report is None


@pytest.mark.parametrize("kind", ["rsa-pss", "rsa-pkcs1v15", "p256", "p384"])
def test_every_kind_of_key_makes_a_valid_signature(plan: bytes, kind: str, tmp_path: Path) -> None:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    match kind:
        case "p256":
            key = ec.generate_private_key(ec.SECP256R1())
        case "p384":
            key = ec.generate_private_key(ec.SECP384R1())
        case _:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    mechanism = Mechanism.RSA_PKCS1V15 if kind == "rsa-pkcs1v15" else None
    signed = sign_pdf(plan, KeySigner(key, self_made(key)), SignRequest(mechanism=mechanism))
    report = validate_pdf(signed.data)
    assert report.code is Code.UNTRUSTED
    assert report.signatures[0].intact
    names = {"rsa-pss": "rsassa_pss", "rsa-pkcs1v15": "sha256_rsa"}
    assert report.signatures[0].signature_algorithm == names.get(kind, "sha256_ecdsa")
    assert "Signature is Valid" in pdfsig(signed.data, tmp_path)


def test_openssl_accepts_the_cms(world: World, journey: Journey, tmp_path: Path) -> None:
    """The parts joined by hand make an ordinary CMS with just the PAdES attributes."""
    embedded = PdfFileReader(io.BytesIO(journey.person.data)).embedded_signatures[0]
    kinds = {a["type"].native for a in embedded.signer_info["signed_attrs"]}
    assert kinds == {"content_type", "message_digest", "signing_certificate_v2"}
    content = cms.ContentInfo.load(embedded.pkcs7_content).dump()
    assert embedded.pkcs7_content[len(content) :].strip(b"\0") == b""
    _start, length, resume, rest = embedded.byte_range
    (tmp_path / "value.der").write_bytes(content)
    (tmp_path / "signed").write_bytes(journey.person.data[:length] + journey.person.data[resume : resume + rest])
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "value.der", "-content", "signed"]
    command += ["-binary", "-cades", "-CAfile", str(world.pki.root), "-out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_b_lt_carries_what_is_needed_to_check_it_offline(world: World, plan: bytes) -> None:
    signed = world.sign(plan, request=SignRequest(level=Level.B_LT))
    report = validate_pdf(signed.data, trust=world.trust)
    assert (report.code, report.signatures[0].level) == (Code.OK, Level.B_LT)
    assert report.signatures[0].revocation_source == "dss crl"


def test_b_lt_without_revocation_data_is_refused(world: World, plan: bytes) -> None:
    with pytest.raises(errors.RevocationDataMissing):
        world.sign(plan, request=SignRequest(level=Level.B_LT), crls=())


@pytest.mark.parametrize(
    ("slug", "error"), [("thu-hoi", errors.CertificateRevoked), ("het-han", errors.CertificateExpired)]
)
def test_bad_certificates_do_not_sign(world: World, plan: bytes, slug: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        world.sign(plan, slug)


def test_a_certificate_does_not_sign_before_its_time(world: World, plan: bytes) -> None:
    with pytest.raises(errors.CertificateNotYetValid):
        world.sign(plan, now=datetime.now(UTC) - timedelta(days=2))


def test_a_certificate_for_other_purposes_does_not_sign(plan: bytes) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(errors.WrongKeyUsage):
        sign_pdf(plan, KeySigner(key, self_made(key, usage=False)), SignRequest())


def test_a_short_key_does_not_sign(plan: bytes) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(errors.WeakKey):
        sign_pdf(plan, KeySigner(key, self_made(key)), SignRequest())


def test_a_signer_of_another_authority_is_refused_where_trust_is_given(
    world: World, plain_world: World, plan: bytes
) -> None:
    with pytest.raises(errors.CertificateUntrusted):
        plain_world.sign(plan, trust=world.trust)


def xfa(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        form = {pdf_name("/Fields"): generic.ArrayObject(), pdf_name("/XFA"): generic.pdf_string("x")}
        writer.root[pdf_name("/AcroForm")] = generic.DictionaryObject(form)
        writer.update_root()

    return edit(pdf, change)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda _pdf: b"", errors.DocumentUnreadable),
        (lambda _pdf: b"PK\x03\x04", errors.DocumentUnreadable),
        (lambda pdf: pdf[: len(pdf) // 2], errors.DocumentUnreadable),
        (encrypted, errors.DocumentEncrypted),
        (xfa, errors.DocumentHasXfa),
    ],
    ids=["empty", "not a PDF", "truncated", "encrypted", "XFA"],
)
def test_documents_that_cannot_take_a_signature_are_refused(
    world: World, plan: bytes, change: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.sign(change(plan))  # type: ignore[operator]


def certified(world: World, pdf: bytes, permission: MDPPerm) -> bytes:
    meta = signers.PdfSignatureMetadata(
        field_name="XacNhan",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=permission,
    )
    out = io.BytesIO()
    with world.key() as signer:
        signers.PdfSigner(meta, LibrarySigner(signer)).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


@pytest.mark.parametrize("permission", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_a_certified_document_does_not_take_a_new_field(world: World, plan: bytes, permission: MDPPerm) -> None:
    with pytest.raises(errors.DocumentLocked):
        world.sign(certified(world, plan, permission), "co-quan", SignRequest(field="KyCoQuan"))


def test_a_document_locked_by_a_signature_does_not_take_another(world: World, plan: bytes) -> None:
    lock = FieldMDPSpec(FieldMDPAction.ALL)
    spec = SigFieldSpec("Khoa", field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.NO_CHANGES)
    meta = signers.PdfSignatureMetadata(field_name="Khoa", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    with world.key() as signer:
        signers.PdfSigner(meta, LibrarySigner(signer), new_field_spec=spec).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(plan)), output=out
        )
    with pytest.raises(errors.DocumentLocked):
        world.sign(out.getvalue(), "co-quan", SignRequest(field="KyCoQuan"))


def test_a_tampered_document_is_not_signed_again(world: World, journey: Journey) -> None:
    pdf = journey.person.data
    place = pdf.index(b"stream") + 40
    broken = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
    with pytest.raises(errors.BaseSignatureInvalid):
        world.sign(broken, "co-quan", SignRequest(field="KyCoQuan"))


def test_a_filled_field_is_not_signed_twice(world: World, journey: Journey) -> None:
    with pytest.raises(errors.FieldAlreadyFilled):
        world.sign(journey.person.data, "co-quan", SignRequest(field="KyNguoi"))


def test_a_timestamp_level_needs_a_timestamper(world: World, plan: bytes) -> None:
    with pytest.raises(errors.TimestamperMissing):
        world.sign(plan, timestamper=None)


def test_a_lying_timestamper_gives_no_file(world: World, plan: bytes) -> None:
    class Liar(LocalTimestamper):
        def answer(self, query: bytes) -> bytes:
            request = tsp.TimeStampReq.load(query)
            return super().answer(query.replace(request["message_imprint"]["hashed_message"].native, bytes(32)))

    with world.key("van-thu") as key, pytest.raises(errors.TimestampFailed):
        world.sign(plan, timestamper=Liar(key))


def test_a_result_that_fails_its_own_check_is_not_handed_out(
    world: World, plan: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completing, "embed", lambda draft, _content: draft.update)
    with pytest.raises(errors.OutputNotValid):
        world.sign(plan, request=SignRequest())


def test_one_signature_makes_exactly_one_timestamp_request(world: World, plan: bytes) -> None:
    class Counting(LocalTimestamper):
        asked = 0

        def answer(self, query: bytes) -> bytes:
            self.asked += 1
            return super().answer(query)

    issued = world.pki.tsa
    with open_pkcs12(issued.path, issued.pin) as key:
        counting = Counting(key)
        before = counting.asked
        for _round in range(3):
            world.sign(plan, timestamper=counting)
        assert counting.asked - before == 3


def test_a_place_off_the_page_is_refused(world: World, plan: bytes) -> None:
    for place in (Place(page=9, box=(0, 0, 10, 10)), Place(page=0, box=(500, 800, 700, 900))):
        with pytest.raises(errors.PlacementError):
            world.sign(plan, request=SignRequest(place=place))


def test_signing_alone_needs_nothing_but_a_key(plan: bytes, world: World) -> None:
    with world.key() as signer:
        signed = sign_pdf(plan, signer, SignRequest(), Surroundings())
    assert signed.level is Level.B_B
    assert signed.timestamp_time is None


def test_a_certificate_that_ends_today_signs_until_its_last_second(world: World) -> None:
    with world.key() as signer:
        end = signer.certificate.not_valid_after
        check_certificate(signer.certificate, signer.chain, crls=(), now=end)
        with pytest.raises(errors.CertificateExpired):
            check_certificate(signer.certificate, signer.chain, crls=(), now=end + timedelta(seconds=1))
