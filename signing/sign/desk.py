"""Several signatures at once, each between its phases: what a worker process of a batch keeps in hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from signing.errors import DocumentUnreadable, SigningError
from signing.model import SignedFacts, SignRequest
from signing.protocol import PreparedSignature, UnfinishedSignature
from signing.sign.completing import Filled, check_raw, fill, finish, joined
from signing.sign.files import writing
from signing.sign.preparing import Draft, Identity, prepare
from signing.sign.surroundings import Surroundings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """A document of a batch. With ``target`` the result is written there, whole or not at all, and not handed back."""

    name: str
    pdf: bytes | Path
    request: SignRequest
    target: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made elsewhere: the key's answer, and a timestamp over it or nothing."""

    raw: bytes
    token: bytes = b""


class Desk:
    """Prepared documents by number; ``surroundings`` need neither timestamp service nor network."""

    def __init__(self, identity: Identity, surroundings: Surroundings) -> None:
        self._identity = identity
        self._surroundings = surroundings
        self._drafts: dict[int, Draft] = {}
        self._filled: dict[int, Filled] = {}
        self._targets: dict[int, Path | None] = {}

    def prepare_each(self, jobs: Sequence[tuple[int, BatchItem]]) -> list[PreparedSignature | SigningError]:
        """Prepare several; each succeeds or fails by itself."""
        return [_outcome(self.prepare, number, item) for number, item in jobs]

    def complete_each(self, jobs: Sequence[tuple[int, Made, bool]]) -> list[SignedFacts | SigningError]:
        """Complete several (number, what was made, whole); each succeeds or fails by itself."""
        return [_outcome(self.complete, number, made, whole=whole) for number, made, whole in jobs]

    def prepare(self, number: int, item: BatchItem) -> PreparedSignature:
        """Take a document to the point where only the raw signature is missing."""
        data = item.pdf if isinstance(item.pdf, bytes) else _read(item.pdf)
        draft = prepare(data, self._identity, item.request, self._surroundings)
        self._drafts[number] = draft
        self._targets[number] = item.target
        return draft.prepared

    def complete(self, number: int, made: Made, *, whole: bool) -> SignedFacts:
        """Embed, prove and hand out, up to B-T; ``whole``: checked by the full validator too."""
        return self.finish(number, self.embedded(number, made), whole=whole)

    def embedded(self, number: int, made: Made) -> bytes:
        """Check the raw signature, put it and the timestamp in, prove the result and return it."""
        draft = self._drafts[number]
        check_raw(draft.prepared, made.raw, self._surroundings)
        filled = fill(draft, made.raw, made.token)
        self._filled[number] = filled
        return joined(draft, filled)

    def finish(self, number: int, data: bytes, *, whole: bool) -> SignedFacts:
        """Check the result, which its level may have extended, and hand it out."""
        draft, filled = self._drafts[number], self._filled[number]
        target = self._targets[number]
        result = finish(draft, filled, data, replace(self._surroundings, revalidate=whole))
        self.drop(number)
        if target is None:
            return result
        with writing(target) as out:
            out.write(result.data)
        return SignedFacts(**{name: getattr(result, name) for name in SignedFacts.__dataclass_fields__})

    def unfinished(self, number: int, raw: bytes) -> UnfinishedSignature:
        """Return what a later timestamp needs, and let go of the document."""
        draft = self._drafts[number]
        self.drop(number)
        pdf = b"".join((draft.base.whole(), draft.update))
        return UnfinishedSignature(prepared=draft.prepared, pdf=pdf, raw=raw)

    def drop(self, number: int) -> None:
        """Forget a document."""
        self._drafts.pop(number, None)
        self._filled.pop(number, None)
        self._targets.pop(number, None)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentUnreadable from error


def _outcome(work: Callable[..., T], *arguments: object, **options: object) -> T | SigningError:
    try:
        return work(*arguments, **options)
    except SigningError as error:
        return error
    except Exception:  # noqa: BLE001  -- whatever a crafted file raises must not take the other documents along
        return DocumentUnreadable()
