"""The high-frequency checks over the visits of one round. Rows in, figures and findings out.

Each check gives, for each of its questions, which visits it could point at and which it points at; everything else
(figures by group, head and ward, lists) follows from these two.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from webapp.core import quality as rules
from webapp.core.quality import (
    Figure,
    Finding,
    QualityBy,
    QualityCheck,
    QualityQuestion,
    QualityResult,
    QualityVisit,
    TwinHousehold,
)

WARD_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_COUNTS: Final = ("residents", "adults", "iot_connections", "payment_accounts")
_ROUNDED: Final = ("iot_connections", "payment_accounts")
_COLUMNS: Final = (
    "visit_id", "household_id", "group_id", "made_by", "outcome", "answers_key", "last_key", "moment", "seconds",
    *_COUNTS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Mark:
    """One check and question: `base` and `hit` are masks over the visits, the rest explains a hit."""

    check: QualityCheck
    question: QualityQuestion
    base: Any
    hit: Any
    value: Any = None
    bound: float | None = None
    other: Any = None


def check_round(
    ward_id: UUID,
    visits: Collection[QualityVisit],
    twins: Iterable[TwinHousehold],
    households: Mapping[UUID, int],
) -> QualityResult:
    """Run every check. `households`: active households by group, the base of double registrations."""
    figures, findings = _twins(ward_id, list(twins), households)
    if visits:
        frame = _frame(visits)
        marks = list(_marks(frame, visits))
        figures += _figures(ward_id, frame, marks)
        findings += [finding for mark in marks for finding in _findings(frame, mark)]
    return QualityResult(len(visits), figures, findings)


def _frame(visits: Collection[QualityVisit]) -> Any:  # noqa: ANN401 - pandas, imported late
    import pandas as pd  # noqa: PLC0415 - half a second to load, and only this job needs it

    frame = pd.DataFrame({name: [getattr(visit, name) for visit in visits] for name in _COLUMNS})
    for name in (*_COUNTS, "seconds"):
        frame[name] = pd.to_numeric(frame[name]).astype("float64")
    frame["moment"] = pd.to_datetime(frame["moment"], utc=True)
    frame["interviewed"] = frame["outcome"] == "interviewed"
    return frame


def _marks(frame: Any, visits: Collection[QualityVisit]) -> Iterator[_Mark]:  # noqa: ANN401 - pandas
    yield from _missing(frame, visits)
    yield from _outliers(frame)
    yield from _alike(frame)
    yield from _speed(frame)
    for outcome in ("absent", "refused"):
        everyone = frame["outcome"].notna()
        yield _Mark(QualityCheck.NOT_MET, QualityQuestion(outcome), everyone, frame["outcome"] == outcome)
    for name in _ROUNDED:
        base = frame[name] >= rules.ROUND_FROM
        hit = base & (frame[name] % rules.ROUND_STEP == 0)
        yield _Mark(QualityCheck.ROUND_NUMBERS, QualityQuestion(name), base, hit, frame[name])


def _missing(frame: Any, visits: Collection[QualityVisit]) -> Iterator[_Mark]:  # noqa: ANN401 - pandas
    for name in sorted({name for visit in visits for name in visit.asked}):
        base = frame["visit_id"].map({v.visit_id: name in v.asked for v in visits})
        hit = frame["visit_id"].map({v.visit_id: name in v.unknown for v in visits})
        yield _Mark(QualityCheck.MISSING, QualityQuestion(name), base, hit)


def _outliers(frame: Any) -> Iterator[_Mark]:  # noqa: ANN401 - pandas
    """Mark values above the ward's 99th percentile or three standard deviations, where there are enough to tell."""
    for name in _COUNTS:
        values = frame[name]
        base = values.notna()
        if base.sum() < rules.OUTLIER_LEAST:
            continue
        far = values.mean() + rules.OUTLIER_SD * values.std()
        bound = float(min(values.quantile(rules.OUTLIER_QUANTILE), far))
        yield _Mark(QualityCheck.OUTLIER, QualityQuestion(name), base, values > bound, values, bound)


def _alike(frame: Any) -> Iterator[_Mark]:  # noqa: ANN401 - pandas
    """Mark answers like those of the visit just before by the same person, and like those of the last round."""
    asked = frame["interviewed"]
    order = frame[asked].sort_values(["made_by", "moment", "visit_id"], key=_sortable)
    known = order["made_by"].notna()
    same_head = known & (order["made_by"] == order["made_by"].shift())
    same = same_head & (order["answers_key"] == order["answers_key"].shift())
    hit = same & (order["adults"] >= rules.ALIKE_ADULTS)
    other = order["visit_id"].shift().where(hit)
    yield _Mark(
        QualityCheck.SAME_ANSWERS,
        QualityQuestion.ALL,
        same_head.reindex(frame.index, fill_value=False),
        hit.reindex(frame.index, fill_value=False),
        other=other.reindex(frame.index),
    )
    comparable = asked & (frame["last_key"] != "")
    copied = comparable & (frame["last_key"] == frame["answers_key"])
    yield _Mark(QualityCheck.COPY, QualityQuestion.ALL, comparable, copied)


