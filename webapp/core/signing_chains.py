"""The chain of steps of a type of document: initials of drafter and head, one or several signers, the clerk last.

Chains are data of a ward and a type; a document gets its steps from the chain when it is submitted, and later changes
of the chain leave it alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final
from uuid import UUID

from webapp.core.documents import SigningCapacity, StepKind

MOST_EXTRA_SIGNERS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a type of document asks for before its authorised person signs.

    `author_initials` and `head_initials`: "ký nháy" by the drafter, then by the head of the drafting department;
    `initials_with_key` asks them for a digital signature, otherwise an approval in the system is enough.
    `extra_signers` is how many people the author may let sign beside the authorised person: one after the other before
    that person, or all of them at once (`in_parallel`).
    """

    author_initials: bool = False
    head_initials: bool = False
    initials_with_key: bool = False
    extra_signers: int = 0
    in_parallel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A person in a chain; `capacity` and `title` as printed above the name."""

    account_id: UUID | None
    capacity: SigningCapacity = SigningCapacity.OWN
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step to open. Steps of one `stage` wait together, a later stage waits for all of an earlier one."""

    kind: StepKind
    stage: int
    who: Participant
    with_key: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who takes part: the drafter, the head who initials, those who sign beside the authorised person, in order."""

    author_id: UUID | None
    head_id: UUID | None
    others: Sequence[Participant]
    signer: Participant


def chain_of(values: Mapping[str, Any]) -> Chain:
    """Read a chain as reference data writes it; what is not named is not asked for."""
    return Chain(**{field.name: values[field.name] for field in fields(Chain) if field.name in values})


def chain_values(chain: Chain) -> dict[str, Any]:
    """Give the chain as plain values, for rows and for the audit log."""
    return asdict(chain)


def plan_steps(chain: Chain, people: People) -> list[PlannedStep]:
    """Give the steps in order, the agency's last. Nobody initials a document that they sign, and nobody twice."""
    signing = {people.signer.account_id, *(other.account_id for other in people.others)}
    wanted = [people.author_id if chain.author_initials else None, people.head_id if chain.head_initials else None]
    initialling = [one for one in dict.fromkeys(wanted) if one is not None and one not in signing]
    steps = [
        PlannedStep(
            kind=StepKind.INITIALS,
            stage=stage,
            who=Participant(account_id=account_id),
            with_key=chain.initials_with_key,
        )
        for stage, account_id in enumerate(initialling, 1)
    ]
    stage = len(steps) + 1
    for person in (*people.others, people.signer):
        steps.append(PlannedStep(kind=StepKind.PERSON, stage=stage, who=person))
        stage += 0 if chain.in_parallel else 1
    last = steps[-1].stage + 1
    return [*steps, PlannedStep(kind=StepKind.AGENCY, stage=last, who=Participant(account_id=None))]
