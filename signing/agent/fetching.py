"""Fetching a prepared document from the ward that asked, and from nowhere else."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from signing.agent.doors import same_origin
from signing.agent.errors import WardUnreachable
from signing.agent.settings import FETCH_SECONDS, VERSION

_PIECE: Final = 256 * 1024


class _NoRedirect(HTTPRedirectHandler):
    """A one-time address leads to the file itself; following elsewhere would leave the paired ward."""

    def redirect_request(self, *_parts: Any) -> Request | None:  # noqa: ANN401
        """Follow nothing."""
        return None


def make_opener() -> OpenerDirector:
    """Return an opener that knows the system's certificates and proxies, and follows no redirect."""
    return build_opener(_NoRedirect)


def fetch(url: str, *, origin: str, size: int) -> bytes:
    """Return the document: from ``origin`` only, exactly ``size`` bytes, within a minute. Raises WardUnreachable."""
    if not same_origin(url, origin):
        raise WardUnreachable(
            "Văn bản không nằm ở máy chủ của phường đã kết nối nên không tải.",
            "The document is not at the paired ward.",
        )
    ends = time.monotonic() + FETCH_SECONDS
    request = Request(url, headers={"User-Agent": f"phs-agent/{VERSION}", "Accept": "application/pdf"})  # noqa: S310
    try:
        with make_opener().open(request, timeout=FETCH_SECONDS / 2) as answer:
            data = bytearray()
            while len(data) <= size and (piece := answer.read(_PIECE)):
                data += piece
                if time.monotonic() > ends:
                    raise WardUnreachable
    except HTTPError as error:
        error.close()
        raise WardUnreachable from error
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise WardUnreachable from error
    return bytes(data[: size + 1])
