"""What signing draws on besides key and document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from signing.fields import GrowingFile
from signing.model import Level, Mechanism
from signing.protocol import PREFERRED
from signing.settings import utc_now
from signing.timestamps import Timestamper
from signing.trust import TrustStore

RaiseLevel: TypeAlias = Callable[[GrowingFile, str, Level], None]
"""Takes a signed file, its field and the level asked for; adds what the level asks for (B-LT, B-LTA)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Clock, trust, lists, services. ``trust`` None: the new certificate need not be trusted here."""

    timestamper: Timestamper | None = None
    trust: TrustStore | None = None
    crls: Sequence[bytes] = ()
    now: datetime | None = None
    mechanisms: Sequence[Mechanism] = PREFERRED
    """Allowed, the preferred first."""
    raise_level: RaiseLevel | None = None
    """What makes B-LT and B-LTA of a B-T; without it B-LT takes the lists of ``crls`` and B-LTA is refused."""
    revalidate: bool = True
    """False: the proof by bytes (``sign/proof.py``) alone vouches for a first signature. A file that was signed before
    is validated whole in any case."""

    def moment(self) -> datetime:
        """Return the moment of signing: ``now``, or the clock."""
        return self.now or utc_now()


ALONE: Final = Surroundings()
