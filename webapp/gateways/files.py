"""A folder of content-addressed files."""

import contextlib
import datetime as dt
import errno
import hashlib
import math
import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from webapp.core.errors import N_, Conflict, NotFound, StorageFull

ASIDE: Final = ".new-"
SWEPT: Final = ".swept"
"""Folder of files that no row named; an administrator can take one back for a month."""
SWEPT_DAYS: Final = 30
_ALTERED: Final = N_("Tệp lưu trên máy chủ đã bị thay đổi. Hãy báo quản trị.")


@contextlib.contextmanager
def _full_disk_is_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise


def _still_there(path: Path) -> bool:
    """Tell whether the file is there, and mark it as stored now: the sweep leaves it alone."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _stored_at(path: Path) -> float:
    """Give when the file was last stored (seconds since the epoch); a file that is gone is never old."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


class FolderStore:
    """Files under `root/ab/abcdef…`; written aside, synced, then renamed, so a name never shows half a file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound
        return self.root / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Store and give the name. Raises StorageFull."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if _still_there(path):
            return name
        with _full_disk_is_named():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=path.parent, prefix=ASIDE)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(aside).replace(path)
            except BaseException:
                Path(aside).unlink(missing_ok=True)
                raise
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return name

    def get(self, sha256: str) -> bytes:
        """Give the bytes. Raises NotFound; raises Conflict when they no longer match their name."""
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Conflict(_ALTERED)
        return content

    def open(self, sha256: str) -> BinaryIO:
        """Open it, checked in pieces. Raises as `get`."""
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError as error:
            raise NotFound from error
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise Conflict(_ALTERED)
        file.seek(0)
        return file

    def exists(self, sha256: str) -> bool:
        """Tell whether the file is there."""
        return self._path(sha256).exists()

    def sweep(self, kept: Collection[str], *, before: dt.datetime) -> int:
        """Put old files without a row aside, delete what was put aside a month ago, and half files of dead uploads."""
        limit, gone = before.timestamp(), 0
        for path in sorted(self.root.glob("??/*")):
            if _stored_at(path) >= limit or path.name in kept:
                continue
            if path.name.startswith(ASIDE):
                path.unlink(missing_ok=True)
                gone += 1
            elif len(path.name) == 64:
                gone += self._put_aside(path, limit)
        for path in (self.root / SWEPT).glob("*"):
            if _stored_at(path) < limit - SWEPT_DAYS * 86_400:
                path.unlink(missing_ok=True)
        return gone

    def _put_aside(self, path: Path, limit: float) -> bool:
        """Move one file; whoever stored it again at this very moment gets it back."""
        aside = self.root / SWEPT / path.name
        aside.parent.mkdir(exist_ok=True)
        try:
            path.replace(aside)
        except FileNotFoundError:
            return False
        if _stored_at(aside) >= limit:
            aside.replace(path)
            return False
        os.utime(aside)
        return True

    def delete(self, sha256: str) -> None:
        """Take a file away if it is there."""
        self._path(sha256).unlink(missing_ok=True)
