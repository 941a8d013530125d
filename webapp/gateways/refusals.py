"""What the signing room refuses, said in the domain's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from signing import SigningError
from webapp.core.errors import SigningRefused


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the room's errors into SigningRefused; its texts hold no PIN, path or name."""
    try:
        yield
    except SigningError as error:
        raise SigningRefused(error.code, error.vi, english=error.en) from error
