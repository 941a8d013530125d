"""Keys wherever they are: opening one for one use, and finding those that can be enrolled."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from signing import SigningError, TrustStore, open_pkcs12
from signing.fetching import RevocationFetcher
from signing.keystores import csc
from signing.keystores.csc_http import CscService
from signing.keystores.pkcs11 import TokenWish, open_token
from signing.keystores.tokens import TokenCertificate, list_certificates
from signing.model import CertificateInfo as RoomCertificate
from signing.model import Mechanism
from signing.protocol import RawSigner
from signing.settings import utc_now
from webapp.core.documents import KeystoreKind
from webapp.core.errors import N_, SigningRefused
from webapp.core.ports import CertificateInfo, KeyAccess, KeyDescription, KeyPlace
from webapp.core.prepared_signings import UnfinishedSigning
from webapp.gateways.elsewhere import sign_together
from webapp.gateways.refusals import refusals
from webapp.gateways.signed_files import told
from webapp.settings import Settings

_ELSEWHERE: Final = N_("Khóa này nằm trên máy của bạn. Hãy ký ở trang ký, khi phần mềm ký trên máy đang chạy.")
_NO_PLACE: Final = N_("Nơi giữ khóa này không còn được cài đặt. Hãy báo quản trị.")


class Keys:
    """The keys that this installation can reach."""

    def __init__(self, settings: Settings) -> None:
        self._services = settings.csc_services
        self._modules = settings.pkcs11_modules

    def places(self) -> Sequence[KeyPlace]:
        """Give the remote services and modules that the administrator named."""
        remote = [
            KeyPlace(kind=KeystoreKind.CSC, code=code, name=service.name) for code, service in self._services.items()
        ]
        return [*remote, *(KeyPlace(kind=KeystoreKind.PKCS11, code=name, name=name) for name in self._modules)]

    @contextmanager
    def open(self, key: KeyAccess, *, trust: TrustStore | None = None) -> Iterator[RawSigner]:
        """Open a key that the server can reach; forgotten at the end. Raises SigningError, SigningRefused."""
        if isinstance(key.opened, OpenKey):
            yield OneAtATime(_same(key.opened.signer, key), key.opened.turn)
            return
        chain = trust.intermediates if trust else ()
        if key.kind is KeystoreKind.PKCS12:
            with open_pkcs12(key.content, key.secret, chain=chain) as signer:
                yield _same(signer, key)
        elif key.kind is KeystoreKind.CSC:
            service = self._service(key.location["place"])
            with csc.open_csc(
                service, key.location["credential"], pin=key.secret, code=key.code, chain=chain
            ) as remote:
                yield _same(remote, key)
        elif key.kind is KeystoreKind.PKCS11:
            wish = TokenWish(serial=key.location["token"], fingerprint=key.location["key"], chain=chain)
            with open_token(self._module(key.location["place"]), key.secret, wish) as token:
                yield _same(token, key)
        else:
            raise SigningRefused("key_elsewhere", _ELSEWHERE, english="This key is on your own computer; sign there.")

    def hold(self, key: KeyAccess, *, trust: TrustStore | None = None) -> "OpenKey":
        """Open a key and keep it open until it is closed. Raises as `open`."""
        held = ExitStack()
        return OpenKey(held.enter_context(self.open(key, trust=trust)), held)

    def find(self, place: KeyPlace, holder: str) -> list[KeyDescription]:
        """Give the keys of a user, or the one whose name was typed. Raises SigningError, SigningRefused."""
        if place.kind is KeystoreKind.PKCS11:
            held = list_certificates(self._module(place.code), now=utc_now())
            return [_on_token(place.code, one, held) for one in held if one.unfit is None]
        service = self._service(place.code)
        found = []
        for name in _names(service, holder):
            try:
                found.append(_remote(place.code, csc.describe_credential(service, name)))
            except csc.CredentialDisabled:
                continue
        return found

    def send_code(self, location: Mapping[str, str]) -> None:
        """Ask a service for a one-time code."""
        csc.send_code(self._service(location["place"]), location["credential"])

    def _module(self, code: str) -> Path:
        named = self._modules.get(code)
        if named is None:
            raise SigningRefused("no_key_place", _NO_PLACE, english="This place of keys is not configured any more.")
        return named

    def _service(self, code: str) -> CscService:
        named = self._services.get(code)
        if named is None:
            raise SigningRefused("no_key_place", _NO_PLACE, english="This place of keys is not configured any more.")
        return CscService(
            url=named.url, token=named.token, client_id=named.client_id, client_secret=named.client_secret
        )


class OneAtATime:
    """A key that several threads may ask: each waits for its turn."""

    def __init__(self, signer: RawSigner, turn: threading.Lock) -> None:
        self.certificate = signer.certificate
        self.chain = signer.chain
        self._signer = signer
        self._turn = turn

    @property
    def mechanisms(self) -> Sequence[Mechanism]:
        """What the key supports; a token may find out while it signs."""
        return self._signer.mechanisms

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        """Sign."""
        with self._turn:
            return self._signer.sign(attributes, mechanism)


class OpenKey:
    """Implements core.ports.OpenedKey: a signer, and what `close` undoes.

    `fetcher` asks each OCSP and CRL address once for all that is signed with the key while it is open.
    """

    def __init__(self, signer: RawSigner, held: ExitStack) -> None:
        self.signer = signer
        self.fetcher: RevocationFetcher | None = None
        self.turn = threading.Lock()
        """Held while the key signs: several documents of a batch may ask for it."""
        self._held = held

    @property
    def at_once(self) -> int | None:
        """How many signatures one authorisation covers; None for a key that signs one by one."""
        return self.signer.at_once if isinstance(self.signer, csc.CscKey) else None

    @property
    def uses_code(self) -> bool:
        """Tell whether an authorisation uses a one-time code up."""
        return isinstance(self.signer, csc.CscKey) and self.signer.code_wanted

    def sign_all(self, prepared: Sequence[UnfinishedSigning]) -> list[bytes]:
        """Sign what was prepared, with one authorisation."""
        if not isinstance(self.signer, csc.CscKey):
            raise TypeError(type(self.signer))
        with refusals():
            return sign_together(self.signer, prepared)

    def close(self) -> None:
        """Forget the key, whatever holds it."""
        self._held.close()


def _names(service: CscService, holder: str) -> list[str]:
    """Take what was typed for a user first, then for the name of a key."""
    try:
        return csc.list_credentials(service, holder)[:20] or [holder]
    except SigningError:
        return [holder]


def _on_token(place: str, one: TokenCertificate, held: Sequence[TokenCertificate]) -> KeyDescription:
    """Describe a key in a token at the server; the authorities' certificates beside it are its chain."""
    beside = [other.certificate for other in held if other.token == one.token and other.certificate.ca]
    return KeyDescription(
        certificate=told(one.info),
        certificates=tuple(each.dump() for each in (one.certificate, *beside)),
        location={"place": place, "token": one.token.serial, "key": one.info.sha256, "asks": "pin"},
    )


def _remote(place: str, credential: csc.CscCredential) -> KeyDescription:
    asks = [word for word, wanted in (("pin", credential.needs_pin), ("code", credential.needs_code)) if wanted]
    limit = {"at_once": str(max(1, credential.multisign))} if credential.needs_code else {}
    return KeyDescription(
        certificate=describe(credential.certificate),
        certificates=tuple(each.dump() for each in (credential.certificate, *credential.chain)),
        location={"place": place, "credential": credential.id, "asks": " ".join(asks), **limit},
    )


def describe(certificate: Any) -> CertificateInfo:  # noqa: ANN401 - asn1crypto's, which only `signing` knows
    """Say of a certificate what the screen shows."""
    return told(RoomCertificate.of(certificate))


def _same(signer: RawSigner, key: KeyAccess) -> RawSigner:
    """Refuse a key whose certificate is not the enrolled one: a token may hold another since then."""
    if key.certificates and signer.certificate.dump() != key.certificates[0]:
        raise SigningRefused(
            "other_certificate",
            N_("Chứng thư số trong khóa khác với chứng thư đã đăng ký. Hãy đăng ký lại khóa ký."),
            english="The key now has another certificate than the enrolled one.",
        )
    return signer
