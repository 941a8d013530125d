"""Reading PDF dictionaries. ``dict.get`` of pyHanko's dictionaries does not follow references; this does."""

from __future__ import annotations

from pyhanko.pdf_utils import generic


def entry(owner: generic.PdfObject | None, key: str) -> generic.PdfObject | None:
    """Return the entry with references followed; None when it is absent, null, or ``owner`` is no dictionary."""
    if not isinstance(owner, generic.DictionaryObject):
        return None
    try:
        value: generic.PdfObject = owner[key]
    except KeyError:
        return None
    return value


def subdictionary(owner: generic.PdfObject | None, key: str) -> generic.DictionaryObject:
    """As ``entry``; an empty dictionary when there is none."""
    value = entry(owner, key)
    return value if isinstance(value, generic.DictionaryObject) else generic.DictionaryObject()


def members(owner: generic.PdfObject | None, key: str) -> list[generic.PdfObject]:
    """Return the members of an array entry, references not followed; empty when there is no array."""
    value = entry(owner, key)
    return list(value) if isinstance(value, generic.ArrayObject) else []
