"""The store of files on a disk that fills up."""

import errno
import os
from pathlib import Path

import pytest

from webapp.core.errors import Conflict, NotFound, StorageFull
from webapp.gateways.files import FolderStore


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_is_named_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    store = FolderStore(tmp_path)
    kept = store.put(b"before")

    def full(_handle: int) -> None:
        raise OSError(number, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageFull):
            store.put(b"too much")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    assert store.get(store.put(b"too much")) == b"too much"


def test_a_file_is_opened_only_when_it_is_what_its_name_says(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    name = store.put(b"a document")
    with store.open(name) as file:
        assert file.read() == b"a document"
    (tmp_path / name[:2] / name).write_bytes(b"another")
    with pytest.raises(Conflict):
        store.open(name)
    with pytest.raises(NotFound):
        store.open("0" * 64)
