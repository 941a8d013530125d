"""The agent's memory: one small JSON file of its owner's, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_EMPTY: Final[dict[str, Any]] = {"pairings": [], "files": {}, "history": []}


class Notebook:
    """``pairings``: origin, hash of its token, times. ``files``: certificates of key files. ``history``: last signings.

    A file that cannot be read counts as empty: then wards are paired again, which is safe.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()

    def read(self) -> dict[str, Any]:
        """Return everything."""
        with self._lock:
            try:
                found = json.loads(self._path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                found = {}
        kept = found if isinstance(found, dict) else {}
        return {
            name: kept[name] if isinstance(kept.get(name), type(empty)) else type(empty)()
            for name, empty in _EMPTY.items()
        }

    @contextmanager
    def change(self) -> Iterator[dict[str, Any]]:
        """Read, let the caller change, write."""
        with self._lock:
            content = self.read()
            yield content
            self._write(content)

    def _write(self, content: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".agent.", suffix=".tmp")  # 0600 from the start
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(content, out, ensure_ascii=False, indent=1)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
