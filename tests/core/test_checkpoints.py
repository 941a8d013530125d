"""Checkpoints: whole as they were written, and every tampering named at its row."""

import datetime as dt
import json
from uuid import UUID

import pytest

from webapp.core.checkpoints import (
    ChainRow,
    NotACheckpoint,
    check_checkpoint,
    compare_checkpoints,
    read_checkpoint,
    write_checkpoint,
)
from webapp.core.hash_chain import GENESIS, row_hash

WARD = {"id": str(UUID(int=1)), "code": "99001", "name": "phường Thử Nghiệm"}
NOW = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)


def chain(length: int, changed: int | None = None) -> list[ChainRow]:
    rows, previous = [], GENESIS
    for number in range(1, length + 1):
        content = {"field": "NguoiKy", "revision_end": number + (1000 if number == changed else 0)}
        previous = row_hash(previous, number, content)
        rows.append(ChainRow(number, content, previous))
    return rows


def point(length: int, *, brief: bool = False, changed: int | None = None, ward: dict[str, str] = WARD) -> bytes:
    rows = chain(length, changed)
    head = (length, rows[-1].row_hash if rows else GENESIS)
    return write_checkpoint(ward, rows, head=head, made_at=NOW, brief=brief)


def codes(*files: bytes) -> list[str]:
    read = [read_checkpoint(file) for file in files]
    flaws = [flaw for one in read for flaw in check_checkpoint(one)]
    if len(read) == 2:
        flaws += compare_checkpoints(*read)
    assert all(flaw.text() for flaw in flaws)
    return [flaw.code for flaw in flaws]


def resealed(file: bytes, change) -> bytes:
    """Give a changed file whose own hash was made to fit again, as a forger would."""
    document = json.loads(file)
    change(document)
    rows = [ChainRow(r["sequence"], r["content"], bytes.fromhex(r["row_hash"])) for r in document["rows"]]
    head = (document["last_sequence"], bytes.fromhex(document["head_hash"]))
    return write_checkpoint(document["ward"], rows, head=head, made_at=NOW, brief=False)


@pytest.mark.parametrize("length", [0, 1, 7])
@pytest.mark.parametrize("brief", [False, True])
def test_what_was_written_is_whole(length: int, brief: bool) -> None:
    assert codes(point(length, brief=brief)) == []


def test_an_edited_byte_shows_in_the_files_own_hash() -> None:
    assert codes(point(3).replace(b"NguoiKy", b"NguoiKX", 1)) == ["file_altered", "row_altered"]


def test_a_resealed_change_shows_at_its_row() -> None:
    assert codes(resealed(point(5), lambda d: d["rows"][2]["content"].update(field="x"))) == ["row_altered"]
    assert codes(resealed(point(5), lambda d: d["rows"].pop(2))) == ["row_missing"]
    assert codes(resealed(point(5), lambda d: d["rows"].pop())) == ["end_missing"]
    assert codes(resealed(point(5), lambda d: d.update(last_sequence=6))) == ["end_missing"]


@pytest.mark.parametrize(("one", "other"), [(3, 7), (7, 3), (4, 4), (0, 4)])
@pytest.mark.parametrize("brief", [False, True])
def test_a_longer_ledger_continues_a_shorter_one(one: int, other: int, brief: bool) -> None:
    short_is_brief = brief
    files = [
        point(length, brief=short_is_brief and length == min(one, other) != max(one, other)) for length in (one, other)
    ]
    assert codes(*files) == []


def test_a_rewritten_ledger_does_not_continue_the_old_checkpoint() -> None:
    assert codes(point(3), point(7, changed=2)) == ["history_differs"]
    assert codes(point(3, brief=True), point(7, changed=2)) == ["history_differs"]
    first = compare_checkpoints(read_checkpoint(point(3)), read_checkpoint(point(7, changed=2)))[0]
    assert "dòng số 2" in first.text()
    assert codes(point(3), point(7, changed=5)) == []


def test_another_wards_checkpoint_and_a_brief_longer_one_are_named() -> None:
    assert codes(point(3), point(3, ward={**WARD, "id": str(UUID(int=2))})) == ["other_ward"]
    assert codes(point(3), point(7, brief=True)) == ["not_comparable"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"%PDF-1.7",
        b'{"format": "phuong-so/signature-ledger", "version": 2}',
        point(2).replace(b'"last_sequence": 2', b'"last_sequence": true'),
        point(2).replace(b'"last_sequence": 2', b'"last_sequence": -2'),
        point(2).replace(b'"content": {', b'"content": 4, "x": {'),
        b"[" * 100_000,
    ],
)
def test_what_is_no_checkpoint_is_refused(data: bytes) -> None:
    with pytest.raises(NotACheckpoint):
        read_checkpoint(data)
