"""Keys on PKCS#11 tokens (USB token, smart card, HSM): any library by its path, one session for each PIN entry.

The library is the vendor's own code in our process: it is loaded only when asked for, and every answer of it is taken
as a stranger's. A PIN is handed to the library and kept only for keys that demand it again at every signature
(CKA_ALWAYS_AUTHENTICATE).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from asn1crypto import x509 as asn1_x509

from signing.errors import KeystoreError, MechanismUnsupported, NoKey
from signing.keystores.token_errors import (
    SeveralTokens,
    TokenAbsent,
    TokenLocked,
    TokenPinWrong,
    explained,
    is_unable,
)
from signing.keystores.tokens import (
    Load,
    TokenInfo,
    certificates_in,
    choose_certificate,
    find_tokens,
    hold_tokens,
    load_library,
    mechanisms_of,
)
from signing.model import Mechanism
from signing.protocol import SALT_LENGTH, verify_signature
from signing.settings import utc_now

_DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER in front of a SHA-256 digest, for tokens that only know raw RSA PKCS#1 v1.5 (RFC 8017, 9.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWish:
    """Which token and certificate. Empty parts do not matter; together they must name exactly one."""

    serial: str = ""
    label: str = ""
    fingerprint: str = ""
    chain: Sequence[asn1_x509.Certificate] = field(default=(), repr=False)

    def fits(self, token: TokenInfo) -> bool:
        """Return True when this token may be meant."""
        return self.serial in {"", token.serial} and self.label in {"", token.label}


ANY: Final = TokenWish()


@contextmanager
def open_token(
    module: Path,
    pin: str,
    wish: TokenWish = ANY,
    *,
    load: Load = load_library,
    clock: Callable[[], datetime] = utc_now,
) -> Iterator[TokenSigner]:
    """Log in once and give a signer for a batch; the session ends with the ``with`` block.

    Raises TokenModuleMissing, TokenAbsent, SeveralTokens, TokenPinWrong (a WrongPin), TokenLocked, TokenNotReady,
    TokenBusy, NoSigningCertificate, SeveralCertificates, NoKey. With a PIN pad ``pin`` is not used.
    """
    with hold_tokens():
        info, token = _the_token(module, wish, load=load)
        session = _log_in(token, info, pin, look_again=lambda: _look_again(module, info, load))
        try:
            yield _signer(session, info, pin, wish, now=clock())
        finally:
            with suppress(RuntimeError):  # a token that is gone cannot say goodbye
                session.close()


class TokenSigner:
    """A ``RawSigner`` over a key that never leaves its token. Made by ``open_token``."""

    def __init__(
        self,
        key: Any,  # noqa: ANN401
        certificate: asn1_x509.Certificate,
        chain: Sequence[asn1_x509.Certificate],
        names: set[Any],
    ) -> None:
        """``key``: the binding's private key; ``names``: what the slot says it can do."""
        self.certificate = certificate
        self.chain = tuple(chain)
        self.mechanisms = mechanisms_of(certificate, names)
        self._names = names
        self._key = key
        self._pin_again: str | None = None

    def ask_again(self, pin: str) -> None:
        """Keep the PIN for a key that wants it at every signature."""
        self._pin_again = pin

    def forget(self) -> None:
        """Drop the PIN, if one was kept."""
        self._pin_again = None

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        """Return the raw signature over ``attributes``, already checked against the certificate.

        Raises MechanismUnsupported (also for one that the token lists and cannot do: it is struck from ``mechanisms``),
        TokenPulled, TokenFailed, RawSignatureInvalid (a broken token).
        """
        if mechanism not in self.mechanisms:
            raise MechanismUnsupported
        data, options = _order(attributes, mechanism, self._names)
        try:
            raw = bytes(self._key.sign(data, pin=self._pin_again, **options))
        except Exception as error:  # whatever the vendor's code does ends as one named error
            if is_unable(error) and len(self.mechanisms) > 1:
                self.mechanisms = tuple(each for each in self.mechanisms if each is not mechanism)
                raise MechanismUnsupported from error
            raise explained(error) from error
        if mechanism is Mechanism.ECDSA:
            raw = _der(raw)
        verify_signature(self.certificate.dump(), mechanism, raw, attributes)
        return raw


