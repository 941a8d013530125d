"""Pairing with a ward's page: allowed by the person on the agent's page, proved by a one-time code, kept as a hash."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from signing.agent.errors import CodeWrong, NotPaired
from signing.agent.notebook import Notebook
from signing.agent.settings import CODE_SECONDS, CODE_TRIES


@dataclass(slots=True)
class Offer:
    """A code that one origin may bring once."""

    origin: str
    code: str
    ends: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A ward whose page may ask."""

    origin: str
    paired_at: datetime
    used_at: datetime | None


class Pairings:
    """All pairings of this computer."""

    def __init__(self, notebook: Notebook, clock: Callable[[], datetime]) -> None:
        self._notebook = notebook
        self._clock = clock
        self._offer: Offer | None = None
        self._lock = threading.Lock()

    def offer(self, origin: str) -> Offer:
        """Make a code for this origin; an earlier code is void."""
        with self._lock:
            self._offer = Offer(
                origin=origin,
                code=f"{secrets.randbelow(10**8):08d}",
                ends=self._clock() + timedelta(seconds=CODE_SECONDS),
            )
            return self._offer

    def expects(self, origin: str) -> bool:
        """Return True when this origin has a code to bring."""
        offer = self._offer
        return offer is not None and offer.origin == origin and offer.ends > self._clock()

    def redeem(self, origin: str, code: str) -> str:
        """Take the code, once, and give the origin its token. Raises CodeWrong; five tries make the code void."""
        with self._lock:
            if not self.expects(origin) or self._offer is None:
                raise CodeWrong
            self._offer.tries += 1
            right = hmac.compare_digest(self._offer.code.encode(), _digits(code).encode())
            if right or self._offer.tries >= CODE_TRIES:
                self._offer = None
            if not right:
                raise CodeWrong
        token = secrets.token_urlsafe(32)
        with self._notebook.change() as content:
            content["pairings"] = [known for known in content["pairings"] if known["origin"] != origin]
            content["pairings"].append(
                {"origin": origin, "token_sha256": _hash(token), "paired_at": self._clock().isoformat()}
            )
        return token

    def knows(self, origin: str) -> bool:
        """Return True when this origin is paired."""
        return any(known["origin"] == origin for known in self._notebook.read()["pairings"])

    def check(self, origin: str, token: str) -> None:
        """Let a paired origin in with its own token. Raises NotPaired."""
        for known in self._notebook.read()["pairings"]:
            if known["origin"] == origin and hmac.compare_digest(known["token_sha256"], _hash(token)):
                return
        raise NotPaired

    def touch(self, origin: str) -> None:
        """Note that this ward was signed for now."""
        with self._notebook.change() as content:
            for known in content["pairings"]:
                if known["origin"] == origin:
                    known["used_at"] = self._clock().isoformat()

    def forget(self, origin: str) -> None:
        """End a pairing; unknown ones are fine."""
        with self._notebook.change() as content:
            content["pairings"] = [known for known in content["pairings"] if known["origin"] != origin]

    def all(self) -> list[Pairing]:
        """Return the pairings, oldest first."""
        return [
            Pairing(
                origin=str(known["origin"]),
                paired_at=datetime.fromisoformat(known["paired_at"]),
                used_at=datetime.fromisoformat(known["used_at"]) if known.get("used_at") else None,
            )
            for known in self._notebook.read()["pairings"]
        ]


def _digits(code: str) -> str:
    """Return the digits alone: people type spaces and hyphens."""
    return "".join(letter for letter in code if letter.isascii() and letter.isdigit())


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
