"""A folder of content-addressed files."""

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from webapp.core.errors import N_, Conflict, NotFound, StorageFull


@contextlib.contextmanager
def _full_disk_is_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise


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
        if path.exists():
            return name
        with _full_disk_is_named():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
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
            raise Conflict(N_("Tệp lưu trên máy chủ đã bị thay đổi. Hãy báo quản trị."))
        return content

    def exists(self, sha256: str) -> bool:
        """Tell whether the file is there."""
        return self._path(sha256).exists()

    def delete(self, sha256: str) -> None:
        """Take a file away if it is there."""
        self._path(sha256).unlink(missing_ok=True)