def _the_token(module: Path, wish: TokenWish, *, load: Load) -> tuple[TokenInfo, Any]:
    fitting = [(info, token) for info, token in find_tokens(module, load=load) if wish.fits(info)]
    if not fitting:
        raise TokenAbsent
    if len(fitting) > 1:
        raise SeveralTokens([info.name for info, _token in fitting])
    return fitting[0]


def _look_again(module: Path, info: TokenInfo, load: Load) -> TokenInfo:
    """Ask the token what it thinks of its PIN now."""
    with suppress(KeystoreError):
        for again, _token in find_tokens(module, load=load):
            if again.serial == info.serial:
                return again
    return info


def _log_in(token: Any, info: TokenInfo, pin: str, *, look_again: Callable[[], TokenInfo]) -> Any:  # noqa: ANN401
    from pkcs11 import PROTECTED_AUTH, exceptions  # noqa: PLC0415

    if info.locked:
        raise TokenLocked
    try:
        return token.open(user_pin=PROTECTED_AUTH if info.pin_pad else pin)
    except (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange, exceptions.ArgumentsBad) as error:
        now = look_again()
        if now.locked:
            raise TokenLocked from error
        raise TokenPinWrong(low=now.pin_low, last=now.pin_last) from error
    except exceptions.PKCS11Error as error:
        raise explained(error, at_login=True) from error


def _signer(session: Any, info: TokenInfo, pin: str, wish: TokenWish, *, now: datetime) -> TokenSigner:  # noqa: ANN401
    from pkcs11 import Attribute, ObjectClass, exceptions  # noqa: PLC0415

    try:
        held = certificates_in(session, info, now=now)
        chosen = choose_certificate(held, wish.fingerprint)
        key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=chosen.key_id)
        names = set(session.token.slot.get_mechanisms())
        again = _always_authenticate(key, Attribute)
    except (exceptions.NoSuchKey, exceptions.MultipleObjectsReturned) as error:
        raise NoKey from error
    except exceptions.PKCS11Error as error:
        raise explained(error) from error
    chain = [*(one.certificate for one in held if one.certificate.ca), *wish.chain]
    signer = TokenSigner(key, chosen.certificate, chain, names)
    if again:
        signer.ask_again(pin)
    return signer


def _always_authenticate(key: Any, attribute: Any) -> bool:  # noqa: ANN401
    try:
        return bool(key[attribute.ALWAYS_AUTHENTICATE])
    except (RuntimeError, KeyError, AttributeError):  # older libraries do not know the attribute
        return False


def _order(attributes: bytes, mechanism: Mechanism, names: set[Any]) -> tuple[bytes, dict[str, Any]]:
    """Return what to hand to the token: it hashes where it can, otherwise the digest is made here."""
    from pkcs11 import MGF  # noqa: PLC0415
    from pkcs11 import Mechanism as Token  # noqa: PLC0415

    digest = sha256(attributes).digest()
    if mechanism is Mechanism.ECDSA:
        whole = Token.ECDSA not in names
        return (attributes, {"mechanism": Token.ECDSA_SHA256}) if whole else (digest, {"mechanism": Token.ECDSA})
    if mechanism is Mechanism.RSA_PSS:
        parameters = (Token.SHA256, MGF.SHA256, SALT_LENGTH)
        whole = Token.SHA256_RSA_PKCS_PSS in names
        name = Token.SHA256_RSA_PKCS_PSS if whole else Token.RSA_PKCS_PSS
        return (attributes if whole else digest), {"mechanism": name, "mechanism_param": parameters}
    if Token.SHA256_RSA_PKCS in names:
        return attributes, {"mechanism": Token.SHA256_RSA_PKCS}
    return _DIGEST_INFO + digest, {"mechanism": Token.RSA_PKCS}


def _der(pair: bytes) -> bytes:
    """Return the two halves of a token's ECDSA signature as ECDSA-Sig-Value."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature  # noqa: PLC0415

    half = len(pair) // 2
    return encode_dss_signature(int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big"))
