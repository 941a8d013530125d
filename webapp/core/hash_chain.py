"""The arithmetic of the hash chains: each row's hash covers its content, its place and the hash before it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

GENESIS: Final = bytes(32)


def row_hash(previous_hash: bytes, sequence: int, content: Mapping[str, Any]) -> bytes:
    """Hash one row: SHA-256 over the previous hash and the row's canonical JSON."""
    canonical = json.dumps({"sequence": sequence, **content}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous_hash + canonical.encode()).digest()
