"""URL converters."""

import datetime as dt

from werkzeug.routing import BaseConverter, ValidationError


class DayConverter(BaseConverter):
    """A day in an address, ISO 8601: /adoption/2026-11-22."""

    def to_python(self, value: str) -> dt.date:
        """Read; anything else is 404."""
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: dt.date) -> str:
        """Write."""
        return value.isoformat()
