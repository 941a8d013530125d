"""Who may talk to the agent: rules on Host, Origin and the token, as plain functions.

A browser sends every page's wishes to 127.0.0.1. What keeps strangers out: the Host header must name loopback (a name
that DNS rebinding points here does not), the Origin must be a paired one, and its token must come along.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


def own_hosts(port: int) -> frozenset[str]:
    """Return what the Host header may say."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK)


def own_origins(port: int) -> frozenset[str]:
    """Return the origins of the agent's own pages."""
    return frozenset(f"http://{host}" for host in own_hosts(port))


def tidy_origin(text: str) -> str | None:
    """Return an origin as browsers write it, or None when it is none that may be paired.

    https only; plain http only for a ward on this very machine. A page of a private network without https could be
    anybody's on that network.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    bare = parts.path in {"", "/"} and not parts.query and not parts.fragment and not parts.username
    if not host or not bare or not host.isascii() or len(text) > 200:
        return None
    shown = f"[{host}]" if ":" in host else host
    if parts.scheme not in {"https", "http"} or (parts.scheme == "http" and shown not in LOOPBACK):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, usual} else "")


def same_origin(url: str, origin: str) -> bool:
    """Return True when an address to fetch from lies at this origin."""
    parts = urlsplit(url)
    try:
        return tidy_origin(f"{parts.scheme}://{parts.netloc}") == origin
    except ValueError:
        return False


def cors(origin: str) -> dict[str, str]:
    """Return the headers that let a paired page read an answer; never a wildcard, never with credentials."""
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def preflight(origin: str, *, private_network: bool) -> dict[str, str]:
    """Return the headers that let a paired page send its request (Fetch; Private Network Access)."""
    headers = {
        **cors(origin),
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "60",
    }
    if private_network:
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers
