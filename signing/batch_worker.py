"""A worker process of a batch: everything that takes time and needs no key.

Started afresh (never forked from a process that holds a key), told what to do over one connection, and gone when that
connection closes. It gets documents, certificates and raw signatures, never a key or a PIN, and opens no network
connection.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import Any, Final, NoReturn

from asn1crypto import x509 as asn1_x509

from signing import beside
from signing.beside import Question, Reply, Work
from signing.errors import DocumentUnreadable, SigningError
from signing.fields import GrowingFile
from signing.model import Level
from signing.sign.desk import Desk
from signing.sign.preparing import Identity
from signing.sign.surroundings import Surroundings
from signing.timestamps import Timestamper
from signing.trust import TrustStore

PATIENCE: Final = 10
"""How far a worker steps back (``nice``): people's requests go first, and so does the process with the key, for which
both workers may be waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Identity and surroundings of a batch as plain values. ``anchors`` None: the signer need not be trusted."""

    certificate: bytes
    chain: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    anchors: tuple[bytes, ...] | None
    intermediates: tuple[bytes, ...]
    token_room: int | None
    surroundings: Surroundings

    @classmethod
    def of(cls, identity: Identity, surroundings: Surroundings) -> Orders:
        """Take apart what cannot travel: services and parsed certificates stay behind."""
        trust = surroundings.trust
        stamper = surroundings.timestamper
        return cls(
            certificate=identity.certificate.dump(),
            chain=_ders(identity.chain),
            crls=tuple(surroundings.crls),
            anchors=_ders(trust.anchors) if trust is not None else None,
            intermediates=_ders(trust.intermediates) if trust is not None else (),
            token_room=stamper.token_room if stamper is not None else None,
            surroundings=Surroundings(now=surroundings.now, mechanisms=tuple(surroundings.mechanisms)),
        )

    def desk(self) -> Desk:
        """Return the desk of a worker; timestamps and levels are seen to by the process that holds the key."""
        around = Surroundings(
            timestamper=Elsewhere(self.token_room) if self.token_room is not None else None,
            trust=_trust(self.anchors, self.intermediates) if self.anchors is not None else None,
            crls=self.crls,
            now=self.surroundings.now,
            mechanisms=self.surroundings.mechanisms,
            raise_level=not_here,
        )
        identity = Identity(certificate=asn1_x509.Certificate.load(self.certificate), chain=_parsed(self.chain))
        return Desk(identity, around)


class Elsewhere(Timestamper):
    """A timestamp service that another process asks; here only the room for its tokens counts."""

    def answer(self, query: bytes) -> NoReturn:
        """Refuse for good: only the process with the key asks a timestamp service; a worker has no network."""
        raise NotImplementedError


def not_here(_signed: GrowingFile, _field: str, _level: Level) -> NoReturn:
    """Refuse for good: levels are raised by the process that holds the key; a worker has no network."""
    raise NotImplementedError


def serve(connection: Connection) -> None:
    """Answer ``(method, arguments, options)`` with ``(Reply, result or error)`` until the line closes."""
    desk: Desk | None = None
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # whoever asked is gone
        while True:
            method, arguments, options = connection.recv()
            if method == "orders":
                desk = arguments[0].desk()
                connection.send((Reply.DONE, None))
            elif method == "work":
                connection.send(_worked(connection, arguments))
            else:
                connection.send(_answer(desk, method, arguments, options))


def _answer(
    desk: Desk | None, method: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Reply, object]:
    try:
        return Reply.DONE, getattr(desk, method)(*arguments, **options)
    except SigningError as error:
        return Reply.FAILED, error
    except Exception:  # noqa: BLE001  -- whatever a crafted file raises must not take the other documents along
        return Reply.FAILED, DocumentUnreadable()


def _worked(connection: Connection, work: Work) -> tuple[Reply, object]:
    """Do work that may ask the process with the key."""

    def ask(question: Question, arguments: tuple[Any, ...]) -> object:
        try:
            connection.send((Reply.ASKS, (question, arguments)))
            reply, answer = connection.recv()
        except (EOFError, OSError):
            raise SystemExit from None  # whoever asked is gone, or does not want the work any more
        if reply is Reply.FAILED:
            raise answer
        return answer

    return beside.do(work, ask)


@lru_cache(maxsize=8)
def _trust(anchors: tuple[bytes, ...], intermediates: tuple[bytes, ...]) -> TrustStore:
    """Return the same store for the same certificates: what was judged with it a moment ago need not be judged anew."""
    return TrustStore(_parsed(anchors), _parsed(intermediates))


def _ders(certificates: Sequence[asn1_x509.Certificate]) -> tuple[bytes, ...]:
    return tuple(certificate.dump() for certificate in certificates)


def _parsed(ders: Sequence[bytes]) -> tuple[asn1_x509.Certificate, ...]:
    return tuple(asn1_x509.Certificate.load(der) for der in ders)


if __name__ == "__main__":
    os.nice(PATIENCE)
    serve(Connection(int(sys.argv[1])))
