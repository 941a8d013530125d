"""The answers of one imported household: totals only, as the file has no line per adult."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from webapp.core.errors import N_
from webapp.core.import_columns import COLUMNS
from webapp.core.import_values import Cell
from webapp.core.surveys import Answers, Totals, VisitOutcome

MISSING: Final = N_("chưa có số; nếu không hỏi được hộ này thì ghi kết quả gặp hộ (vắng nhà, từ chối …)")
BOTH_MARKED: Final = N_("đánh dấu cả cột “Có” và cột “Không”; hãy bỏ một dấu")
SPLIT_TOO_MANY: Final = N_("cộng người có và người không có điện thoại (%(sum)s) nhiều hơn số người lớn (%(adults)s)")
NOT_ASKED: Final = N_("kết quả là không hỏi được mà vẫn có số liệu; hãy sửa một trong hai")

_TOTALS: Final = (
    "residents_14plus",
    "digital_id_residents",
    "vneid_l2",
    "esignature_adults",
    "digital_signature_adults",
)
# A list may know how many people live behind a closed door; what they have, nobody asked.
_KNOWN_UNASKED: Final = frozenset({"number", "residents", "adults", "residents_14plus", "residents_15plus"})
_ASKED: Final = tuple(
    column.key for column in COLUMNS if column.kind in {"count", "yes_no", "speed"} and column.key not in _KNOWN_UNASKED
)


class Blame(Protocol):
    """Says what is wrong with the cell of a column in the row at hand."""

    def __call__(self, key: str, message: str, cell: Cell = None, /, **params: object) -> None:
        """Note the problem."""


def answers_of(outcome: VisitOutcome, values: Mapping[str, Any], blame: Blame) -> Answers | None:
    """Build the answers from the values read (column key → value; unreadable cells are left out, empty ones None)."""
    if outcome is not VisitOutcome.INTERVIEWED:
        if any(values.get(key) for key in _ASKED):
            blame("outcome", NOT_ASKED)
        return None
    for key in ("residents", "adults"):
        if key in values and values[key] is None:
            blame(key, MISSING)
    smartphone = _smartphone(values, blame)
    covered = _yes_or_no(values, "fibre_covered", blame)
    connected = _yes_or_no(values, "fibre_connected", blame)
    residents, adults, speed = values.get("residents"), values.get("adults"), values.get("fibre_speed")
    if residents is None or adults is None:
        return None
    if speed is not None and "fibre_connected" not in values:
        connected = True  # a table that asks the speed alone asks those who have fibre
    counts = {key: values.get(key) for key in _TOTALS}
    return Answers(
        totals=Totals(residents=residents, adults=adults, smartphone_adults=smartphone, **counts),
        fibre_covered=covered,
        fibre_connected=connected,
        fibre_speed=speed,
        iot_connections=values.get("iot_connections"),
        payment_accounts=values.get("payment_accounts"),
        residents_15plus=values.get("residents_15plus"),
        note=values.get("note") or "",
    )


def _smartphone(values: Mapping[str, Any], blame: Blame) -> int | None:
    """Take adults with a smartphone; where only those without one were counted, the rest have one."""
    having: int | None = values.get("smartphone_adults")
    lacking: int | None = values.get("without_smartphone")
    adults: int | None = values.get("adults")
    if lacking is None or adults is None:
        return having
    together = (having or 0) + lacking
    if together > adults:
        blame("without_smartphone", SPLIT_TOO_MANY, lacking, sum=together, adults=adults)
        return None
    return adults - lacking if having is None else having


def _yes_or_no(values: Mapping[str, Any], key: str, blame: Blame) -> bool | None:
    yes: bool | None = values.get(key)
    no: bool | None = values.get(f"{key}_no")
    if yes and no:
        blame(f"{key}_no", BOTH_MARKED)
    return False if no and not yes else yes
