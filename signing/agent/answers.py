"""What comes in and goes out, as plain values: the rules can be tested without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from signing.agent.errors import OrderUnreadable

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PAGE_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request. Header names in lower case; ``fields`` are the query's or the form's."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:  # noqa: ANN401  -- a page's JSON
        """Return the body as JSON. Raises OrderUnreadable; the content type is what makes a browser ask beforehand."""
        if self.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            raise OrderUnreadable
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise OrderUnreadable from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with all its headers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def page(body: bytes, *, status: int = 200) -> Answer:
    """Return one of the agent's own pages: no script runs there, nobody frames it."""
    headers = {
        **_ALWAYS,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _PAGE_POLICY,
    }
    return Answer(status=status, headers=headers, body=body)


def file(body: bytes, kind: str) -> Answer:
    """Return a picture, a style sheet or a PDF for the agent's own pages."""
    return Answer(headers={**_ALWAYS, "Content-Type": kind}, body=body)


def data(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return JSON for a paired page."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8")
    shown = {**_ALWAYS, "Cross-Origin-Resource-Policy": "cross-origin", **(headers or {})}
    return Answer(status=status, headers={**shown, "Content-Type": "application/json"}, body=body)


def bare(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer without content."""
    return Answer(status=status, headers={**_ALWAYS, **(headers or {})})


def go_to(path: str) -> Answer:
    """Return "see there" after a form was taken."""
    return bare(303, {"Location": path})
