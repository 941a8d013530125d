"""Tables as CSV that opens right in a spreadsheet: UTF-8 with a mark, and no cell that could run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

# What spreadsheets take for the beginning of a formula (tab and carriage return hide one), also in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(value: object) -> object:
    """Give the value, with an apostrophe before a text that a spreadsheet would run; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" \n").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table (RFC 4180). None becomes an empty cell; ratios keep a decimal point for programs."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(name) for name in header])
    writer.writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
