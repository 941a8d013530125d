"""Key files: right and wrong PINs, and files that hold the wrong things."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate

from signing import errors, open_pkcs12
from signing.keystores import describe_pkcs12, load_pkcs12
from tests.signing.conftest import World
from tests.signing.test_verdicts import self_made

PLAIN = serialization.NoEncryption()


def test_a_key_file_is_described_in_words(world: World) -> None:
    issued = world.pki.keys["chu-tich"]
    info = describe_pkcs12(issued.path, issued.pin)
    assert (info.common_name, info.title) == ("Nguyễn Thị Hồng Ánh", "Chủ tịch")
    assert info.issuer_organization == "Tổ chức chứng thực MẪU"
    assert info.sha256 == issued.sha256
    assert set(info.key_usage) == {"digital_signature", "non_repudiation"}
    assert (info.key_algorithm, info.key_bits) == ("rsa", 2048)
    assert info.valid_from < datetime.now(UTC) < info.valid_to


def test_a_wrong_pin_is_named_as_such(world: World) -> None:
    issued = world.pki.keys["chu-tich"]
    with pytest.raises(errors.WrongPin) as caught, open_pkcs12(issued.path, issued.pin + "0"):
        raise AssertionError
    assert caught.value.vi == "Mã PIN không đúng."
    assert issued.pin not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"not a key file", b"0\x82\x01\x00" + bytes(256)])
def test_what_is_no_key_file_is_unreadable(data: bytes) -> None:
    with pytest.raises(errors.KeystoreUnreadable):
        load_pkcs12(data, "1")


def test_a_missing_key_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(errors.KeystoreUnreadable):
        load_pkcs12(tmp_path / "khong-co.p12", "1")


def test_a_file_without_a_key_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = load_der_x509_certificate(self_made(key).dump())
    data = pkcs12.serialize_key_and_certificates(None, None, None, [certificate], PLAIN)
    with pytest.raises(errors.NoKey):
        load_pkcs12(data, "")


def test_another_kind_of_key_is_refused() -> None:
    data = pkcs12.serialize_key_and_certificates(b"x", ed25519.Ed25519PrivateKey.generate(), None, None, PLAIN)
    with pytest.raises((errors.UnsupportedKey, errors.NoKey)):
        load_pkcs12(data, "")


def test_a_closed_signer_signs_no_more(world: World) -> None:
    with world.key() as signer:
        assert len(signer.sign_bytes(b"x")) == 256
    with pytest.raises(errors.KeystoreError):
        signer.sign_bytes(b"x")


def test_the_demo_keys_have_different_random_pins(world: World) -> None:
    pins = [key.pin for key in world.pki.keys.values()]
    assert len(set(pins)) == len(pins)
    assert all(len(pin) == 8 for pin in pins)
    assert all(pin not in repr(world.pki) for pin in pins)


def test_only_the_root_lies_in_the_trust_folder(world: World) -> None:
    assert [p.name for p in world.pki.trust_folder.iterdir()] == ["root.pem"]
    assert world.pki.keys["chu-tich"].path.stat().st_mode & 0o077 == 0
