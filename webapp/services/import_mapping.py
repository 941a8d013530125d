"""What the mapping screen offers: sheet, header rows, and a guess for every heading with values to judge it by."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.analytics.workbooks import sample_values
from webapp.core.access import Actor
from webapp.core.import_headings import guess_mapping, heading_keys
from webapp.core.import_layout import Layout, Sheet, column_letter, find_layout, layout_at
from webapp.core.import_sheet import only_marks
from webapp.queries.imports import BatchRow, remembered_columns
from webapp.queries.surveys import RoundRow
from webapp.services.imports import ALL_SHEETS, best_sheet, chosen_sheets, group_index, needs_blank


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingChoice:
    """One column of the file on the mapping screen. `column` is the offered key, "" for none.

    `only_marks`: it holds ticks and empty cells only; `ask_blank`: so what an empty cell means must be asked.
    """

    key: str
    letter: str
    heading: str
    samples: tuple[str, ...]
    column: str
    confidence: float
    remembered: bool
    only_marks: bool
    ask_blank: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Everything the mapping screen shows. `header` is from 0; `layout` is None when no table was found."""

    sheets: tuple[str, ...]
    hidden: tuple[str, ...]
    may_take_all: bool
    sheet: str
    layout: Layout | None
    headings: tuple[HeadingChoice, ...]
    preview: tuple[str, ...]
    group_by_sheet: UUID | None


def suggest_columns(
    session: Session, sheets: list[Sheet], *, actor: Actor, sheet: str = "", header: int | None = None, height: int = 1
) -> Suggestion:
    """Look at a sheet (or the likeliest one) and offer a mapping. `header` from 0 overrides the guess.

    Raises NotFound for a sheet that is not there.
    """
    groups = group_index(session, actor)
    name = sheet or best_sheet(sheets, groups)
    first = chosen_sheets(sheets, name)[0]
    if header is None or not 0 <= header < len(first.rows):
        layout = find_layout(first)
    else:
        layout = layout_at(first, header, min(max(height, 1), 3))
    visible = tuple(item.name for item in sheets if not item.hidden)
    return Suggestion(
        sheets=visible,
        hidden=tuple(item.name for item in sheets if item.hidden),
        may_take_all=len(visible) > 1,
        sheet=name,
        layout=layout,
        headings=() if layout is None else _headings(session, actor, first, layout),
        preview=tuple(_preview(first)),
        group_by_sheet=None if name == ALL_SHEETS else groups.find(first.name),
    )


def _headings(session: Session, actor: Actor, sheet: Sheet, layout: Layout) -> tuple[HeadingChoice, ...]:
    keys = heading_keys(layout.headings)
    guesses = guess_mapping(layout.headings)
    known = remembered_columns(session, actor.ward_id, keys)
    columns = [known.get(key, "") if known else guess.key for key, guess in zip(keys, guesses, strict=True)]
    found = []
    for index, (key, heading, guess) in enumerate(zip(keys, layout.headings, guesses, strict=True)):
        samples = tuple(sample_values(sheet, layout.first, index))
        if not key and not samples:
            continue
        column, ticks = columns[index], only_marks(sheet, layout, index)
        found.append(
            HeadingChoice(
                key=key,
                letter=column_letter(index),
                heading=heading,
                samples=samples,
                column=column,
                confidence=guess.confidence if column == guess.key else 0.0,
                remembered=bool(known) and bool(column),
                only_marks=ticks,
                ask_blank=ticks and (not column or needs_blank(column, columns)),
            )
        )
    return tuple(found)


def _preview(sheet: Sheet) -> list[str]:
    """Give the first rows as one line each, to choose the header row by."""
    lines = []
    for number, row in enumerate(sheet.rows[:20], 1):
        texts = [str(cell).replace("\n", " ") for cell in row if isinstance(cell, str) and cell.strip()]
        lines.append(f"{number}: {' · '.join(texts)[:70]}" if texts else f"{number}: …")
    return lines


def default_day(survey_round: RoundRow, today: dt.date) -> dt.date:
    """Give the day for rows without one: today, or the round's nearest day."""
    return min(max(today, survey_round.starts_on), survey_round.ends_on)


def default_group(batch: BatchRow, suggestion: Suggestion) -> UUID | None:
    """Give the group for rows that name none: what was chosen before, else the one the sheet is named after."""
    kept = batch.mapping.get("group_id")
    return UUID(kept) if kept else suggestion.group_by_sheet
