"""Where the agent keeps its few things, and where the libraries of tokens usually lie."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = "1"
"""Version of the conversation with the ward's page; a page that speaks another one says so."""

DEFAULT_PORT: Final = 17273
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
"""Bound of what a page may send: fifty prepared signatures are well below one megabyte."""

MAX_BATCH: Final = 200  # fifty documents with their attachments
MAX_BATCH_BYTES: Final = 400 * 1024 * 1024
"""Bound of the documents of one batch, which are kept in memory until it ends."""

FETCH_SECONDS: Final = 60
CODE_SECONDS: Final = 300
CODE_TRIES: Final = 5
BATCH_SECONDS: Final = 900
HISTORY: Final = 50

_LIBRARIES: Final = {
    "win32": (
        r"C:\Windows\System32\eTPKCS11.dll",
        r"C:\Windows\System32\eps2003csp11.dll",
        r"C:\Windows\System32\eps2003csp11v2.dll",
        r"C:\Windows\System32\vnptca_p11_v8.dll",
        r"C:\Windows\System32\viettel-ca_v6.dll",
        r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll",
    ),
    "darwin": ("/usr/local/lib/libeTPkcs11.dylib", "/Library/OpenSC/lib/opensc-pkcs11.so"),
    "linux": (
        "/usr/lib/libeToken.so",
        "/usr/lib/libcastle.so.1.0.0",
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/x86_64-linux-gnu/pkcs11/opensc-pkcs11.so",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """``folder`` holds the notebook and the key files; ``modules`` are PKCS#11 libraries, tried in this order."""

    folder: Path
    port: int = DEFAULT_PORT
    modules: tuple[Path, ...] = ()

    @property
    def key_folder(self) -> Path:
        """Where a person without a token puts a PKCS#12 file."""
        return self.folder / "keys"

    @property
    def notebook(self) -> Path:
        """Paired wards, certificates of key files, last signings; no key, no PIN."""
        return self.folder / "agent.json"

    @property
    def address(self) -> str:
        """What a browser on this machine opens."""
        return f"http://127.0.0.1:{self.port}"


def default_folder() -> Path:
    """Return this person's own folder for the agent."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", home)) / "phs-agent"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "phs-agent"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "phs-agent"


def installed_libraries() -> tuple[Path, ...]:
    """Return the usual libraries that are there."""
    return tuple(path for name in _LIBRARIES.get(sys.platform, ()) if (path := Path(name)).exists())
