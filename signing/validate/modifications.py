"""What was changed after a signature, and whether a later signature accounts for it.

One strict policy is used everywhere. pyHanko 0.38 can call a harmless later revision an offence when appearance streams
may be replaced in place; forbidding that cures it and still catches real changes. What the policy calls form filling is
accepted only when a later signature that we believe covers it: the register number filled in between the person's
signature and the seal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.model import Code, Coverage, Reason
from signing.validate.texts import reason

_FIELD_RULES: Final = [
    SigFieldCreationRule(),
    SigFieldModificationRule(allow_in_place_appearance_stream_changes=False),
    GenericFieldModificationRule(allow_in_place_appearance_stream_changes=False),
]
STRICT_POLICY: Final = StandardDiffPolicy(DEFAULT_DIFF_POLICY.global_rules, FormUpdatingRule(field_rules=_FIELD_RULES))
# A first signature also sets the form's flag that there is one, and tools add the default font of their fields.
FIRST_SIGNATURE_POLICY: Final = StandardDiffPolicy(
    DEFAULT_DIFF_POLICY.global_rules,
    FormUpdatingRule(field_rules=_FIELD_RULES, ignored_acroform_keys={"/SigFlags", "/Fields", "/DR", "/DA"}),
)

EXPLAINING: Final = frozenset({Code.OK, Code.EXPIRED, Code.STATUS_UNKNOWN})
"""Codes of later signatures that account for a change.

An unknown signer's does so only for signers as unknown as he is.
"""


@dataclass(frozen=True, slots=True)
class ChangeFinding:
    """``level`` as the policy sees it; None when the change is forbidden outright."""

    coverage: Coverage
    level: ModificationLevel | None
    permitted: bool


def review(embedded: EmbeddedPdfSignature) -> ChangeFinding:
    """Run the strict policy on what follows a signature. May raise whatever pyHanko raises."""
    embedded.compute_integrity_info(diff_policy=STRICT_POLICY)
    summary = embedded.summarise_integrity_info()
    result = summary["diff_result"]
    level = result.modification_level if isinstance(result, DiffResult) else None
    match summary["coverage"]:
        case SignatureCoverageLevel.ENTIRE_FILE:
            coverage = Coverage.WHOLE_FILE
        case SignatureCoverageLevel.ENTIRE_REVISION:
            coverage = Coverage.REVISION
        case _:
            coverage = Coverage.UNCLEAR
    forbidden = level is None or level is ModificationLevel.OTHER or not summary["docmdp_ok"]
    return ChangeFinding(coverage, None if forbidden else level, permitted=not forbidden)


def is_maintenance(change: ChangeFinding) -> bool:
    """Nothing, or only revocation data and document timestamps, came after."""
    return change.level in {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES}


def explained(own: Code, change: ChangeFinding, later: Sequence[tuple[Code, ChangeFinding]]) -> bool:
    """Return True when everything after a signature is maintenance or covered by a later signature that counts.

    ``later`` are the ordinary signatures with a larger range, in order; the last that counts must be followed by
    maintenance only. A document timestamp never accounts for a change: anybody can have one made.
    """
    if not change.permitted:
        return False
    if is_maintenance(change):
        return True
    accepted = EXPLAINING | ({Code.UNTRUSTED} if own is Code.UNTRUSTED else frozenset())
    counting = [finding for code, finding in later if code in accepted]
    return bool(counting) and is_maintenance(counting[-1])


def modified(text: str | None = None) -> Reason:
    """Return the reason "changed after signing"."""
    return reason(Code.MODIFIED, text=text)
