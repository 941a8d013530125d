"""Vietnamese text: one normal form for storage, one folded form for search."""

import re
import unicodedata

# NFD does not take the bar off these; U+00D0 and U+0189 are look-alikes people really type.
_BARRED_D = str.maketrans(dict.fromkeys("đĐÐƉð", "d"))

_MARKS = dict.fromkeys(mark for mark in range(0x300, 0x370) if unicodedata.combining(chr(mark)))
_GAPS = re.compile(r"[^0-9a-z]+")


def clean(value: str) -> str:
    """Normalise to NFC and collapse white space; what every stored text went through."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def fold(value: str) -> str:
    """Fold for search: lower case, no marks, Đ and its look-alikes as d. `fold("Trần Đình Ấn") == "tran dinh an"`."""
    decomposed = unicodedata.normalize("NFD", value.translate(_BARRED_D).casefold())
    plain = decomposed.translate(_MARKS)
    if plain.isascii():  # nearly every Vietnamese text; three times as fast, and an import folds a million words
        return _GAPS.sub(" ", plain).strip()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare.translate(_BARRED_D)).split())


def fold_words(value: str) -> list[str]:
    """Give the distinct folded words in order of appearance."""
    return list(dict.fromkeys(fold(value).split()))
