"""RFC 3161 timestamps: from an address, or from a TSA key at hand (demo ward).

One object per process serves all signatures: pyHanko asks a *new* timestamper twice, once for a size estimate. Together
with ``token_room`` (how many bytes to keep free) there is exactly one request per signature. Nothing here falls back to
a signature without a timestamp: TimestampFailed is raised and nothing is written.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol, TypeVar
from urllib.parse import urlsplit

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.timestamps import TimeStamper

from signing.asking import ask
from signing.errors import TimestampFailed
from signing.settings import utc_now

T = TypeVar("T", bound=core.Asn1Value)

POLICY: Final = "1.3.6.1.4.1.99999.1"
"""Policy id of the demo TSA; 99999 is not assigned to anybody."""

MAX_REPLY_BYTES: Final = 1024 * 1024
HTTP_TOKEN_ROOM: Final = 8192
TOKEN_SLACK: Final = 32
_HEADERS: Final = {"Content-Type": "application/timestamp-query"}


class RawSigner(Protocol):
    """A key that signs bytes with SHA-256: every signer of ``signing.keystores`` is one."""

    certificate: asn1_x509.Certificate
    chain: Sequence[asn1_x509.Certificate]

    def sign_bytes(self, data: bytes) -> bytes:
        """Return the raw signature."""


class Timestamper(TimeStamper):
    """An RFC 3161 client that knows how much room its tokens need and checks what it gets."""

    def __init__(self, token_room: int) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]
        self.token_room = token_room
        """Bytes to keep free for one token."""

    @abstractmethod
    def answer(self, query: bytes) -> bytes:
        """Return a TimeStampResp for a TimeStampReq, both DER. Raises TimestampFailed."""

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """PyHanko's hook."""
        try:
            return tsp.TimeStampResp.load(self.answer(req.dump()), strict=True)
        except ValueError as error:
            raise TimestampFailed from error

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over ``message_digest``; refused when the service answered for something else."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
            stamped = imprint["hashed_message"].native
        except TimestampFailed:
            raise
        except Exception as error:
            raise TimestampFailed from error
        if stamped != message_digest:
            raise TimestampFailed
        return token


class LocalTimestamper(Timestamper):
    """A TSA in this process, over a key at hand: the demo ward's. ``clock`` gives the time that it certifies."""

    def __init__(self, key: RawSigner, *, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(0)
        self._key = key
        self._parts = _TokenParts(key)
        self._clock = clock
        sample = {"version": 1, "message_imprint": _imprint(bytes(32), "sha256"), "nonce": 2**63, "cert_req": True}
        self.token_room = len(self.answer(tsp.TimeStampReq(sample).dump())) + TOKEN_SLACK

    def answer(self, query: bytes) -> bytes:
        """Sign the current time over the query's digest."""
        request = tsp.TimeStampReq.load(query)
        info = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": self._clock().replace(microsecond=0),
        }
        if request["nonce"].native is not None:
            info["nonce"] = request["nonce"]
        content = tsp.TSTInfo(info).dump()
        token = {"content_type": "signed_data", "content": self._signed_data(content)}
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _signed_data(self, content: bytes) -> cms.SignedData:
        digested = _attribute("message_digest", hashlib.sha256(content).digest())
        attributes = cms.CMSAttributes([self._parts.content_type, digested, self._parts.own_certificate])
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": self._parts.identifier,
                "digest_algorithm": self._parts.digest,
                "signature_algorithm": self._parts.mechanism,
                "signed_attrs": attributes,
                "signature": self._key.sign_bytes(attributes.dump()),
            }
        )
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [self._parts.digest],
                "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(content)},
                "certificates": self._parts.certificates,
                "signer_infos": [signer],
            }
        )


class _TokenParts:
    """What all tokens of one key have in common, encoded once: building it anew takes longer than signing."""

    def __init__(self, key: RawSigner) -> None:
        certificate = key.certificate
        essential = tsp.ESSCertIDv2({"cert_hash": certificate.sha256})
        self.content_type = _encoded(_attribute("content_type", "tst_info"))
        self.own_certificate = _encoded(
            _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [essential]}))
        )
        self.digest = _encoded(algos.DigestAlgorithm({"algorithm": "sha256"}))
        mechanism = "sha256_rsa" if certificate.public_key.algorithm == "rsa" else "sha256_ecdsa"
        self.mechanism = _encoded(algos.SignedDigestAlgorithm({"algorithm": mechanism}))
        identifier = cms.IssuerAndSerialNumber(
            {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        )
        self.identifier = _encoded(cms.SignerIdentifier({"issuer_and_serial_number": identifier}))
        others = [one for one in key.chain if one.self_signed == "no"]
        self.certificates = _encoded(cms.CertificateSet([certificate, *others]))


class HttpTimestamper(Timestamper):
    """A TSA at an http(s) address.

    Government services take seconds to two minutes: long time-out, few tries, back-off.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 120.0,
        tries: int = 3,
        pause: float = 2.0,
        token_room: int = HTTP_TOKEN_ROOM,
    ) -> None:
        """``timeout`` in seconds, for all tries together; ``pause`` seconds before the second, doubled each time.

        Raises ValueError for another kind of address.
        """
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("a TSA address begins with http:// or https://")
        super().__init__(token_room)
        self._url = url
        self._timeout = timeout
        self._tries = tries
        self._pause = pause

    def answer(self, query: bytes) -> bytes:
        """Ask the service. Raises TimestampFailed after the last try, or when the time is over."""
        ends = time.monotonic() + self._timeout
        last: OSError | None = None
        for attempt in range(self._tries):
            pause = self._pause * 2 ** (attempt - 1) if attempt else 0.0
            left = ends - time.monotonic() - pause
            if left <= 0:
                break
            time.sleep(pause)
            try:
                return ask(self._url, query, _HEADERS, seconds=left, limit=MAX_REPLY_BYTES)
            except TimeoutError as error:
                last = error  # it has had its minutes; the next service, or the next round, is better
                break
            except OSError as error:
                last = error
        raise TimestampFailed from last


class SeveralTimestampers(Timestamper):
    """Services in their order: the next one is asked when one fails, or answers for something else.

    At most `at_once` requests of this process are under way: public services block who asks too often.
    """

    def __init__(self, services: Sequence[Timestamper], *, at_once: int = 2) -> None:
        """Take the services, at least one. Raises ValueError."""
        if not services:
            raise ValueError("at least one time-stamping service")
        super().__init__(max(service.token_room for service in services))
        self._services = tuple(services)
        self._places = threading.BoundedSemaphore(at_once)

    def answer(self, query: bytes) -> bytes:
        """Return the first answer that comes, unchecked: what pyHanko's archive timestamps ask for."""
        with self._places:
            for service in self._services:
                with suppress(TimestampFailed):
                    return service.answer(query)
        raise TimestampFailed

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return the first token that stamps the digest. Raises TimestampFailed when none does."""
        with self._places:
            for service in self._services:
                with suppress(TimestampFailed):
                    return await service.async_timestamp(message_digest, md_algorithm)
        raise TimestampFailed


def _imprint(digest: bytes, algorithm: str) -> tsp.MessageImprint:
    return tsp.MessageImprint({"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest})


def _attribute(kind: str, value: core.Asn1Value | str | bytes) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})


def _encoded(value: T) -> T:
    """Return the value as it is read back: unparsed, and so never encoded again."""
    read: T = type(value).load(value.dump())
    return read