def _sortable(column: Any) -> Any:  # noqa: ANN401 - pandas
    return column.astype(str) if column.dtype == object else column


def _speed(frame: Any) -> Iterator[_Mark]:  # noqa: ANN401 - pandas
    timed = frame["interviewed"] & frame["seconds"].notna()
    fast = timed & (frame["seconds"] < rules.FAST_SECONDS)
    yield _Mark(QualityCheck.FAST, QualityQuestion.ALL, timed, fast, frame["seconds"], float(rules.FAST_SECONDS))
    placed = frame["interviewed"] & frame["moment"].notna() & frame["made_by"].notna()
    order = frame[placed].sort_values(["made_by", "moment", "visit_id"], key=_sortable)
    burst = _in_bursts(order).reindex(frame.index, fill_value=False)
    yield _Mark(QualityCheck.BURST, QualityQuestion.MINUTE, placed, burst)
    per_hour = order.groupby(["made_by", order["moment"].dt.floor("h")])["visit_id"].transform("count")
    many = (per_hour > rules.HOUR_VISITS).reindex(frame.index, fill_value=False)
    yield _Mark(
        QualityCheck.BURST, QualityQuestion.HOUR, placed, many, per_hour.reindex(frame.index), float(rules.HOUR_VISITS)
    )
    hour = frame["moment"].dt.tz_convert(WARD_ZONE).dt.hour
    odd = placed & ((hour < rules.DAY_FROM) | (hour >= rules.DAY_UNTIL))
    yield _Mark(QualityCheck.ODD_HOUR, QualityQuestion.ALL, placed, odd, hour)


def _in_bursts(order: Any) -> Any:  # noqa: ANN401 - pandas
    """Mark every visit of a minute in which one person finished three or more."""
    span = rules.BURST_VISITS - 1
    first = order.groupby("made_by")["moment"].shift(span)
    ends = (order["moment"] - first).dt.total_seconds() < rules.BURST_SECONDS
    hit = ends.copy()
    for back in range(1, span + 1):
        hit |= ends.groupby(order["made_by"]).shift(-back, fill_value=False)
    return hit


def _figures(ward_id: UUID, frame: Any, marks: list[_Mark]) -> list[Figure]:  # noqa: ANN401 - pandas
    whole = [mark for mark in marks if mark.question is QualityQuestion.ALL]
    by_check: dict[QualityCheck, list[_Mark]] = {}
    for mark in marks:
        by_check.setdefault(mark.check, []).append(mark)
    for check, parts in by_check.items():
        if check not in {mark.check for mark in whole}:
            base, hit = parts[0].base, parts[0].hit
            for part in parts[1:]:
                base, hit = base | part.base, hit | part.hit
            whole.append(_Mark(check, QualityQuestion.ALL, base, hit))
    parts = [mark for mark in marks if mark.question is not QualityQuestion.ALL]
    return [figure for mark in (*whole, *parts) for figure in _of_mark(ward_id, frame, mark)]


def _of_mark(ward_id: UUID, frame: Any, mark: _Mark) -> Iterator[Figure]:  # noqa: ANN401 - pandas
    subjects = (
        (QualityBy.WARD, frame["visit_id"].map(lambda _visit: ward_id)),
        (QualityBy.GROUP, frame["group_id"]),
        (QualityBy.HEAD, frame["made_by"]),
    )
    for by, key in subjects:
        tops, bottoms = mark.hit.groupby(key).sum(), mark.base.groupby(key).sum()
        for subject, bottom in bottoms.items():
            if bottom:
                yield Figure(
                    check=mark.check,
                    question=mark.question,
                    by=by,
                    subject_id=subject,
                    numerator=int(tops[subject]),
                    denominator=int(bottom),
                )


def _findings(frame: Any, mark: _Mark) -> Iterator[Finding]:  # noqa: ANN401 - pandas
    for index in frame.index[mark.hit.astype(bool)]:
        row = frame.loc[index]
        yield Finding(
            check=mark.check,
            question=mark.question,
            household_id=row["household_id"],
            group_id=row["group_id"],
            visit_id=row["visit_id"],
            made_by=row["made_by"] if isinstance(row["made_by"], UUID) else None,
            other_id=mark.other[index] if mark.other is not None else None,
            value=float(mark.value[index]) if mark.value is not None else None,
            bound=mark.bound,
        )


def _twins(
    ward_id: UUID, twins: list[TwinHousehold], households: Mapping[UUID, int]
) -> tuple[list[Figure], list[Finding]]:
    check, question = QualityCheck.SAME_HOUSEHOLD, QualityQuestion.ALL
    found = [
        Finding(check=check, question=question, household_id=t.household_id, group_id=t.group_id, other_id=t.twin_id)
        for t in twins
    ]
    counts = [(QualityBy.GROUP, group, sum(t.group_id == group for t in twins), n) for group, n in households.items()]
    counts.append((QualityBy.WARD, ward_id, len(twins), sum(households.values())))
    figures = [
        Figure(check=check, question=question, by=by, subject_id=subject, numerator=top, denominator=bottom)
        for by, subject, top, bottom in counts
        if bottom
    ]
    return figures, found
