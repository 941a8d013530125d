"""Names to log in with, and what makes a password acceptable (QCVN 12:2026/BCA; ASVS 5.0 6.2)."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from webapp.core.errors import N_, Problem
from webapp.core.text import clean, fold

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")
SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 200

# Words about this product that a guesser tries first.
_PRODUCT_WORDS: Final = ("phuongso", "phuong so", "phuong-so", "tructuyen", "chinhquyen", "ubnd", "uybannhandan")
_LEET: Final = str.maketrans("@4310$57!", "aaeiossti")
_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normal_username(value: str) -> str:
    """Give the one stored form of a typed name: phones capitalise the first letter and add a blank."""
    return clean(value).casefold()


def username_problems(username: str, *, field: str = "username") -> list[Problem]:
    """Tell what is wrong with a normalised username; nothing when it may be used."""
    if USERNAME.fullmatch(username):
        return []
    return [
        Problem(
            field,
            N_("Tên đăng nhập dài từ 3 đến 60 ký tự, chỉ gồm chữ không dấu, chữ số, dấu chấm, gạch dưới và gạch nối."),
        )
    ]


def suggest_username(display_name: str, taken: Iterable[str] = ()) -> str:
    """Suggest a name as offices do: given name, then initials. `Nguyễn Thị Ánh` gives `anhnt`, then `anhnt2`."""
    words = fold(display_name).split()
    base = "".join([words[-1], *(word[0] for word in words[:-1])])[:50] if words else "canbo"
    base = base if len(base) >= 3 else f"{base}pho"[:3]
    used = set(taken)
    number, name = 1, base
    while name in used:
        number += 1
        name = f"{base}{number}"
    return name


def is_idle(*moments: dt.datetime | None, now: dt.datetime, days: int) -> bool:
    """Tell whether an account was left alone for more than `days`: since its making, last use and last new password."""
    return max(moment for moment in moments if moment is not None) < now - dt.timedelta(days=days)


def normal_password(value: str) -> str:
    """Give the one form that is hashed: keyboards write the same Vietnamese letter in two ways (NFC and NFD)."""
    return unicodedata.normalize("NFC", value)


@cache
def _known_bad() -> frozenset[str]:
    text = (files("webapp") / "resources" / "known-bad-passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def _shapes(password: str) -> set[str]:
    """Give what a guesser would have tried to arrive at the password: no marks, no blanks, no look-alikes."""
    plain = fold(password).replace(" ", "") if password.strip() else ""
    typed = password.casefold()
    return {typed, plain, typed.translate(_LEET), _EDGES.sub("", typed).translate(_LEET)}


def _is_simple(password: str) -> bool:
    """Find one repeated piece (`abababab`) and runs (`12345678`, `hgfedcba`)."""
    if len(set(password)) <= 2:
        return True
    if any(password == password[:size] * (len(password) // size) for size in (2, 3, 4)):
        return True
    steps = {ord(b) - ord(a) for a, b in pairwise(password)}
    return steps in ({1}, {-1})


def password_problems(password: str, *, own_words: Iterable[str] = (), field: str = "password") -> list[Problem]:
    """Tell what is wrong with a new password; nothing when it may be used.

    `own_words` are the username, the person's name and the ward's name: a password must not be one of them. No rules
    about kinds of characters: they make people write passwords down (NIST SP 800-63B).
    """
    password = normal_password(password)
    if len(password) < SHORTEST_PASSWORD:
        return [Problem(field, N_("Mật khẩu cần ít nhất %(least)s ký tự."), {"least": SHORTEST_PASSWORD})]
    if len(password) > LONGEST_PASSWORD:
        return [Problem(field, N_("Mật khẩu dài nhất %(most)s ký tự."), {"most": LONGEST_PASSWORD})]
    shapes = _shapes(password)
    own = {fold(word).replace(" ", "") for word in own_words} | set(_PRODUCT_WORDS)
    if shapes & (own - {""}):
        return [Problem(field, N_("Mật khẩu không được là tên của bạn, tên phường hay tên chương trình."))]
    if _is_simple(password.casefold()) or shapes & _known_bad():
        return [Problem(field, N_("Mật khẩu này quá dễ đoán. Hãy ghép vài từ mà chỉ bạn biết."))]
    return []
