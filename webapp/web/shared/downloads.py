"""Stored files on their way out, in pieces."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from flask import Response, request, send_file

from webapp.web.shared.wiring import files

PDF = "application/pdf"
PIECE = 64 * 1024


def stored(sha256: str, *, name: str, mimetype: str = PDF) -> Response:
    """Give a stored file as a download; it is checked first and never whole in memory. Raises NotFound, Conflict."""
    file = files().open(sha256)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    answer = send_file(file, mimetype=mimetype, as_attachment=True, download_name=name, conditional=False)
    answer.response = _pieces(file)
    answer.call_on_close(file.close)
    answer.content_length = size
    answer.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    return answer


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Read to the end and close: who reads all of it need not."""
    with file:
        while piece := file.read(PIECE):
            yield piece
