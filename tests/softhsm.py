"""SoftHSM tokens: each box is a folder of tokens of its own, filled by a child process, as a vendor's tool would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key

ROOT = Path(__file__).parents[1]
CANDIDATES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
)
SO_PIN = "87654321"
KeyFile = tuple[Path, str]


def module() -> Path:
    """Where SoftHSM's library lies; `make tools-check` installs it."""
    found = next((Path(path) for path in CANDIDATES if Path(path).exists()), None)
    assert found, "SoftHSM is not installed: `apt-get install softhsm2`"
    return found


@dataclass(frozen=True)
class TokenBox:
    """A folder of tokens."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"

    def pull(self) -> None:
        """Pull all tokens out."""
        (self.folder / "pulled").mkdir(exist_ok=True)
        for token in self.tokens.iterdir():
            token.rename(self.folder / "pulled" / token.name)

    def plug(self) -> None:
        """Put them back."""
        for token in (self.folder / "pulled").iterdir():
            token.rename(self.tokens / token.name)

    def fill(self, label: str, pin: str, held: Sequence[KeyFile], loose: Sequence[bytes] = ()) -> None:
        """Make a token with the keys of PKCS#12 files and their PINs, and certificates (DER) without keys."""
        order = {
            "label": label,
            "pin": pin,
            "held": [[str(path), key_pin] for path, key_pin in held],
            "loose": [certificate.hex() for certificate in loose],
        }
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [sys.executable, "-m", "tests.softhsm"], input=json.dumps(order), text=True, env=environment, check=True
        )


def make_box(folder: Path) -> TokenBox:
    """An empty box."""
    box = TokenBox(folder)
    box.tokens.mkdir(parents=True)
    settings = f"directories.tokendir = {box.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings)
    return box


@contextmanager
def plugged(box: TokenBox) -> Iterator[Path]:
    """Let this very process see the box; the library is started anew before and after."""
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ.update(box.environment)
    path = module()
    pkcs11.lib(str(path)).reinitialize()
    try:
        yield path
    finally:
        pkcs11.lib(str(path)).finalize()
        os.environ.pop("SOFTHSM2_CONF", None)
        if before is not None:
            os.environ["SOFTHSM2_CONF"] = before


def _fill(order: dict[str, Any]) -> None:
    initialise = ["softhsm2-util", "--init-token", "--free", "--label", order["label"]]
    initialise += ["--so-pin", SO_PIN, "--pin", order["pin"]]
    subprocess.run(initialise, check=True, capture_output=True)
    token = pkcs11.lib(str(module())).get_token(token_label=order["label"])
    with token.open(rw=True, user_pin=order["pin"]) as session:
        for place, (name, key_pin) in enumerate(order["held"], start=1):
            path = Path(name)
            content = pkcs12.load_pkcs12(path.read_bytes(), key_pin.encode())
            assert content.cert
            certificate = content.cert.certificate.public_bytes(serialization.Encoding.DER)
            _store_key(session, content.key, bytes([place]), path.stem)
            _store_certificate(session, certificate, bytes([place]), path.stem)
        for place, certificate in enumerate(order["loose"], start=100):
            _store_certificate(session, bytes.fromhex(certificate), bytes([place]), f"ca-{place}")


def _store_key(session: Any, key: Any, key_id: bytes, label: str) -> None:
    info = asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    if isinstance(key, rsa.RSAPrivateKey):
        attributes = decode_rsa_private_key(info["private_key"].parsed.dump())
    else:
        inner = info["private_key"].parsed
        inner["parameters"] = info["private_key_algorithm"]["parameters"]
        attributes = decode_ec_private_key(inner.dump())
    session.create_object({**attributes, Attribute.ID: key_id, Attribute.LABEL: label, Attribute.TOKEN: True})


def _store_certificate(session: Any, der: bytes, key_id: bytes, label: str) -> None:
    certificate = asn1_x509.Certificate.load(der)
    session.create_object(
        {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: False,
            Attribute.ID: key_id,
            Attribute.LABEL: label,
            Attribute.SUBJECT: certificate.subject.dump(),
            Attribute.ISSUER: certificate.issuer.dump(),
            Attribute.SERIAL_NUMBER: certificate["tbs_certificate"]["serial_number"].dump(),
            Attribute.VALUE: der,
        }
    )


if __name__ == "__main__":
    _fill(json.load(sys.stdin))
