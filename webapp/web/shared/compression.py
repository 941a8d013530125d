"""Gzip for what is public and the same for everybody: built files and the phone form's page.

Phones fetch these over slow lines, and a ward may run without a proxy that compresses. Answers with anybody's data are
left alone: compressing secrets beside what a stranger chose gives them away by their size (BREACH).
"""

import gzip
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final, Protocol, runtime_checkable

from flask import Flask, Response, request

TEXT: Final = frozenset(
    {"text/css", "text/html", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
SMALLEST: Final = 500


@runtime_checkable
class Closing(Protocol):
    """What an answer that reads a file goes through."""

    def close(self) -> None:
        """Close the file."""


def compressed(response: Response) -> Response:
    """Pack a public text when the browser can unpack it; pictures and fonts are packed already."""
    if response.status_code != 200 or response.mimetype not in TEXT:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0:
        return response
    response.direct_passthrough = False
    file = response.response
    data = response.get_data()
    if isinstance(file, Closing):
        file.close()
    if len(data) < SMALLEST:
        return response
    response.set_data(_packed(data))
    response.headers["Content-Encoding"] = "gzip"
    etag, _weak = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # other bytes of the same thing
    return response


@lru_cache(maxsize=32)
def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def register(app: Flask) -> None:
    """Pack the static files."""
    plain: Callable[..., Any] = app.view_functions["static"]

    @wraps(plain)
    def static(**values: Any) -> Response:  # noqa: ANN401 - the parts of an address
        return compressed(app.make_response(plain(**values)))

    app.view_functions["static"] = static
