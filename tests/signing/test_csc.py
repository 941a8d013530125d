"""Keys at a remote signing provider: certomancer's CSC server, one authorisation a batch, its refusals in our words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from signing import Level, SignRequest, Surroundings, TrustStore, sign_pdf, validate_pdf
from signing.deferred import complete_signature, prepare_signature
from signing.errors import SigningError, WrongPin
from signing.keystores import csc
from signing.keystores.csc_http import (
    CscAccess,
    CscAnswerUnreadable,
    CscRefused,
    CscUnreachable,
    WrongCode,
)
from signing.model import Mechanism
from signing.protocol import verify_signature
from signing.trust import load_trust
from tests.signing.csc_service import CODE, PIN, Provider, remote_service
from tests.signing.documents import plan_pdf

PERSON = "csc/person"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with remote_service(Path(tmp_path_factory.mktemp("csc")), multisign=10) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.asks, running.fault = ("PIN",), None
    running.calls.clear()
    return running


def trust(provider: Provider) -> TrustStore:
    return load_trust([provider.root])


@pytest.mark.parametrize("mechanism", [Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15])
def test_a_document_signed_remotely_is_valid(provider: Provider, mechanism: Mechanism) -> None:
    surroundings = Surroundings(trust=trust(provider))
    request = SignRequest(field="NguoiKy", level=Level.B_B, mechanism=mechanism)
    with csc.open_csc(provider.service(), PERSON, pin=PIN) as key:
        signed = sign_pdf(plan_pdf(), key, request, surroundings)
    report = validate_pdf(signed.data, trust=trust(provider))
    assert report.verdict == "valid", report.to_json()
    assert report.signatures[0].signer == "Đỗ Thị Ngọc Ánh"


def test_an_elliptic_key_signs_too(provider: Provider) -> None:
    with csc.open_csc(provider.service(), "csc/curve", pin=PIN) as key:
        assert list(key.mechanisms) == [Mechanism.ECDSA]
        signed = sign_pdf(plan_pdf(), key, SignRequest(level=Level.B_B), Surroundings(trust=trust(provider)))
    assert validate_pdf(signed.data, trust=trust(provider)).verdict == "valid"


@pytest.mark.parametrize(("count", "authorisations"), [(1, 1), (3, 1), (10, 1), (23, 3)])
def test_one_authorisation_serves_as_many_as_the_credential_allows(
    provider: Provider, count: int, authorisations: int
) -> None:
    """A batch that is shorter than the limit waits for nobody; a longer one is cut."""
    data = [f"attributes {number}".encode() for number in range(count)]
    with csc.open_csc(provider.service(), PERSON, pin=PIN) as key:
        raws = key.sign_many(data, Mechanism.RSA_PKCS1V15)
        certificate = key.certificate.dump()
    for each, raw in zip(data, raws, strict=True):
        verify_signature(certificate, Mechanism.RSA_PKCS1V15, raw, each)
    assert provider.count("credentials/authorize") == authorisations
    assert provider.count("signatures/signHash") == authorisations
    assert provider.count("credentials/info") == 1


def test_what_the_owner_types_is_asked_for_and_checked(provider: Provider) -> None:
    provider.asks = ("PIN", "OTP")
    described = csc.describe_credential(provider.service(), PERSON)
    assert (described.needs_pin, described.needs_code) == (True, True)
    data = [b"attributes"]
    for pin, code, error in (("0000", CODE, WrongPin), ("", CODE, WrongPin), (PIN, "1", WrongCode)):
        with csc.open_csc(provider.service(), PERSON, pin=pin, code=code) as key, pytest.raises(error):
            key.sign_many(data, Mechanism.RSA_PSS)
    assert provider.count("signatures/signHash") == 0
    with csc.open_csc(provider.service(), PERSON, pin=PIN, code=CODE) as key:
        assert len(key.sign_many(data, Mechanism.RSA_PSS)) == 1
        with pytest.raises(csc.TooManyForOneCode) as caught:
            key.sign_many(data * 11, Mechanism.RSA_PSS)
    assert "10" in caught.value.vi
    csc.send_code(provider.service(), PERSON)
    assert provider.count("credentials/sendOTP") == 1


@pytest.mark.parametrize(
    ("endpoint", "what", "error"),
    [
        ("credentials/info", "html", CscAnswerUnreadable),
        ("credentials/info", "500", CscUnreachable),
        ("credentials/authorize", "redirect", CscUnreachable),
        ("credentials/authorize", "refuse", CscRefused),
        ("credentials/authorize", "hang", CscUnreachable),
        ("signatures/signHash", "few", CscAnswerUnreadable),
        ("signatures/signHash", "500", CscUnreachable),
    ],
)
def test_a_service_that_misbehaves_is_told_in_words(
    provider: Provider, endpoint: str, what: str, error: type[SigningError]
) -> None:
    provider.fault = (endpoint, what)
    service = provider.service(patience=1.0)
    with pytest.raises(error) as caught, csc.open_csc(service, PERSON, pin=PIN) as key:
        key.sign(b"attributes", Mechanism.RSA_PSS)
    assert caught.value.vi
    assert "Mô tả" not in caught.value.vi
    assert PIN not in repr(caught.value) + repr(service)


def test_the_wards_own_access_and_an_unknown_key_are_told_apart(provider: Provider) -> None:
    with pytest.raises(CscAccess):
        csc.describe_credential(provider.service(token="old"), PERSON)
    with pytest.raises(CscRefused):
        csc.describe_credential(provider.service(), "csc/nobody")
    with pytest.raises(CscUnreachable):
        csc.describe_credential(provider.service(url="http://127.0.0.1:9"), PERSON)
    with pytest.raises(ValueError, match="https"):
        csc.describe_credential(provider.service(url="file:///etc"), PERSON)
    assert PERSON in csc.list_credentials(provider.service(), "anh")


def test_a_signature_of_another_key_is_never_embedded(provider: Provider) -> None:
    """What the provider returns is checked against the certificate before it goes into the file."""
    with csc.open_csc(provider.service(), PERSON, pin=PIN) as key:
        surroundings = Surroundings(trust=trust(provider))
        prepared, pdf = prepare_signature(
            plan_pdf(), key.certificate, key.chain, SignRequest(level=Level.B_B), surroundings
        )
        raw = key.sign(prepared.attributes + b" ", prepared.mechanism)
        with pytest.raises(SigningError) as caught:
            complete_signature(prepared, pdf, raw, surroundings)
    assert caught.value.code == "raw_signature_invalid"
    assert replace(prepared) == prepared
