"""Going back to where somebody wanted to go: only inside this application."""

from urllib.parse import urlsplit


def inside(target: str | None) -> str | None:
    """Give the path and query of an address inside this application; None for anything else (open redirect)."""
    if not target or any(ord(c) < 32 for c in target) or "\\" in target:
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
