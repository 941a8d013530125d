"""Keys at a remote signing provider, through the API of the Cloud Signature Consortium, version 1 (1.0.4).

One authorisation (`credentials/authorize`, bound to the hashes) and one `signatures/signHash` serve a whole batch, cut
to what the credential allows (`multisign`). Nothing waits for a batch to become full. The PIN goes to the provider and
nowhere else; a one-time code is used once. Addresses are those that the caller configured; redirects are refused.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509

from signing.errors import KeystoreError, WrongPin
from signing.keystores.csc_http import CscAnswerUnreadable, CscApi, CscService
from signing.model import Json, Mechanism, read_certificate
from signing.protocol import SALT_LENGTH

SHA256: Final = "2.16.840.1.101.3.4.2.1"
PSS: Final = "1.2.840.113549.1.1.10"
# What a provider may call the same thing; the first one it names is used (CSC 1.0.4, 11.4: key/algo).
NAMES: Final = {
    Mechanism.RSA_PSS: (PSS,),
    Mechanism.RSA_PKCS1V15: ("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"),
    Mechanism.ECDSA: ("1.2.840.10045.4.3.2", "1.2.840.10045.2.1"),
}
_PSS_PARAMETERS: Final = base64.b64encode(
    algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
            "salt_length": SALT_LENGTH,
        }
    ).dump()
).decode()


class CredentialDisabled(KeystoreError):
    """The provider does not let this key sign now."""

    code = "credential_disabled"
    vi = "Dịch vụ ký từ xa báo khóa này đang bị tạm khóa hoặc hết hạn. Hãy liên hệ nhà cung cấp."
    en = "The remote signing service says that this key is disabled or expired."


class OwnPageNeeded(KeystoreError):
    """The provider authorises only on a page of its own (OAuth code)."""

    code = "own_page_needed"
    vi = "Dịch vụ này chỉ cho ký trên trang riêng của họ nên chưa dùng được ở đây."
    en = "This service authorises signatures on its own page only."


class TooManyForOneCode(KeystoreError):
    """A one-time code authorises once, and the batch needs more than one authorisation."""

    code = "too_many_for_one_code"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Mỗi mã dùng một lần chỉ ký được {most} văn bản. Hãy chọn ít hơn.",
            f"One code signs at most {most} documents. Choose fewer.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CscCredential:
    """A key as the provider describes it. `multisign` is how many signatures one authorisation covers."""

    id: str
    certificate: asn1_x509.Certificate
    chain: tuple[asn1_x509.Certificate, ...]
    algorithms: tuple[str, ...]
    multisign: int
    needs_pin: bool
    needs_code: bool


class CscKey:
    """A remote key, authorised by PIN and, where asked for, a one-time code. Implements RawSigner, ManySigner."""

    def __init__(
        self,
        service: CscService,
        credential: CscCredential,
        *,
        pin: str = "",
        code: str = "",
        chain: Sequence[asn1_x509.Certificate] = (),
    ) -> None:
        self._api = CscApi(service)
        self._credential = credential
        self._pin, self._code = pin, code
        self.certificate = credential.certificate
        self.chain: Sequence[asn1_x509.Certificate] = [*credential.chain, *chain]
        self.mechanisms: Sequence[Mechanism] = [
            mechanism for mechanism, names in NAMES.items() if set(names) & set(credential.algorithms)
        ]

    @property
    def at_once(self) -> int:
        """How many signatures one authorisation covers, one at least."""
        return max(1, self._credential.multisign)

    @property
    def code_wanted(self) -> bool:
        """Tell whether an authorisation uses a one-time code up."""
        return self._credential.needs_code

    def close(self) -> None:
        """Forget PIN and code."""
        self._pin = self._code = ""

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        """Return one raw signature."""
        return self.sign_many([attributes], mechanism)[0]

    def sign_many(self, attributes: Sequence[bytes], mechanism: Mechanism) -> list[bytes]:
        """Return the raw signatures in order, one authorisation for as many as the credential allows.

        Raises WrongPin, WrongCode, TooManyForOneCode, CscRefused, CscUnreachable.
        """
        if self.code_wanted and len(attributes) > self.at_once:
            raise TooManyForOneCode(self.at_once)
        waiting, signed = iter(attributes), list[bytes]()
        while chunk := list(islice(waiting, self.at_once)):
            signed += self._sign_chunk([_hash(each) for each in chunk], mechanism)
        return signed

    def _sign_chunk(self, hashes: list[str], mechanism: Mechanism) -> list[bytes]:
        wanted: Json = {
            "credentialID": self._credential.id,
            "SAD": self._authorise(hashes),
            "hash": hashes,
            "hashAlgo": SHA256,
            "signAlgo": next(name for name in NAMES[mechanism] if name in self._credential.algorithms),
        }
        if mechanism is Mechanism.RSA_PSS:
            wanted["signAlgoParams"] = _PSS_PARAMETERS
        answer = self._api.post("signatures/signHash", wanted, slow=True)
        try:
            raws = [base64.b64decode(each, validate=True) for each in answer["signatures"]]
        except (KeyError, TypeError, ValueError) as error:
            raise CscAnswerUnreadable from error
        if len(raws) != len(hashes):
            raise CscAnswerUnreadable
        return raws

    def _authorise(self, hashes: list[str]) -> str:
        wanted: Json = {"credentialID": self._credential.id, "numSignatures": len(hashes), "hash": hashes}
        if self._credential.needs_pin:
            if not self._pin:
                raise WrongPin
            wanted["PIN"] = self._pin
        if self._credential.needs_code:
            wanted["OTP"] = self._code
        # The owner may have to confirm on a phone: this call waits for that.
        answer = self._api.post("credentials/authorize", wanted, slow=True)
        if not isinstance(answer.get("SAD"), str):
            raise CscAnswerUnreadable
        return str(answer["SAD"])


@contextmanager
def open_csc(
    service: CscService,
    credential_id: str,
    *,
    pin: str = "",
    code: str = "",
    chain: Sequence[asn1_x509.Certificate] = (),
) -> Iterator[CscKey]:
    """Open a remote key for the length of a ``with`` block. Raises as `describe_credential`."""
    key = CscKey(service, describe_credential(service, credential_id), pin=pin, code=code, chain=chain)
    try:
        yield key
    finally:
        key.close()


def describe_credential(service: CscService, credential_id: str) -> CscCredential:
    """Ask the provider about a key. Raises CredentialDisabled, OwnPageNeeded, CscRefused, CscUnreachable."""
    wanted: Json = {"credentialID": credential_id, "certificates": "chain", "certInfo": False, "authInfo": True}
    answer = CscApi(service).post("credentials/info", wanted)
    try:
        key = answer["key"]
        certificates = [
            read_certificate(base64.b64decode(each), strict=True) for each in answer["cert"]["certificates"]
        ]
        credential = CscCredential(
            id=credential_id,
            certificate=certificates[0],
            chain=tuple(certificates[1:]),
            algorithms=tuple(str(each) for each in key["algo"]),
            multisign=int(answer.get("multisign", 1)),
            needs_pin=_presence(answer, "PIN"),
            needs_code=_presence(answer, "OTP"),
        )
        usable = key.get("status", "enabled") == "enabled" and bool(credential.certificate.serial_number)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise CscAnswerUnreadable from error
    if answer.get("authMode") == "oauth2code":
        raise OwnPageNeeded
    if not usable:
        raise CredentialDisabled
    return credential


def list_credentials(service: CscService, user_id: str = "") -> list[str]:
    """Give the names of the keys that the provider holds for a user (or for the service's account). Raises as above."""
    answer = CscApi(service).post("credentials/list", {"userID": user_id} if user_id else {})
    found = answer.get("credentialIDs")
    if not isinstance(found, list):
        raise CscAnswerUnreadable
    return [str(each) for each in found]


def send_code(service: CscService, credential_id: str) -> None:
    """Ask the provider to send the owner a one-time code. Raises CscRefused, CscUnreachable."""
    CscApi(service).post("credentials/sendOTP", {"credentialID": credential_id})


def _presence(answer: dict[str, Any], name: str) -> bool:
    """Tell whether the provider wants this; what it calls optional is not asked for."""
    described = answer.get(name)
    return isinstance(described, dict) and str(described.get("presence", "")).lower() == "true"


def _hash(attributes: bytes) -> str:
    return base64.b64encode(hashlib.sha256(attributes).digest()).decode()
