"""Word files: written from the values of a composed document, checked, and turned into PDF."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from webapp.core.word_files import WordRefused
from webapp.gateways.libreoffice import find_office, office_to_pdf, without_network
from webapp.gateways.word_guard import safe_copy
from webapp.gateways.word_letter import fill_letter
from webapp.settings import Settings


class WordPrograms:
    """Implements core.ports.WordDesk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def letter(self, values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
        """Fill the template of webapp/gateways/word_letter.py."""
        return fill_letter(values, moment=moment)

    def available(self) -> bool:
        """Tell whether LibreOffice is here."""
        return find_office(self._settings.soffice) is not None

    def program(self) -> str:
        """Say for the administrator which program it is and whether it is kept from the network."""
        found = find_office(self._settings.soffice)
        if found is None:
            return ""
        return f"{found}, {'không có mạng' if without_network() else 'còn thấy mạng (thiếu unshare)'}"

    def inspect(self, docx: bytes) -> None:
        """Look through a file. Raises WordRefused."""
        safe_copy(docx)

    def convert(self, docx: bytes, *, beat: Callable[[], None]) -> bytes:
        """Turn a file into PDF. Raises WordRefused, and what `beat` raises to stop."""
        office = find_office(self._settings.soffice)
        if office is None:
            raise WordRefused("missing")
        return office_to_pdf(office, safe_copy(docx), seconds=self._settings.word_seconds, beat=beat)
