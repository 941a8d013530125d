"""Keys on PKCS#11 tokens: SoftHSM for what it can play, small stand-ins for tokens that lock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate
from pkcs11 import Mechanism as Token
from pkcs11 import TokenFlag, exceptions

from signing import Level, SignRequest, errors, sign_pdf, validate_pdf
from signing.keystores import token_errors
from signing.keystores.pkcs11 import TokenSigner, TokenWish, open_token
from signing.keystores.tokens import find_tokens, list_certificates
from signing.model import Code, Mechanism
from signing.protocol import verify_signature
from tests.signing.conftest import World
from tests.signing.test_verdicts import self_made
from tests.softhsm import KeyFile, TokenBox, make_box, plugged

PIN = "246810"
NOW = datetime.now(UTC)


def key_file(world: World, slug: str) -> KeyFile:
    issued = world.pki.keys[slug]
    return issued.path, issued.pin


def pem_as_der(path: Path) -> list[bytes]:
    from cryptography.x509 import load_pem_x509_certificates

    return [c.public_bytes(serialization.Encoding.DER) for c in load_pem_x509_certificates(path.read_bytes())]


@pytest.fixture(scope="module")
def box(world: World, tmp_path_factory: pytest.TempPathFactory) -> TokenBox:
    """One leader's token with its CA, one with two certificates and an expired one."""
    box = make_box(tmp_path_factory.mktemp("softhsm"))
    box.fill("Chủ tịch", PIN, [key_file(world, "chu-tich")], pem_as_der(world.pki.chain))
    box.fill("hai-khoa", PIN, [key_file(world, slug) for slug in ("van-thu", "co-quan", "het-han")])
    return box


@pytest.fixture
def module(box: TokenBox) -> Iterator[Path]:
    with plugged(box) as path:
        yield path


def test_tokens_and_certificates_are_seen_without_a_pin(module: Path) -> None:
    seen = list_certificates(module, now=NOW)
    assert {one.token.label for one in seen} == {"Chủ tịch", "hai-khoa"}
    assert all(one.token.serial and one.token.maker == "SoftHSM project" for one in seen)
    held = {one.info.common_name: one.unfit for one in seen}
    assert held["Trần Văn Bình"] is None
    assert held["Phạm Văn Hạn"] is not None
    assert held["Phạm Văn Hạn"].vi == "đã hết hạn"


