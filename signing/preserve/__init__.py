"""Keep signed files verifiable for decades: raise them to B-LT and B-LTA, renew archive timestamps, look ahead.

Every step only appends to the file (ETSI EN 319 142-1, 5.4 and 5.5): each signature's own revision stays as it is, and
so do the rows of a ledger that name it. Signing keys are never needed.
"""

from __future__ import annotations

from signing.preserve.outlook import Outlook, look_ahead
from signing.preserve.refusals import NotPreservable, RevocationDataStale
from signing.preserve.upgrade import Means, Preserved, preserve, raising_with

__all__ = [
    "Means",
    "NotPreservable",
    "Outlook",
    "Preserved",
    "RevocationDataStale",
    "look_ahead",
    "preserve",
    "raising_with",
]
