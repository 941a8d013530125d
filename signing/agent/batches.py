"""Orders to sign, from the page's wish to the raw signatures; each waits for its person and ends by itself.

A batch is fetched and checked in a thread of its own. Only what the check let through is shown, and only what is shown
can be signed: ``check_shown`` has recomputed every digest before the PIN is asked for.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from signing.agent.errors import (
    AgentError,
    BatchExpired,
    BatchRefused,
    BatchUnknown,
    OrderUnreadable,
    TooMuch,
)
from signing.agent.fetching import fetch
from signing.agent.keys import KeyRing
from signing.agent.notebook import Notebook
from signing.agent.preview import count_pages
from signing.agent.settings import BATCH_SECONDS, HISTORY, MAX_BATCH, MAX_BATCH_BYTES
from signing.errors import PreparedUnreadable, SigningError
from signing.model import plain
from signing.protocol import PreparedSignature, check_shown

Fetch = Callable[..., bytes]


class Stage(StrEnum):
    """Where a batch stands."""

    FETCHING = "fetching"
    WAITING = "waiting"
    SIGNING = "signing"
    ENDED = "ended"


@dataclass(slots=True)
class Item:
    """One document of a batch."""

    id: str
    title: str
    abstract: str
    url: str
    prepared: PreparedSignature
    pdf: bytes = field(default=b"", repr=False)
    pages: int = 0
    raw: bytes | None = field(default=None, repr=False)
    problem: SigningError | None = None

    @property
    def open(self) -> bool:
        """Return True while it can still be signed."""
        return self.raw is None and self.problem is None


@dataclass(slots=True)
class Batch:
    """Documents that one person signs with one key and one PIN entry. ``id`` is a secret of page and agent."""

    id: str
    origin: str
    fingerprint: str
    items: list[Item]
    ends: datetime
    stage: Stage = Stage.FETCHING
    problem: SigningError | None = None
    taken: bool = False

    @property
    def left(self) -> list[Item]:
        """Return what can still be signed."""
        return [item for item in self.items if item.open]

    @property
    def signed(self) -> list[Item]:
        """Return what was signed."""
        return [item for item in self.items if item.raw is not None]


class Batches:
    """All batches of this computer, in memory only: a restart forgets them, and the ward asks again."""

    def __init__(
        self, keys: KeyRing, notebook: Notebook, clock: Callable[[], datetime], *, fetcher: Fetch = fetch
    ) -> None:
        self._keys = keys
        self._notebook = notebook
        self._clock = clock
        self._fetch = fetcher
        self._batches: dict[str, Batch] = {}
        self._lock = threading.Lock()

    def begin(self, origin: str, order: object) -> Batch:
        """Take an order of a paired page. Raises OrderUnreadable, PreparedUnreadable, TooMuch, KeyNotHere."""
        items = read_items(order)
        fingerprint = _one_certificate(items)
        self._keys.find(fingerprint)
        batch = Batch(
            id=secrets.token_urlsafe(24),
            origin=origin,
            fingerprint=fingerprint,
            items=items,
            ends=self._clock() + timedelta(seconds=BATCH_SECONDS),
        )
        with self._lock:
            self._sweep()
            self._batches[batch.id] = batch
        threading.Thread(target=self._bring, args=(batch,), daemon=True).start()
        return batch

    def get(self, batch_id: str, *, origin: str | None = None) -> Batch:
        """Return a batch; for a page only its own. Raises BatchUnknown."""
        with self._lock:
            self._sweep()
            batch = self._batches.get(batch_id)
        if batch is None or (origin is not None and batch.origin != origin):
            raise BatchUnknown
        if batch.taken and (origin is not None or not batch.signed):
            raise BatchUnknown
        self._end_if_late(batch)
        return batch

    def sign(self, batch_id: str, pin: str) -> None:
        """Sign what is left, in the background, with this PIN. A second press while signing changes nothing."""
        batch = self.get(batch_id)
        with self._lock:
            if batch.stage is not Stage.WAITING or not batch.left:
                return
            batch.stage, batch.problem = Stage.SIGNING, None
        threading.Thread(target=self._sign, args=(batch, pin), daemon=True).start()

    def refuse(self, batch_id: str) -> None:
        """End it as the person wishes; what was signed stays signed."""
        batch = self.get(batch_id)
        with self._lock:
            if batch.stage is Stage.WAITING:
                batch.stage, batch.problem = Stage.ENDED, BatchRefused()

    def forget(self, batch_id: str, origin: str) -> None:
        """Drop the documents of a batch that the page no longer needs; its person may still read how it ended."""
        batch = self.get(batch_id, origin=origin)
        with self._lock:
            batch.taken, batch.stage, batch.ends = True, Stage.ENDED, self._clock()
            for item in batch.items:
                item.pdf = b""

    def _bring(self, batch: Batch) -> None:
        """Fetch and check every document; what differs is never shown nor signed."""
        for item in batch.items:
            if batch.taken:
                return
            try:
                item.pdf = self._fetch(item.url, origin=batch.origin, size=item.prepared.prepared_size)
                check_shown(item.prepared, item.pdf)
                item.pages = count_pages(item.pdf)
            except SigningError as error:
                item.problem, item.pdf = error, b""
        with self._lock:
            if batch.stage is Stage.FETCHING:
                batch.stage = Stage.WAITING if batch.left else Stage.ENDED

    def _sign(self, batch: Batch, pin: str) -> None:
        try:
            with self._keys.open(batch.fingerprint, pin) as signer:
                for item in batch.left:
                    if self._late(batch):
                        raise BatchExpired
                    item.raw = signer.sign(item.prepared.attributes, item.prepared.mechanism)
        except SigningError as error:
            batch.problem = error
        except Exception:  # noqa: BLE001  -- a vendor's library may do anything; the person must not wait for ever
            batch.problem = AgentError()
        finally:
            with self._lock:
                batch.stage = Stage.WAITING if batch.left and not self._late(batch) else Stage.ENDED
            self._remember(batch)

    def _remember(self, batch: Batch) -> None:
        """Keep the last signings for the status page."""
        signed = [item.title for item in batch.signed]
        if not signed:
            return
        entry = {"batch": batch.id[:8], "at": self._clock().isoformat(), "origin": batch.origin, "titles": signed}
        with self._notebook.change() as content:
            others = [known for known in content["history"] if known.get("batch") != entry["batch"]]
            content["history"] = [entry, *others][:HISTORY]

    def _late(self, batch: Batch) -> bool:
        return self._clock() >= batch.ends

    def _end_if_late(self, batch: Batch) -> None:
        with self._lock:
            if self._late(batch) and batch.stage in {Stage.FETCHING, Stage.WAITING}:
                batch.stage, batch.problem = Stage.ENDED, BatchExpired()

    def _sweep(self) -> None:
        """Forget what ended long ago; the documents go with it."""
        old = self._clock() - timedelta(seconds=BATCH_SECONDS)
        self._batches = {key: batch for key, batch in self._batches.items() if batch.ends > old}


def read_items(order: object) -> list[Item]:
    """Return the documents of an order. Raises OrderUnreadable, PreparedUnreadable, TooMuch."""
    wanted = order.get("documents") if isinstance(order, dict) else None
    if not isinstance(wanted, list) or not wanted:
        raise OrderUnreadable
    if len(wanted) > MAX_BATCH:
        raise TooMuch
    items = [_read_item(one) for one in wanted]
    if len({item.id for item in items}) != len(items):
        raise OrderUnreadable
    if sum(item.prepared.prepared_size for item in items) > MAX_BATCH_BYTES:
        raise TooMuch
    return items


def _read_item(value: Any) -> Item:  # noqa: ANN401  -- a page's JSON
    try:
        texts = [value[name] for name in ("id", "title", "abstract", "url")]
        prepared = PreparedSignature.from_json(value["prepared"])
    except (KeyError, TypeError) as error:
        raise OrderUnreadable from error
    if not all(isinstance(text, str) and len(text) <= 2000 for text in texts):
        raise OrderUnreadable
    name, title, abstract, url = texts
    return Item(id=name, title=plain(title)[:200], abstract=plain(abstract)[:600], url=url, prepared=prepared)


def _one_certificate(items: list[Item]) -> str:
    """Return the fingerprint that all items share: one PIN opens one key. Raises PreparedUnreadable."""
    found = {sha256(item.prepared.certificate).hexdigest() for item in items}
    if len(found) != 1:
        raise PreparedUnreadable
    return found.pop()
