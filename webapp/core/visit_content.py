"""What one visit states, as plain values and as the bytes that its receipt stands for."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from webapp.core.ids import SHORT_CODE_ALPHABET
from webapp.core.surveys import AdultLine, Answers, MinorLine, Totals, VisitOutcome

# Answers that have a column of their own beside the JSON of a revision; adult lines have a table.
ANSWER_COLUMNS: Final = ("fibre_covered", "fibre_connected", "fibre_speed", "iot_connections", "payment_accounts")
ADULT_COLUMNS: Final = tuple(f.name for f in fields(AdultLine))
RECEIPT_LENGTH: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitContent:
    """What was found at one door on one day. `answers` is None unless somebody was interviewed.

    `extra`: answers to the round's extra questions (core.extra_answers says which values); empty when none were given.
    """

    visit_id: UUID
    round_id: UUID
    household_id: UUID
    outcome: VisitOutcome
    visited_on: dt.date
    answers: Answers | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that the ward has a visit: the same visit sent again gets the same receipt.

    `repeated` tells whether the ward had it before; it is no part of the proof.
    """

    visit_id: UUID
    revision: int
    sha256: str
    submitted_at: dt.datetime
    repeated: bool = field(default=False, compare=False)

    @property
    def code(self) -> str:
        """Give the short code that people read aloud (`K7F-2QM`)."""
        return receipt_code(self.sha256)


def content_sha256(content: VisitContent) -> str:
    """Hash the canonical JSON (sorted keys, no spaces, UTF-8). Who sent it, when and why is not content."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: VisitContent) -> bytes:
    """Give the bytes that are hashed."""
    plain: dict[str, Any] = {
        "visit": content.visit_id.hex,
        "round": content.round_id.hex,
        "household": content.household_id.hex,
        "outcome": content.outcome.value,
        "visited_on": content.visited_on.isoformat(),
        "answers": content.answers.to_json() if content.answers else None,
    }
    if content.extra:  # left out when empty: visits from before there were extra questions keep their hash
        plain["extra"] = dict(content.extra)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def receipt_code(sha256: str) -> str:
    """Shorten a hash to six unambiguous letters and digits (about 29 bits), for people; programs compare the hash."""
    value, letters = int(sha256[:16], 16), ""
    for _ in range(RECEIPT_LENGTH):
        value, index = divmod(value, len(SHORT_CODE_ALPHABET))
        letters += SHORT_CODE_ALPHABET[index]
    return f"{letters[:3]}-{letters[3:]}"


def answers_json(answers: Answers | None) -> dict[str, Any]:
    """Give what a revision keeps as JSON: minors, totals, note; the rest stands in columns and adult lines."""
    if answers is None:
        return {}
    return {key: value for key, value in answers.to_json().items() if key != "adults" and key not in ANSWER_COLUMNS}


def answers_from(json_part: Mapping[str, Any], revision: object, adults: Iterable[object]) -> Answers:
    """Put a revision's JSON, its columns and its adult lines (rows in order of `line`) together again."""
    kept = {name: getattr(revision, name) for name in ANSWER_COLUMNS}
    lines = [{name: getattr(line, name) for name in ADULT_COLUMNS} for line in adults]
    return Answers.from_json({**json_part, **kept, "adults": lines})


def answers_of_stranger(data: Mapping[str, Any]) -> Answers:
    """Read answers that came from outside. Raises ValueError, KeyError or TypeError unless every type is right."""
    answers = Answers.from_json(data)
    for part in (answers, *answers.adults, *answers.minors, *([answers.totals] if answers.totals else [])):
        for name, allowed in _TYPES[type(part)].items():
            if type(getattr(part, name)) not in allowed:  # exactly: True must not pass for the number 1
                raise TypeError(name)
    return answers


def _plain_types(shape: type) -> dict[str, tuple[type, ...]]:
    hints = get_type_hints(shape)
    return {name: get_args(hint) or (hint,) for name, hint in hints.items() if get_origin(hint) is not tuple}


_TYPES: Final[dict[type, dict[str, tuple[type, ...]]]] = {
    shape: _plain_types(shape) for shape in (Answers, AdultLine, MinorLine, Totals)
}
