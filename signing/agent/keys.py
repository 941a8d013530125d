"""The keys of this computer: tokens that are plugged in, and PKCS#12 files in the agent's own folder."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from asn1crypto import x509 as asn1_x509

from signing.agent.errors import KeyNotHere
from signing.agent.notebook import Notebook
from signing.agent.settings import AgentSettings
from signing.errors import KeystoreError
from signing.keystores import open_pkcs12
from signing.keystores.pkcs11 import TokenWish, open_token
from signing.keystores.token_errors import TokenBusy, TokenModuleMissing
from signing.keystores.tokens import list_certificates, why_unfit
from signing.model import CertificateInfo, Json, Mechanism, Reason, read_certificate
from signing.protocol import RawSigner, mechanisms_for

FRESH_SECONDS: Final = 3.0
"""A look at the tokens counts for so long: pages ask again and again, and a token answers slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A key as the agent knows it without a PIN. ``source`` is a token's serial or the name of a file."""

    kind: str
    source: str
    place: str
    module: Path | None
    certificate: asn1_x509.Certificate
    chain: tuple[asn1_x509.Certificate, ...]
    info: CertificateInfo
    mechanisms: tuple[Mechanism, ...]
    unfit: Reason | None
    pin_pad: bool = False
    locked: bool = False
    pin_note: str = ""

    def to_json(self) -> Json:
        """Return what the ward's page is told: certificates and where the key is; no PIN, no key."""
        return {
            "kind": self.kind,
            "place": self.place,
            "certificates": [base64.b64encode(c.dump()).decode() for c in (self.certificate, *self.chain)],
            "info": self.info.to_json(),
            "mechanisms": [mechanism.value for mechanism in self.mechanisms],
            "unfit": self.unfit.to_json() if self.unfit else None,
            "locked": self.locked,
        }


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look found. ``unread``: files whose PIN was never given; ``problems``: sentences for the status page."""

    keys: tuple[HeldKey, ...] = ()
    unread: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Looked:
    sight: Sight = field(default_factory=Sight)
    at: float = -FRESH_SECONDS


class KeyRing:
    """Looks for keys, and opens one with its PIN for one batch."""

    def __init__(self, settings: AgentSettings, notebook: Notebook, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._notebook = notebook
        self._clock = clock
        self._looked = _Looked()
        self._lock = threading.Lock()

    def see(self, *, fresh: bool = False) -> Sight:
        """Return what is there now; while a batch is being signed, what was there before."""
        with self._lock:
            if fresh or time.monotonic() - self._looked.at > FRESH_SECONDS:
                try:
                    self._looked = _Looked(self._look(), time.monotonic())
                except TokenBusy:
                    self._looked.at = time.monotonic()
            return self._looked.sight

    def find(self, fingerprint: str) -> HeldKey:
        """Return the key of a certificate. Raises KeyNotHere."""
        found = next((key for key in self.see().keys if key.info.sha256 == fingerprint), None)
        if found is None:
            found = next((key for key in self.see(fresh=True).keys if key.info.sha256 == fingerprint), None)
        if found is None:
            raise KeyNotHere
        return found

    @contextmanager
    def open(self, fingerprint: str, pin: str) -> Iterator[RawSigner]:
        """Open the key for one batch. Raises KeyNotHere and what ``open_token`` and ``open_pkcs12`` raise."""
        key = self.find(fingerprint)
        try:
            if key.module is not None:
                wish = TokenWish(serial=key.source, fingerprint=fingerprint)
                with open_token(key.module, pin, wish, clock=self._clock) as token:
                    yield token
            else:
                with open_pkcs12(self._settings.key_folder / key.source, pin) as signer:
                    if signer.certificate.sha256.hex() != fingerprint:
                        raise KeyNotHere
                    yield signer
        finally:
            self._looked.at = -FRESH_SECONDS  # PIN counters and tokens may have changed

    def read_file(self, name: str, pin: str) -> None:
        """Open a key file once to learn its certificate. Raises WrongPin, KeystoreUnreadable and others."""
        path = self._settings.key_folder / Path(name).name
        with open_pkcs12(path, pin) as signer, self._notebook.change() as content:
            content["files"][path.name] = {
                "sha256": _digest(path),
                "certificates": [base64.b64encode(c.dump()).decode() for c in (signer.certificate, *signer.chain)],
            }
        self.see(fresh=True)

    def _look(self) -> Sight:
        keys: list[HeldKey] = []
        problems: list[str] = []
        for module in self._settings.modules:
            try:
                keys.extend(self._on_tokens(module))
            except TokenBusy:
                raise
            except TokenModuleMissing as error:
                problems.append(f"{module}: {error.vi}")
            except KeystoreError as error:
                problems.append(f"{module.name}: {error.vi}")
        in_files, unread = self._in_files()
        return Sight((*keys, *in_files), tuple(unread), tuple(problems))

    def _on_tokens(self, module: Path) -> list[HeldKey]:
        held = list_certificates(module, now=self._clock())
        return [
            HeldKey(
                kind="token",
                source=one.token.serial,
                place=one.token.name if one.token.name.lower().startswith("token") else f"Token {one.token.name}",
                module=module,
                certificate=one.certificate,
                chain=tuple(other.certificate for other in held if other.certificate.ca and other.token == one.token),
                info=one.info,
                mechanisms=one.mechanisms,
                unfit=one.unfit,
                pin_pad=one.token.pin_pad,
                locked=one.token.locked,
                pin_note=_pin_note(last=one.token.pin_last, low=one.token.pin_low),
            )
            for one in held
            if not one.certificate.ca
        ]

    def _in_files(self) -> tuple[list[HeldKey], list[str]]:
        known = self._notebook.read()["files"]
        keys, unread = [], []
        for path in sorted(self._settings.key_folder.glob("*")):
            if path.suffix.lower() not in {".p12", ".pfx"}:
                continue
            entry = known.get(path.name)
            if entry is None or entry["sha256"] != _digest(path):
                unread.append(path.name)
                continue
            keys.append(self._in_file(path, entry["certificates"]))
        return keys, unread

    def _in_file(self, path: Path, certificates: list[str]) -> HeldKey:
        own, *chain = (read_certificate(base64.b64decode(each)) for each in certificates)
        info = CertificateInfo.of(own)
        return HeldKey(
            kind="file",
            source=path.name,
            place=f"Tệp {path.name}",
            module=None,
            certificate=own,
            chain=tuple(chain),
            info=info,
            mechanisms=mechanisms_for(own),
            unfit=why_unfit(own, now=self._clock()),
        )


def _pin_note(*, last: bool, low: bool) -> str:
    if last:
        return "Chỉ còn MỘT lần thử PIN: sai nữa token sẽ bị khóa."
    return "Đã có lần nhập sai PIN; nhập sai nhiều lần token sẽ bị khóa." if low else ""


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
