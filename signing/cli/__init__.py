"""Commands. ``sign`` and ``validate`` are click commands that another program may mount under its own group."""

from __future__ import annotations

from signing.cli.main import main, signing
from signing.cli.sign import sign
from signing.cli.validate import validate

__all__ = ["main", "sign", "signing", "validate"]
