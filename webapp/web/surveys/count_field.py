"""A field for whole numbers as people really write them."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from wtforms import IntegerField

# "1.234" and "1 234" (also with a narrow or unbreakable space) are thousands here and nothing else.
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+")
_DIGITS = re.compile(r"[0-9]{1,9}")
_TWO_READINGS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


def read_count(text: str) -> int:
    """Read a whole number from 0. Raises ValueError, with what to do, when it is none or can be read two ways."""
    text = text.strip()
    if _THOUSANDS.fullmatch(text):
        text = re.sub(r"\D", "", text)
    if _DIGITS.fullmatch(text):
        return int(text)
    if _TWO_READINGS.fullmatch(text):
        raise ValueError(_("Chưa rõ số này. Ghi liền các chữ số, ví dụ %(plain)s.", plain=text.replace(",", "")))
    if text.startswith("-"):
        raise ValueError(_("Ghi số từ 0 trở lên."))
    raise ValueError(_("Ghi một số nguyên bằng chữ số, ví dụ 4."))


class CountField(IntegerField):  # type: ignore[misc]  # wtforms ships no types
    """A count; blank is None (not answered), and what was typed stays on the page when it is wrong."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed."""
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = read_count(valuelist[0])
