"""Long-term preservation: will a published file still verify in the year asked for, and what is due for it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID


class PreservationState(StrEnum):
    """Where a published file stands."""

    KEPT = "kept"  # verifies in the year asked for, as far as its archive timestamp is renewed in time
    DUE = "due"  # to be raised or renewed; the next night does it
    FAILING = "failing"  # was tried and refused, or does not verify any more
    UNFIT = "unfit"  # signed without timestamps, as the type was set: nothing can be proved later


ARCHIVED_LEVEL: Final = "b-lta"
# What an archive timestamp with revocation data mends; anything else needs a person.
MENDABLE: Final = frozenset({"not_provable", "not_archived"})
HOPELESS: Final = frozenset({"no_timestamp", "unsigned"})
LOOK_AGAIN: Final = dt.timedelta(days=7)
"""A file that is kept is looked at again after so long: the trust list may have changed."""

SERVICE_AWAY: Final = frozenset({"timestamp_failed", "timestamper_missing"})
MOST_FAILURES: Final = 3
"""After so many files in a row without a timestamp the service is left alone until the next night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What looking ahead found. `code` and both reasons are empty when the file `lasts` to the end of `year`."""

    level: str
    lasts: bool
    year: int
    holds_until: dt.datetime | None
    due_at: dt.datetime | None
    code: str = ""
    reason_vi: str = ""
    reason_en: str = ""

    def wants_stamp(self, now: dt.datetime) -> bool:
        """Tell whether an archive timestamp is due: none yet, the last one ends soon, or it is what lacks."""
        if not self.lasts:
            return self.code in MENDABLE
        return self.level != ARCHIVED_LEVEL or (self.due_at is not None and self.due_at <= now)


class Preserver(Protocol):
    """Looks ahead and preserves, for one ward and one run: each address of revocation data is asked once."""

    def look_ahead(self, pdf: bytes) -> Prospect:
        """Judge by the file and the ward's trust list alone, without the network. Never raises for the file."""

    def archive(self, pdf: bytes) -> bytes:
        """Append revocation data and one archive timestamp; the result begins with `pdf`. Raises SigningRefused."""


def state_of(prospect: Prospect, now: dt.datetime, *, refused: bool) -> PreservationState:
    """Give the state after a look, and after a try when there was one."""
    if prospect.code in HOPELESS:
        return PreservationState.UNFIT
    if refused:
        return PreservationState.FAILING
    if prospect.wants_stamp(now):
        return PreservationState.DUE
    return PreservationState.KEPT if prospect.lasts else PreservationState.FAILING


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationOrder:
    """What a run does: one document or all; `everything`: also what was kept yesterday; `look`: change nothing."""

    document_id: UUID | None = None
    everything: bool = False
    look: bool = False

    def payload(self) -> dict[str, object]:
        """As plain values, for a job."""
        named = str(self.document_id) if self.document_id else None
        return {"document_id": named, "everything": self.everything, "look": self.look}


def order_of(payload: Mapping[str, object]) -> PreservationOrder:
    """Read what `payload` wrote; the night's order is empty."""
    document_id = payload.get("document_id")
    return PreservationOrder(
        document_id=UUID(str(document_id)) if document_id else None,
        everything=bool(payload.get("everything")),
        look=bool(payload.get("look")),
    )