@pytest.mark.parametrize("mechanism", [Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15])
def test_a_token_signs_documents_in_one_session(module: Path, world: World, plan: bytes, mechanism: Mechanism) -> None:
    with open_token(module, PIN, TokenWish(label="Chủ tịch")) as signer:
        assert set(signer.mechanisms) == {Mechanism.RSA_PSS, Mechanism.RSA_PKCS1V15}
        assert [c.subject.native["common_name"] for c in signer.chain] != []
        request = SignRequest(level=Level.B_T, mechanism=mechanism)
        signed = [sign_pdf(plan, signer, request, world.around()) for _ in range(3)]
    reports = [validate_pdf(one.data, trust=world.trust, crls=world.crls) for one in signed]
    assert [report.code for report in reports] == [Code.OK] * 3
    assert {report.signatures[0].certificate.common_name for report in reports} == {"Nguyễn Thị Hồng Ánh"}


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_an_elliptic_key_signs_too(curve: ec.EllipticCurve, plan: bytes, tmp_path: Path) -> None:
    key = ec.generate_private_key(curve)
    certificate = load_der_x509_certificate(self_made(key).dump())
    closed = serialization.BestAvailableEncryption(b"1")
    (tmp_path / "ec.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"ec", key, certificate, None, closed))
    box = make_box(tmp_path / "hsm")
    box.fill("ec", PIN, [(tmp_path / "ec.p12", "1")])
    with plugged(box) as module, open_token(module, PIN) as signer:
        assert signer.mechanisms == (Mechanism.ECDSA,)
        signed = sign_pdf(plan, signer, SignRequest())
        with pytest.raises(errors.MechanismUnsupported):
            signer.sign(b"x", Mechanism.RSA_PSS)
    assert validate_pdf(signed.data).signatures[0].intact


def test_a_wrong_pin_is_named_and_told_to_be_rare(module: Path) -> None:
    with pytest.raises(errors.WrongPin) as caught, open_token(module, "000000", TokenWish(label="Chủ tịch")):
        raise AssertionError
    assert caught.value.code == "wrong_pin"
    assert "số lần thử đang giảm" in caught.value.vi
    assert "000000" not in str(caught.value)
    with open_token(module, PIN, TokenWish(label="Chủ tịch")) as signer:
        assert len(signer.sign(b"x", Mechanism.RSA_PKCS1V15)) == 256


@pytest.mark.parametrize("pin", ["", "1", "9" * 300])
def test_a_pin_of_no_possible_length_is_a_wrong_pin(module: Path, pin: str) -> None:
    with pytest.raises(errors.WrongPin), open_token(module, pin, TokenWish(label="Chủ tịch")):
        raise AssertionError


def test_several_tokens_are_not_guessed_between(module: Path) -> None:
    with pytest.raises(token_errors.SeveralTokens) as caught, open_token(module, PIN):
        raise AssertionError
    assert "Chủ tịch" in caught.value.vi
    assert "hai-khoa" in caught.value.vi


def test_two_certificates_are_told_apart_and_explained(module: Path, world: World) -> None:
    with (
        pytest.raises(token_errors.SeveralCertificates) as caught,
        open_token(module, PIN, TokenWish(label="hai-khoa")),
    ):
        raise AssertionError
    assert len(caught.value.lines) == 2
    assert any(line.startswith("Trần Văn Bình, do ") and "số …" in line for line in caught.value.lines)
    wish = TokenWish(label="hai-khoa", fingerprint=world.pki.keys["co-quan"].sha256)
    with open_token(module, PIN, wish) as signer:
        assert signer.certificate.sha256.hex() == world.pki.keys["co-quan"].sha256
        assert len(signer.sign(b"x", Mechanism.RSA_PSS)) == 256


def test_a_certificate_that_is_not_there_is_named(module: Path) -> None:
    wish = TokenWish(label="Chủ tịch", fingerprint="0" * 64)
    with pytest.raises(token_errors.NoSigningCertificate) as caught, open_token(module, PIN, wish):
        raise AssertionError
    assert "không nằm trên token này" in caught.value.vi
    assert "Nguyễn Thị Hồng Ánh" in caught.value.vi


def test_a_token_pulled_between_documents_is_named_and_can_come_back(world: World, tmp_path: Path) -> None:
    box = make_box(tmp_path / "hsm")
    box.fill("rút", PIN, [key_file(world, "chu-tich")])
    with plugged(box) as module:
        with open_token(module, PIN) as signer:
            signer.sign(b"first", Mechanism.RSA_PSS)
            box.pull()
            with pytest.raises(token_errors.TokenPulled):
                signer.sign(b"second", Mechanism.RSA_PSS)
        with pytest.raises(token_errors.TokenAbsent), open_token(module, PIN):
            raise AssertionError
        box.plug()
        with open_token(module, PIN) as signer:
            assert len(signer.sign(b"second", Mechanism.RSA_PSS)) == 256


def test_one_pin_entry_at_a_time(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.keystores.tokens.HOLD_SECONDS", 0.01)
    with (
        open_token(module, PIN, TokenWish(label="Chủ tịch")),
        pytest.raises(token_errors.TokenBusy),
        open_token(module, PIN, TokenWish(label="hai-khoa")),
    ):
        raise AssertionError


def test_no_token_and_no_library_are_different_things(tmp_path: Path) -> None:
    with plugged(make_box(tmp_path / "hsm")) as module:
        assert find_tokens(module) == []
        with pytest.raises(token_errors.TokenAbsent), open_token(module, PIN):
            raise AssertionError
    with pytest.raises(token_errors.TokenModuleMissing), open_token(tmp_path / "khong-co.so", PIN):
        raise AssertionError


class LockedToken:
    """A token that counts wrong PINs and locks at the third, as the real ones do."""

    label, serial, manufacturer_id, model = "khóa", b"01", "Nhà máy", "M1"

    def __init__(self) -> None:
        self.tries = 3

    @property
    def flags(self) -> TokenFlag:
        flags = TokenFlag.TOKEN_INITIALIZED | TokenFlag.USER_PIN_INITIALIZED
        if self.tries == 1:
            flags |= TokenFlag.USER_PIN_FINAL_TRY
        return flags | (TokenFlag.USER_PIN_LOCKED if self.tries == 0 else TokenFlag(0))

    def open(self, user_pin: str) -> Any:
        if self.tries == 0:
            raise exceptions.PinLocked
        self.tries -= 1
        raise exceptions.PinIncorrect


def test_the_last_try_is_announced_and_then_the_token_is_locked() -> None:
    token = LockedToken()
    slot = SimpleNamespace(slot_id=1, get_token=lambda: token)
    library = SimpleNamespace(get_slots=lambda token_present: [slot], reinitialize=lambda: None)
    seen = []
    for _ in range(4):
        with (
            pytest.raises(errors.KeystoreError) as caught,
            open_token(Path("m.so"), "1", load=lambda _path: library),
        ):
            raise AssertionError
        seen.append((caught.value.code, "MỘT lần" in caught.value.vi))
    assert seen == [("wrong_pin", False), ("wrong_pin", True), ("token_locked", False), ("token_locked", False)]


@pytest.mark.parametrize(
    ("raised", "named"),
    [
        (exceptions.PinLocked, token_errors.TokenLocked),
        (exceptions.DeviceRemoved, token_errors.TokenPulled),
        (exceptions.TokenNotPresent, token_errors.TokenPulled),
        (exceptions.PinExpired, token_errors.TokenNotReady),
        (exceptions.UserAlreadyLoggedIn, token_errors.TokenBusy),
        (exceptions.GeneralError, token_errors.TokenFailed),
        (MemoryError, token_errors.TokenFailed),
    ],
)
def test_what_a_token_reports_becomes_advice(world: World, raised: type[Exception], named: type[Exception]) -> None:
    def fail(*_arguments: object, **_options: object) -> bytes:
        raise raised

    with world.key() as key:
        signer = TokenSigner(SimpleNamespace(sign=fail), key.certificate, (), {Token.SHA256_RSA_PKCS})
    with pytest.raises(named):
        signer.sign(b"x", Mechanism.RSA_PKCS1V15)


def test_a_token_without_hashing_gets_the_digest(module: Path, world: World) -> None:
    with open_token(module, PIN, TokenWish(label="Chủ tịch")) as signer:
        bare = TokenSigner(signer._key, signer.certificate, (), {Token.RSA_PKCS})
        raw = bare.sign(b"attributes", Mechanism.RSA_PKCS1V15)
    verify_signature(signer.certificate.dump(), Mechanism.RSA_PKCS1V15, raw, b"attributes")
    assert bare.mechanisms == (Mechanism.RSA_PKCS1V15,)


def test_a_token_that_signs_nonsense_is_found_out(world: World) -> None:
    with world.key() as key:
        broken = SimpleNamespace(sign=lambda *_a, **_k: bytes(256))
        signer = TokenSigner(broken, key.certificate, (), {Token.SHA256_RSA_PKCS})
    with pytest.raises(errors.RawSignatureInvalid):
        signer.sign(b"x", Mechanism.RSA_PKCS1V15)


def test_a_key_that_wants_its_pin_every_time_gets_it(world: World) -> None:
    given = []

    def sign(_data: bytes, *, pin: str | None, **_options: object) -> bytes:
        given.append(pin)
        raise exceptions.PinIncorrect

    with world.key() as key:
        signer = TokenSigner(SimpleNamespace(sign=sign), key.certificate, (), {Token.SHA256_RSA_PKCS})
    signer.ask_again("13579")
    for _ in range(2):
        with pytest.raises(errors.KeystoreError):
            signer.sign(b"x", Mechanism.RSA_PKCS1V15)
    signer.forget()
    with pytest.raises(errors.KeystoreError):
        signer.sign(b"x", Mechanism.RSA_PKCS1V15)
    assert given == ["13579", "13579", None]
