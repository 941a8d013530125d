"""Work on one document in another process, while key, timestamp service and network stay where they are.

The other process gets a function with plain arguments and stand-ins for what stays behind; what a stand-in is asked is
asked here, over the line between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from asn1crypto import x509 as asn1_x509

from signing.errors import DocumentUnreadable, MechanismUnsupported, SigningError
from signing.fetching import RevocationData, RevocationFetcher
from signing.model import Mechanism
from signing.protocol import RawSigner
from signing.sign.identity import parsed
from signing.timestamps import Timestamper

MOST_SIGNATURES: Final = 2
"""What a process may have signed for one document: the second where the level it was prepared for cannot be had.
A key that refuses a mechanism has not signed."""


class Reply(StrEnum):
    """What a message of the other process is."""

    DONE = "done"
    FAILED = "failed"
    ASKS = "asks"


class Question(StrEnum):
    """What a stand-in asks for."""

    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"
    REVOCATION = "revocation"


Ask: TypeAlias = Callable[[Question, tuple[Any, ...]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What signing needs and a file does not hold: the key, and what asks the network."""

    signer: RawSigner
    timestamper: Timestamper | None = None
    fetcher: RevocationFetcher | None = None

    def facts(self) -> ServiceFacts:
        """Return what a stand-in must know."""
        return ServiceFacts(
            certificate=self.signer.certificate.dump(),
            chain=tuple(one.dump() for one in self.signer.chain),
            mechanisms=tuple(self.signer.mechanisms),
            token_room=self.timestamper.token_room if self.timestamper is not None else None,
            fetches=self.fetcher is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """The services of another process as plain values; ``token_room`` None: no timestamp service."""

    certificate: bytes
    chain: tuple[bytes, ...]
    mechanisms: tuple[Mechanism, ...]
    token_room: int | None
    fetches: bool

    def services(self, ask: Ask) -> Services:
        """Return stand-ins that ask."""
        return Services(
            signer=_Key(self, ask),
            timestamper=_Stamper(self.token_room, ask) if self.token_room is not None else None,
            fetcher=_Fetcher(ask) if self.fetches else None,
        )


class NotAsked(Exception):
    """A process asked for what its work does not need: it is not to be trusted any more."""


class Answers:
    """Answers what the process that works on one document asks for."""

    def __init__(self, services: Services | None) -> None:
        self._services = services
        self._signatures = 0

    def answer(self, question: Question, arguments: tuple[Any, ...]) -> object:
        """Return the answer. Raises SigningError, and NotAsked for what this work does not need."""
        services = self._services
        if services is None:
            raise NotAsked
        if question is Question.SIGNATURE and self._signatures < MOST_SIGNATURES:
            signature = services.signer.sign(*arguments)
            self._signatures += 1
            return signature
        if question is Question.TIMESTAMP and services.timestamper is not None:
            return services.timestamper.answer(*arguments)
        if question is Question.REVOCATION and services.fetcher is not None:
            return services.fetcher.data_for([parsed(der) for der in arguments[0]])
        raise NotAsked


class _Key:
    """Stands in for a key."""

    def __init__(self, facts: ServiceFacts, ask: Ask) -> None:
        self.certificate: asn1_x509.Certificate = parsed(facts.certificate)
        self.chain: Sequence[asn1_x509.Certificate] = [parsed(der) for der in facts.chain]
        self.mechanisms = facts.mechanisms
        self._put = ask

    def sign(self, attributes: bytes, mechanism: Mechanism) -> bytes:
        try:
            signature: bytes = self._put(Question.SIGNATURE, (attributes, mechanism))
        except MechanismUnsupported:  # found out only now: the next one is tried, as beside the key itself
            self.mechanisms = tuple(one for one in self.mechanisms if one is not mechanism)
            raise
        return signature


class _Stamper(Timestamper):
    """Stands in for a timestamp service."""

    def __init__(self, token_room: int, ask: Ask) -> None:
        super().__init__(token_room)
        self._put = ask

    def answer(self, query: bytes) -> bytes:
        answer: bytes = self._put(Question.TIMESTAMP, (query,))
        return answer


class _Fetcher(RevocationFetcher):
    """Stands in for a fetcher; which addresses may be asked is for the real one to say."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._put = ask

    def data_for(self, certificates: Sequence[asn1_x509.Certificate]) -> RevocationData:
        found: RevocationData = self._put(Question.REVOCATION, (tuple(one.dump() for one in certificates),))
        return found


Work: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...], ServiceFacts | None, tuple[type[Exception], ...]]
"""Function (of a module), its arguments, the services if it needs some, and errors besides SigningError that come back
as they are."""


def do(work: Work, ask: Ask) -> tuple[Reply, object]:
    """Do the work in the other process. Whatever else a crafted file raises becomes DocumentUnreadable."""
    function, arguments, facts, passing = work
    try:
        services = () if facts is None else (facts.services(ask),)
        return Reply.DONE, function(*arguments, *services)
    except Exception as error:  # noqa: BLE001
        return Reply.FAILED, error if isinstance(error, (SigningError, *passing)) else DocumentUnreadable()
