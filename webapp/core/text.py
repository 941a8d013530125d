"""Vietnamese text: one normal form for storage, one folded form for search."""

import unicodedata

# NFD does not take the bar off these; U+00D0 and U+0189 are look-alikes people really type.
_BARRED_D = str.maketrans(dict.fromkeys("đĐÐƉð", "d"))


def clean(value: str) -> str:
    """Normalise to NFC and collapse white space; what every stored text went through."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def fold(value: str) -> str:
    """Fold for search: lower case, no marks, Đ and its look-alikes as d. `fold("Trần Đình Ấn") == "tran dinh an"`."""
    decomposed = unicodedata.normalize("NFD", value.translate(_BARRED_D).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare.translate(_BARRED_D)).split())


def fold_words(value: str) -> list[str]:
    """Give the distinct folded words in order of appearance."""
    return list(dict.fromkeys(fold(value).split()))
