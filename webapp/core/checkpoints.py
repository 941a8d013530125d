"""Checkpoints of the signature ledger: what was in it at a moment, in one file that anybody can check without us.

A whole checkpoint carries every row; a brief one only the number of rows and the last hash, short enough for a minute
book. Once such a hash lies with somebody else, no earlier row can be changed, removed or slipped in without it showing.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from webapp.core.errors import N_
from webapp.core.hash_chain import GENESIS, row_hash

FORMAT: Final = "phuong-so/signature-ledger"
VERSION: Final = 1
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One row of the ledger: its content as plain JSON values, and its own hash."""

    sequence: int
    content: Mapping[str, Any]
    row_hash: bytes


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that does not fit. `code` is for programs, `message` for people."""

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """Give the message in Vietnamese with its values filled in."""
        return self.message % self.params


class NotACheckpoint(ValueError):
    """The file is no checkpoint that this program can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint that was read. `rows` is None in a brief one; `content_ok`: the file's own hash fits."""

    ward_id: UUID
    ward_name: str
    made_at: str
    last_sequence: int
    head_hash: bytes
    rows: tuple[ChainRow, ...] | None
    content_ok: bool

    def hash_at(self, sequence: int) -> bytes | None:
        """Give the hash of a row, if the file tells it."""
        if sequence == self.last_sequence:
            return self.head_hash
        if sequence == 0:
            return GENESIS
        rows = self.rows or ()
        return next((row.row_hash for row in rows[max(0, sequence - 1) :] if row.sequence == sequence), None)


def write_checkpoint(
    ward: Mapping[str, str], rows: Iterable[ChainRow], *, head: tuple[int, bytes], made_at: dt.datetime, brief: bool
) -> bytes:
    """Give the file: JSON, with a SHA-256 over its canonical form."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "ward": dict(ward),
        "made_at": made_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "last_sequence": head[0],
        "head_hash": head[1].hex(),
    }
    if not brief:
        document["rows"] = [
            {"sequence": row.sequence, "row_hash": row.row_hash.hex(), "content": dict(row.content)} for row in rows
        ]
    document["sha256"] = _own_hash(document)
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def read_checkpoint(data: bytes) -> Checkpoint:
    """Read a file of whatever origin. Raises NotACheckpoint."""
    try:
        document = json.loads(data)
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise NotACheckpoint
        told = document.pop("sha256")
        rows = document.get("rows")
        return Checkpoint(
            ward_id=UUID(document["ward"]["id"]),
            ward_name=str(document["ward"]["name"]),
            made_at=str(document["made_at"]),
            last_sequence=_count(document["last_sequence"]),
            head_hash=_digest(document["head_hash"]),
            rows=None if rows is None else tuple(_row(row) for row in rows),
            content_ok=told == _own_hash(document),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise NotACheckpoint from error


def check_checkpoint(checkpoint: Checkpoint) -> list[Flaw]:
    """Hash every row again; give what does not fit, the first broken row only (all behind it hang on it)."""
    flaws = []
    if not checkpoint.content_ok:
        flaws.append(Flaw("file_altered", N_("Tệp mốc đã bị sửa sau khi xuất: mã băm của tệp không khớp.")))
    if checkpoint.rows is None:
        return flaws
    previous, expected = GENESIS, 1
    for row in checkpoint.rows:
        if row.sequence != expected:
            return [*flaws, Flaw("row_missing", N_("Thiếu dòng số %(number)s."), {"number": expected})]
        if row.row_hash != row_hash(previous, row.sequence, row.content):
            return [*flaws, Flaw("row_altered", N_("Dòng số %(number)s đã bị sửa."), {"number": expected})]
        previous, expected = row.row_hash, expected + 1
    if (checkpoint.last_sequence, checkpoint.head_hash) != (expected - 1, previous):
        text = N_("Tệp nói sổ có %(told)s dòng nhưng chỉ có %(found)s dòng khớp.")
        flaws.append(Flaw("end_missing", text, {"told": checkpoint.last_sequence, "found": expected - 1}))
    return flaws


def compare_checkpoints(one: Checkpoint, other: Checkpoint) -> list[Flaw]:
    """Tell whether the longer one continues the shorter one; the order does not matter."""
    if one.ward_id != other.ward_id:
        return [Flaw("other_ward", N_("Hai tệp mốc là của hai phường khác nhau."))]
    shorter, longer = sorted((one, other), key=lambda point: point.last_sequence)
    here = longer.hash_at(shorter.last_sequence)
    if here is None:
        return [
            Flaw("not_comparable", N_("Tệp mốc dài hơn chỉ có mã băm cuối nên không so được. Hãy xuất bản đầy đủ."))
        ]
    if here == shorter.head_hash:
        return []
    first = _first_difference(shorter, longer)
    if first is None:
        text = N_("Hai tệp mốc khác nhau trong %(number)s dòng đầu: một trong hai sổ đã bị sửa.")
        return [Flaw("history_differs", text, {"number": shorter.last_sequence})]
    text = N_("Hai tệp mốc khác nhau từ dòng số %(number)s: một trong hai sổ đã bị sửa.")
    return [Flaw("history_differs", text, {"number": first})]


def _first_difference(shorter: Checkpoint, longer: Checkpoint) -> int | None:
    if shorter.rows is None or longer.rows is None:
        return None
    pairs = zip(shorter.rows, longer.rows, strict=False)
    return next((mine.sequence for mine, theirs in pairs if mine.row_hash != theirs.row_hash), None)


def _row(value: Mapping[str, Any]) -> ChainRow:
    if not isinstance(value["content"], dict):
        raise NotACheckpoint
    return ChainRow(_count(value["sequence"]), value["content"], _digest(value["row_hash"]))


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotACheckpoint
    return value


def _digest(value: object) -> bytes:
    if not isinstance(value, str) or len(value) != 64 or not set(value) <= _HEX:
        raise NotACheckpoint
    return bytes.fromhex(value)


def _own_hash(document: Mapping[str, Any]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
