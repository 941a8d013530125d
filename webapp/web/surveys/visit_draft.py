"""A visit on its way through the pages: what was typed, and which of it a page carries along unseen."""

import re
from uuid import UUID

from werkzeug.exceptions import NotFound

from webapp.core.survey_checks import ADULTS_MAX
from webapp.web.surveys.visit_fields import EXTRA, EXTRA_SEEN, Fields
from webapp.web.surveys.visit_form import MINOR_PARTS, VisitForm

HOUSE = (
    "fibre_connected",
    "fibre_covered",
    "fibre_speed",
    "iot_connections",
    "iot_connections_unknown",
    "payment_accounts",
    "residents_15plus",
    "note",
)
_ADULT = re.compile(r"adults-([0-9]{1,4})-")
_NOT_CARRIED = {"csrf_token", "action", "content", "confirmed", "reason"}


class Draft:
    """Fields as typed and the form made of them."""

    def __init__(self, fields: Fields) -> None:
        self.fields = _numbered(fields)
        self.form = VisitForm(self.fields)

    @property
    def by_totals(self) -> bool:
        """Tell whether only totals are known."""
        return bool(self.form.mode.data == "totals")

    @property
    def visit_id(self) -> UUID:
        """Give the identifier that was made when the form was opened. Raises NotFound for anything else."""
        try:
            return UUID(self.form.visit_id.data or "")
        except ValueError as error:
            raise NotFound from error

    @property
    def base_revision(self) -> int | None:
        """Give the revision that is being corrected; None for a new visit."""
        text = self.form.base_revision.data or ""
        return int(text) if text.isdecimal() else None

    @property
    def bands(self) -> list[tuple[str, str]]:
        """Give the bands (name, part of the form) in which the household has minors."""
        return [(band.name, part) for band, part in MINOR_PARTS.items() if self.form[part].form.count.data]

    def carried_on_start(self) -> list[tuple[str, str]]:
        """Give what the first page carries."""
        shown = {"outcome", "visited_on", *(f"{part}-count" for part in MINOR_PARTS.values())}
        if not self.form.adults.entries:
            shown.add("adult_count")
        return [(name, value) for name, value in self._all() if name not in shown]

    def carried_on_details(self) -> list[tuple[str, str]]:
        """Give what the second page carries."""
        return [(name, value) for name, value in self._all() if not self._on_details(name)]

    def carried_on_extra(self, shown: list[str]) -> list[tuple[str, str]]:
        """Give what the page of extra questions carries: all but the questions shown there."""
        names = {EXTRA_SEEN, *(EXTRA + name for name in shown)}
        return [(name, value) for name, value in self._all() if name not in names]

    @property
    def extra_seen(self) -> set[str]:
        """Give the extra questions that were shown already."""
        return set(self.fields.get(EXTRA_SEEN, "").split())

    def _all(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields.items(multi=True) if name not in _NOT_CARRIED]

    def _on_details(self, name: str) -> bool:
        part, dash, _ = name.partition("-")
        if not dash:
            return name in HOUSE
        if part == "totals":
            return self.by_totals
        if part == "adults":
            return not self.by_totals
        return not self.by_totals and not name.endswith("-count") and part in dict(self.bands).values()

    def add_adult(self) -> "Draft":
        """Give the draft with one more, empty, line."""
        return self.with_adults(len(self.form.adults.entries) + 1)

    def with_adults(self, count: int) -> "Draft":
        """Give the draft with at least `count` lines; none is taken away."""
        fields = self.fields.copy()
        for number in range(len(self.form.adults.entries), min(count, ADULTS_MAX + 1)):
            fields[f"adults-{number}-last"] = ""
        return Draft(fields)

    def without_adult(self, number: str) -> "Draft":
        """Give the draft without the line of that number (from 0)."""
        prefix = f"adults-{number}-"
        kept = [(name, value) for name, value in self.fields.items(multi=True) if not name.startswith(prefix)]
        return Draft(Fields(kept))


def _numbered(fields: Fields) -> Fields:
    """Renumber the adults' lines from 0 without a gap, as the form does: names and lines must not drift apart."""
    numbers = sorted({int(found[1]) for name in fields if (found := _ADULT.match(name))})
    place = {str(number): str(index) for index, number in enumerate(numbers)}
    if all(number == index for number, index in place.items()):
        return fields
    return Fields(
        (_ADULT.sub(lambda found: f"adults-{place[str(int(found[1]))]}-", name), value)
        for name, value in fields.items(multi=True)
    )
