"""The agent's own pages: plain HTML without scripts, every text of a stranger escaped."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import Final

_HERE: Final = files("signing.agent.pages")
_PAGE: Final = Template(_HERE.joinpath("page.html").read_text(encoding="utf-8"))
STYLE: Final = _HERE.joinpath("agent.css").read_bytes()


def whole_page(title: str, body: str, *, address: str, refresh: int = 0) -> bytes:
    """Return a page; ``refresh`` in seconds asks the browser to look again."""
    again = f'<meta http-equiv="refresh" content="{refresh}">\n' if refresh else ""
    text = _PAGE.substitute(title=escape(title), body=body, address=escape(address), refresh=again)
    return text.encode("utf-8")


def notice(tone: str, title: str, text: str = "") -> str:
    """Return a message: ``ok``, ``warn`` or ``danger``, always with a word."""
    more = f"<p>{escape(text)}</p>" if text else ""
    role = "alert" if tone == "danger" else "status"
    return f'<div class="notice {tone}" role="{role}"><b>{escape(title)}</b>{more}</div>'


def form(action: str, token: str, inside: str) -> str:
    """Return a form of the agent's own; ``token`` proves that it came from here."""
    return (
        f'<form method="post" action="{escape(action)}" autocomplete="off">'
        f'<input type="hidden" name="form_token" value="{escape(token)}">{inside}</form>'
    )


def card(title: str, inside: str) -> str:
    """Return a titled section."""
    return f'<section class="card"><h2>{escape(title)}</h2>{inside}</section>'
