"""Word files: written from the values of a composed document."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from webapp.gateways.word_letter import fill_letter


class WordPrograms:
    """Implements core.ports.WordDesk."""

    def letter(self, values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
        """Fill the template of webapp/gateways/word_letter.py."""
        return fill_letter(values, moment=moment)
