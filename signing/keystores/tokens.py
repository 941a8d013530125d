"""What tokens are plugged in, and which certificates they hold: looked at without a PIN."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from asn1crypto import x509 as asn1_x509

from signing.keystores.token_errors import (
    NoSigningCertificate,
    SeveralCertificates,
    TokenBusy,
    TokenFailed,
    TokenModuleMissing,
)
from signing.model import CertificateInfo, Mechanism, Reason, plain, read_certificate
from signing.protocol import mechanisms_for
from signing.settings import MIN_EC_BITS, MIN_RSA_BITS, VIETNAM

Library: TypeAlias = Any
"""A loaded PKCS#11 library; the binding is compiled, so its types are not seen."""

Load: TypeAlias = Callable[[str], Library]
_FAILED: Final = (RuntimeError, ValueError, TypeError, UnicodeDecodeError)
"""What python-pkcs11 raises: its own errors are RuntimeErrors; odd answers of a library end as the others."""

HOLD_SECONDS: Final = 5
_HELD: Final = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A token in a slot, as the library describes it. Texts are a stranger's and already free of control letters."""

    module: Path
    slot: int
    label: str
    serial: str
    maker: str
    model: str
    pin_low: bool = False
    pin_last: bool = False
    locked: bool = False
    pin_pad: bool = False

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{self.label or self.model or 'Token'} ({self.serial or 'không có số'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCertificate:
    """A certificate on a token; ``key_id`` (CKA_ID) joins it to its private key."""

    token: TokenInfo
    key_id: bytes
    certificate: asn1_x509.Certificate
    info: CertificateInfo
    mechanisms: tuple[Mechanism, ...]
    unfit: Reason | None


def load_library(path: str) -> Library:
    """Load a PKCS#11 library. Raises TokenModuleMissing."""
    try:
        import pkcs11  # noqa: PLC0415  -- compiled, and of no use where no token is: imported when asked for

        return pkcs11.lib(path)
    except (ImportError, OSError, *_FAILED) as error:
        raise TokenModuleMissing from error


@contextmanager
def hold_tokens() -> Iterator[None]:
    """Keep the tokens to oneself: log-in holds for all sessions of a program (PKCS#11 2.40, 6.7), two would share it.

    Raises TokenBusy after some seconds: somebody is signing a batch.
    """
    if not _HELD.acquire(timeout=HOLD_SECONDS):
        raise TokenBusy
    try:
        yield
    finally:
        _HELD.release()


def find_tokens(module: Path, *, load: Load = load_library) -> list[tuple[TokenInfo, Any]]:
    """Return the initialised tokens that this library sees, with the binding's objects; none is fine.

    A library that sees none, or lost its mind when a token was pulled, is started once more: some notice a token only
    then. So call it while holding the tokens. Raises TokenModuleMissing, TokenFailed.
    """
    library = load(str(module))
    with suppress(*_FAILED):
        if found := _look(module, library):
            return found
    try:
        library.reinitialize()
        return _look(module, library)
    except _FAILED as error:
        raise TokenFailed from error


def list_certificates(module: Path, *, now: datetime, load: Load = load_library) -> list[TokenCertificate]:
    """Return what lies open on all tokens, each with the reason why it must not sign, if any.

    Raises TokenModuleMissing, TokenBusy, TokenFailed.
    """
    held: list[TokenCertificate] = []
    with hold_tokens():
        for info, token in find_tokens(module, load=load):
            try:
                with token.open() as session:
                    held.extend(certificates_in(session, info, now=now))
            except _FAILED as error:
                raise TokenFailed from error
    return held


def certificates_in(session: Any, info: TokenInfo, *, now: datetime) -> list[TokenCertificate]:  # noqa: ANN401
    """Return the certificates that this session may see; unreadable ones are left out."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415

    found = []
    names = set(session.token.slot.get_mechanisms())
    for held in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            certificate = read_certificate(bytes(held[Attribute.VALUE]), strict=True)
            described = CertificateInfo.of(certificate)
            unfit = why_unfit(certificate, now=now)
            key_id = bytes(held[Attribute.ID] or b"")
        except _FAILED:  # a certificate nobody can read is nobody's
            continue
        found.append(
            TokenCertificate(
                token=info,
                key_id=key_id,
                certificate=certificate,
                info=described,
                mechanisms=mechanisms_of(certificate, names),
                unfit=unfit,
            )
        )
    return found


def choose_certificate(held: Sequence[TokenCertificate], fingerprint: str = "") -> TokenCertificate:
    """Return the certificate asked for by SHA-256, or the only one that may sign.

    Raises NoSigningCertificate (each told with its reason) and SeveralCertificates (each told apart).
    """
    if fingerprint:
        named = next((one for one in held if one.info.sha256 == fingerprint), None)
        if named is None:
            raise NoSigningCertificate(["chứng thư đã đăng ký không nằm trên token này", *map(describe, held)])
        return named
    fit = [one for one in held if one.unfit is None]
    if not fit:
        raise NoSigningCertificate([describe(one) for one in held])
    if len(fit) > 1:
        raise SeveralCertificates([describe(one) for one in fit])
    return fit[0]


def describe(held: TokenCertificate) -> str:
    """Say in one line what tells this certificate from another: name, issuer, end, serial, and why it is unfit."""
    info = held.info
    end = info.valid_to.astimezone(VIETNAM).strftime("%d/%m/%Y")
    line = f"{info.common_name}, do {info.issuer} cấp, đến {end}, số …{info.serial[-8:]}"
    return f"{line} ({held.unfit.vi})" if held.unfit else line


def why_unfit(certificate: asn1_x509.Certificate, *, now: datetime) -> Reason | None:
    """Return why a certificate must not sign documents, or None. Dates, kind, key usage and size; no revocation."""
    info = CertificateInfo.of(certificate)
    smallest = {"rsa": MIN_RSA_BITS, "rsassa_pss": MIN_RSA_BITS, "ec": MIN_EC_BITS}.get(info.key_algorithm)
    signs = not info.key_usage or {"digital_signature", "non_repudiation"} & set(info.key_usage)
    if certificate.ca:
        return Reason("authority", "của tổ chức chứng thực, không phải của người ký", "an authority's, not a signer's")
    if now > info.valid_to:
        return Reason("certificate_expired", "đã hết hạn", "expired")
    if now < info.valid_from:
        return Reason("certificate_not_yet_valid", "chưa đến ngày có hiệu lực", "not valid yet")
    if not signs:
        return Reason("wrong_key_usage", "chỉ để mã hóa hoặc đăng nhập, không để ký", "not issued for signing")
    if smallest is None or info.key_bits < smallest:
        return Reason("weak_key", "khóa quá yếu hoặc loại chưa hỗ trợ", "key too weak or of an unknown kind")
    return None


def mechanisms_of(certificate: asn1_x509.Certificate, names: set[Any]) -> tuple[Mechanism, ...]:
    """Return what slot (``names``) and key can do together, the preferred first."""
    from pkcs11 import Mechanism as Token  # noqa: PLC0415

    ways = {
        Mechanism.RSA_PSS: {Token.SHA256_RSA_PKCS_PSS, Token.RSA_PKCS_PSS},
        Mechanism.RSA_PKCS1V15: {Token.SHA256_RSA_PKCS, Token.RSA_PKCS},
        Mechanism.ECDSA: {Token.ECDSA, Token.ECDSA_SHA256},
    }
    return tuple(mechanism for mechanism in mechanisms_for(certificate) if ways[mechanism] & names)


def _look(module: Path, library: Library) -> list[tuple[TokenInfo, Any]]:
    found = []
    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except _FAILED:  # pulled out between the two questions
            continue
        info = _describe(module, slot, token)
        if info is not None:
            found.append((info, token))
    return found


def _describe(module: Path, slot: Any, token: Any) -> TokenInfo | None:  # noqa: ANN401
    from pkcs11 import TokenFlag  # noqa: PLC0415

    flags = token.flags
    if not flags & TokenFlag.TOKEN_INITIALIZED:
        return None
    return TokenInfo(
        module=module,
        slot=int(slot.slot_id),
        label=_text(token.label),
        serial=_text(token.serial),
        maker=_text(token.manufacturer_id),
        model=_text(token.model),
        pin_low=bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
        pin_last=bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
        locked=bool(flags & TokenFlag.USER_PIN_LOCKED),
        pin_pad=bool(flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH),
    )


def _text(value: str | bytes) -> str:
    said = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return plain(said).strip()
