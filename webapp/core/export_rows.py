"""A stored revision of a visit → the cells of a row, and the object of a JSON export.

Takes plain rows as the query reads them, because a hundred thousand of them pass through here. Which answers to a
round's extra questions may be among them is said by `core.export_extra`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webapp.core.export_extra import NO_EXTRA, ExtraColumns
from webapp.core.exports import MINOR_BANDS, VISIT_COLUMNS, ExportTable
from webapp.core.surveys import VisitOutcome
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS

_TOTALS: Final = {
    "smartphone": "smartphone_adults",
    "digital_signature": "digital_signature_adults",
    "signature": "esignature_adults",
}
_HEAD: Final = tuple(column.code for column in VISIT_COLUMNS)


@dataclass(frozen=True, slots=True)
class ExportedVisit:
    """One revision: `head` by the codes of VISIT_COLUMNS, `stored` the revision's row, `lines` its adults in order."""

    head: Mapping[str, Any]
    stored: Any
    lines: Sequence[Any]

    @property
    def interviewed(self) -> bool:
        """Whether there are answers."""
        return self.stored.outcome is VisitOutcome.INTERVIEWED


def table_rows(visit: ExportedVisit, table: ExportTable) -> Iterator[dict[str, Any]]:
    """Give the rows that a visit puts into a table, by column code."""
    if table is ExportTable.VISITS:
        yield {**visit.head, **(_answers(visit) if visit.interviewed else {})}
        return
    for line in visit.lines:
        yield {**visit.head, "line": line.line, **{name: getattr(line, name) for name in ADULT_COLUMNS}}


def _answers(visit: ExportedVisit) -> dict[str, Any]:
    rest: Mapping[str, Any] = visit.stored.answers
    totals = rest.get("totals")
    minors = {line["band"]: line["count"] for line in rest.get("minors", ())}
    values = {name: getattr(visit.stored, name) for name in ANSWER_COLUMNS}
    values["note"] = rest.get("note")
    if totals is None:
        values |= {f"minors_{band}": minors.get(band, 0) for band in MINOR_BANDS}
        return values | _of_lines(visit.lines, sum(minors.values()))
    values |= {"residents": totals["residents"], "adults": totals["adults"]}
    values |= {f"adults_{code}": totals.get(name) for code, name in _TOTALS.items()}
    return values | {
        "digital_id_residents": totals.get("digital_id_residents"),
        "vneid_l2_residents": totals.get("vneid_l2"),
    }


def _of_lines(lines: Sequence[Any], minors: int) -> dict[str, int]:
    values = {"residents": len(lines) + minors, "adults": len(lines)}
    answers: dict[str, list[bool | None]] = {
        "smartphone": [line.smartphone for line in lines],
        "digital_id": [line.digital_id for line in lines],
        "vneid_l2": [None if line.vneid_level is None else line.vneid_level == 2 for line in lines],
        "digital_signature": [line.digital_signature for line in lines],
        "signature": [_either(line.digital_signature, line.e_signature) for line in lines],
    }
    for code, given in answers.items():
        values[f"adults_{code}"] = given.count(True)
        values[f"adults_{code}_unknown"] = given.count(None)
    return values


def _either(digital: bool | None, other: bool | None) -> bool | None:  # noqa: FBT001 - answers, not switches
    """Say whether an adult has a signature of either kind (the union of plan III.1)."""
    if digital or other:
        return True
    return None if digital is None or other is None else False


def visit_object(visit: ExportedVisit, *, names: bool, extra: ExtraColumns = NO_EXTRA) -> dict[str, Any]:
    """Give a visit as an object for JSON: plain values, unknowns left out, adults nested in the answers."""
    personal = {column.code for column in VISIT_COLUMNS if column.personal}
    found = {name: plain(visit.head[name]) for name in _HEAD if (names or name not in personal) and name in visit.head}
    if visit.interviewed:
        rest = {key: value for key, value in visit.stored.answers.items() if names or key != "note"}
        house = {name: plain(getattr(visit.stored, name)) for name in ANSWER_COLUMNS}
        adults = [_known({name: plain(getattr(line, name)) for name in ADULT_COLUMNS}) for line in visit.lines]
        found["answers"] = {**rest, **_known(house), **({"adults": adults} if adults else {})}
    if given := extra.given(visit.stored):
        found["extra"] = given
    found["confirmed"] = visit.stored.confirmed
    return _known(found)


def plain(value: Any) -> Any:  # noqa: ANN401 - values of columns
    """Give a value as JSON holds it."""
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
