"""Checking a workbook against the ward: which households are known, which were visited, what would be stored."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import N_
from webapp.core.import_columns import SUMMED
from webapp.core.import_layout import Layout, Sheet, column_letter, find_layout, layout_at
from webapp.core.import_rows import HouseholdLine, ImportPlan, Place, RowProblem
from webapp.core.import_sheet import SheetReader, SheetReading, SkippedRow, TotalCheck, places_of
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.survey_checks import RoundDays
from webapp.core.text import fold
from webapp.queries.imports import BatchRow
from webapp.queries.surveys import RoundRow
from webapp.services.import_match import Matcher, ReadyLine, Trouble
from webapp.services.imports import chosen_sheets, group_index, plan_of

NO_HEADING: Final = N_("trang này không có cột “%(heading)s” như trang đầu; hãy sửa tiêu đề cho giống nhau")
NO_TABLE: Final = N_("trang này không có dòng tiêu đề cột; hãy chọn riêng từng trang để nhập")
TOO_MANY_ROWS: Final = N_("tệp có %(rows)s hộ, nhiều hơn mức nhận một lần (%(most)s); hãy chia thành nhiều tệp")


@dataclass(slots=True, kw_only=True)
class ImportCheck:
    """Everything the check page says. Nothing is stored while `problems` is not empty."""

    rows: int = 0
    ready: list[ReadyLine] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    visited: int = 0
    totals: list[TotalCheck] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    sums_ready: dict[str, int] = field(default_factory=dict)
    sums_visited: dict[str, int] = field(default_factory=dict)
    groups: list[tuple[str, int]] = field(default_factory=list)
    accept_difference: bool = False

    @property
    def differences(self) -> list[TotalCheck]:
        """Total rows of the file that do not agree with the rows above them."""
        return [total for total in self.totals if not total.agrees]

    @property
    def may_store(self) -> bool:
        """Tell whether the whole file can go in."""
        accepted = self.accept_difference or not self.differences
        return bool(self.ready) and not self.problems and accepted

    @property
    def new_households(self) -> int:
        """Households that will be registered."""
        return sum(1 for item in self.ready if item.is_new)

    @property
    def wrong_rows(self) -> int:
        """Rows with at least one problem."""
        return len({(problem.sheet, problem.row) for problem in self.problems})

    @property
    def stated(self) -> dict[str, int]:
        """What the file's total rows say, by column key; the last total row of each sheet is the sheet's total."""
        last: dict[tuple[str, str], int] = {(total.sheet, total.key): total.stated for total in self.totals}
        sums: Counter[str] = Counter()
        for (_sheet, key), value in last.items():
            sums[key] += value
        return dict(sums)

    @property
    def to_review(self) -> list[ReadyLine]:
        """Rows that could be true but are unlikely; storing confirms them."""
        return [item for item in self.ready if item.questions]


def check_import(
    session: Session,
    batch: BatchRow,
    sheets: list[Sheet],
    *,
    survey_round: RoundRow,
    actor: Actor,
    cipher: PersonalDataCipher,
    clock: Clock,
    max_rows: int,
) -> ImportCheck:
    """Read and check the whole file. Changes nothing."""
    plan, groups = plan_of(batch), group_index(session, actor)
    days = RoundDays(survey_round.starts_on, survey_round.ends_on, clock.today())
    check = ImportCheck(accept_difference=plan.accept_difference)
    places: dict[str, list[Place]] = {}
    lines: list[HouseholdLine] = []
    for sheet, layout in _tables(batch, sheets, check):
        places[sheet.name] = places_of(layout, plan.columns)
        reading = SheetReader(sheet, layout, plan, groups=groups, days=days).read()
        _gather(check, reading)
        lines += reading.lines
    if check.rows > max_rows:
        params = {"rows": check.rows, "most": max_rows}
        check.problems.append(RowProblem(sheet="", row=0, message=TOO_MANY_ROWS, params=params))
        return check
    matcher = Matcher(session, survey_round.round_id, {line.group_id for line in lines}, actor=actor, cipher=cipher)
    _match(matcher, lines, plan, check, places)
    check.problems.sort(key=lambda problem: (problem.sheet, problem.row, len(problem.column), problem.column))
    counts = Counter(item.line.group_id for item in check.ready)
    check.groups = sorted(((groups.name(group_id), count) for group_id, count in counts.items()), key=_natural)
    return check


def _natural(item: tuple[str, int]) -> tuple[str, int]:
    words = [word.zfill(6) if word.isdigit() else word for word in fold(item[0]).split()]
    return " ".join(words), item[1]


def _gather(check: ImportCheck, reading: SheetReading) -> None:
    check.rows += reading.rows
    check.problems += reading.problems
    check.skipped += reading.skipped
    check.totals += reading.totals
    for key, value in reading.sums.items():
        check.sums[key] = check.sums.get(key, 0) + value


def _tables(batch: BatchRow, sheets: list[Sheet], check: ImportCheck) -> Iterator[tuple[Sheet, Layout]]:
    """Give the chosen sheets with their tables; sheets after the first must have the same mapped headings."""
    kept = batch.mapping
    for index, sheet in enumerate(chosen_sheets(sheets, kept["sheet"])):
        layout = layout_at(sheet, kept["header"], kept["height"]) if index == 0 else find_layout(sheet)
        if layout is None:
            check.problems.append(RowProblem(sheet=sheet.name, row=0, message=NO_TABLE))
            continue
        present = {place.column.key for place in places_of(layout, kept["columns"])}
        missing = [heading for heading, key in kept["columns"].items() if key not in present]
        check.problems += [
            RowProblem(sheet=sheet.name, row=layout.header + 1, message=NO_HEADING, params={"heading": heading})
            for heading in missing
        ]
        if not missing:
            yield sheet, layout


def _match(
    matcher: Matcher,
    lines: list[HouseholdLine],
    plan: ImportPlan,
    check: ImportCheck,
    places: Mapping[str, list[Place]],
) -> None:
    for line, found in matcher.match(lines):
        if isinstance(found, ReadyLine):
            check.ready.append(found)
            _add(check.sums_ready, line)
        elif found.key == "visited" and plan.skip_visited:
            check.visited += 1
            _add(check.sums_visited, line)
        else:
            check.problems.append(_problem(line, found, places[line.sheet]))


def _add(sums: dict[str, int], line: HouseholdLine) -> None:
    for key, value in answer_counts(line).items():
        sums[key] = sums.get(key, 0) + value


def _problem(line: HouseholdLine, trouble: Trouble, places: list[Place]) -> RowProblem:
    key = "number" if trouble.key == "number" else "head_name"
    place = next((place for place in places if place.column.key == key), None)
    return RowProblem(
        sheet=line.sheet,
        row=line.row,
        message=trouble.message,
        params=trouble.params,
        column=column_letter(place.index) if place else "",
        heading=place.heading if place else "",
        value=str(line.number) if key == "number" else "",
    )


def answer_counts(line: HouseholdLine) -> dict[str, int]:
    """Give the counts that will be stored of a row, by column key."""
    answers = line.answers
    if answers is None or answers.totals is None:
        return {}
    found = {}
    for key in SUMMED:
        value = getattr(answers.totals, key, None) if hasattr(answers.totals, key) else getattr(answers, key, None)
        if value is not None:
            found[key] = value
    return found


def sums(check: ImportCheck) -> list[dict[str, Any]]:
    """Give the reconciliation by column: the file's rows, its own total row, what will be stored, what is skipped."""
    ready, stated = check.sums_ready, check.stated
    return [
        {
            "column": key,
            "file": check.sums[key],
            "stated": stated.get(key),
            "to_store": ready.get(key, 0),
            "already_visited": check.sums_visited.get(key, 0),
        }
        for key in SUMMED
        if key in check.sums and key != "without_smartphone"
    ]


def summary(check: ImportCheck) -> dict[str, Any]:
    """Give the counts as plain values, for the result page and the command line."""
    return {
        "rows": check.rows,
        "to_store": len(check.ready),
        "already_visited": check.visited,
        "new_households": check.new_households,
        "matched_households": len(check.ready) - check.new_households,
        "not_households": len(check.skipped),
        "confirmed_questions": len(check.to_review),
        "groups": [{"name": name, "rows": rows} for name, rows in check.groups],
        "sums": sums(check),
    }
