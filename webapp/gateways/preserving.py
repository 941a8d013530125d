"""Looking ahead and preserving with the signing room; needs no signing key."""

import datetime as dt

from signing.preserve import Means, look_ahead, preserve
from webapp.core.ports import Clock
from webapp.core.preservation import Prospect
from webapp.gateways.refusals import refusals


class ArchiveRoom:
    """Implements core.preservation.Preserver; `year`: the last one whose end a file must reach."""

    def __init__(self, means: Means, clock: Clock, *, year: int) -> None:
        self._means = means
        self._clock = clock
        self._year = year

    def look_ahead(self, pdf: bytes) -> Prospect:
        """Look ahead to the end of the year."""
        until = dt.datetime(self._year + 1, 1, 1, tzinfo=dt.UTC)
        found = look_ahead(pdf, trust=self._means.trust, until=until, now=self._clock.now())
        why = found.reasons[0] if found.reasons else None
        return Prospect(
            level=found.level.value,
            lasts=found.lasts,
            year=self._year,
            holds_until=found.holds_until,
            due_at=found.due_at,
            code=why.code if why else "",
            reason_vi=why.vi if why else "",
            reason_en=why.en if why else "",
        )

    def archive(self, pdf: bytes) -> bytes:
        """Raise to B-LTA, or renew."""
        with refusals():
            return preserve(pdf, self._means).data
