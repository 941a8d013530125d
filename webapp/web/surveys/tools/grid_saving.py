"""Saving rows of the grid: read, checked, asked about, and stored by the same service as every other visit."""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.errors import RoundShut
from webapp.core.paper_grid import PaperRow, is_blank, read_row
from webapp.core.survey_checks import RoundDays, hard_problems
from webapp.core.survey_questions import soft_questions
from webapp.core.surveys import VisitOutcome
from webapp.queries.households import HouseholdRow
from webapp.queries.paper_grid import StoredVisit, stored_visits
from webapp.queries.surveys import RoundRow
from webapp.queries.visits import previous_answers
from webapp.services.paper_rows import CORRECTED, SOURCE, RowTaken, SubmitRow, submit_rows
from webapp.services.submit_visit import SubmitVisit
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.refusals import note_refusal
from webapp.web.shared.wiring import clock
from webapp.web.surveys.tools.grid_rows import (
    MINE,
    GridRow,
    read_seen,
    row_of,
    show_problems,
    show_result,
    show_taken,
    typed_cells,
)


def save_rows(of_round: RoundRow, households: Mapping[str, HouseholdRow]) -> list[GridRow]:
    """Save what was sent (prefix of fields → household) and give the rows as they stand now.

    When the round takes no visit every row says so and keeps what was typed. Raises BadRequest for fields that no page
    makes.
    """
    stored = _stored(of_round, households.values())
    usual_day = _usual_day(of_round)
    rows: list[GridRow] = []
    ready: list[tuple[GridRow, SubmitRow]] = []
    for prefix, household in households.items():
        row, order = _row(prefix, household, stored.get(household.household_id), of_round, usual_day)
        rows.append(row)
        if order is not None:
            ready.append((row, order))
    try:
        results = submit_rows(db.session, [order for _shown, order in ready], actor=current_actor(), clock=clock())
    except RoundShut as error:
        note_refusal(error)
        for row, _order in ready:
            show_result(row, error)
        return rows
    for (row, _order), result in zip(ready, results, strict=True):
        if isinstance(result, RowTaken):
            now = _stored(of_round, [row.household])[row.household.household_id]
            show_taken(row, now, row.cells, usual_day)
        else:
            show_result(row, result)
    return rows


def _stored(of_round: RoundRow, households: Iterable[HouseholdRow]) -> dict[UUID, StoredVisit]:
    ids = [item.household_id for item in households]
    return stored_visits(db.session, current_actor().ward_id, ids, round_id=of_round.round_id)


def _usual_day(of_round: RoundRow) -> dt.date:
    """Give the day for rows that name none: as chosen above the grid, else today, within the round."""
    try:
        chosen = dt.date.fromisoformat(request.form.get("usual_day", ""))
    except ValueError:
        chosen = min(clock().today(), of_round.ends_on)
    return chosen


def _row(
    prefix: str, household: HouseholdRow, stored: StoredVisit | None, of_round: RoundRow, usual_day: dt.date
) -> tuple[GridRow, SubmitRow | None]:
    """Read one row; the order to store it comes with it when nothing is left to be mended or asked."""
    form = request.form
    cells = typed_cells(form, prefix)
    choice = form.get(f"{prefix}choice", "")
    if choice == "theirs" or is_blank(cells):
        return row_of(household, stored), None
    try:
        row = GridRow(
            household=household,
            visit_id=UUID(form.get(f"{prefix}visit", "")),
            base=form.get(f"{prefix}base", type=int),
            seen=form.get(f"{prefix}seen", ""),
            cells=cells,
            confirmed=form.getlist(f"{prefix}confirmed"),
        )
        if choice.startswith(MINE):
            row.seen = choice.removeprefix(f"{MINE}:")
        seen = read_seen(row.seen)
    except ValueError as error:
        raise BadRequest from error
    if choice.startswith(MINE) and seen is not None:
        row.visit_id, row.base = seen
    paper = read_row(cells, usual_day=usual_day)
    if stored is not None and _says_the_same(paper, stored):
        return row_of(household, stored), None
    if _wrong(row, paper, of_round):
        return row, None
    asked = _asked(row, paper, stored, of_round)
    if asked is None:
        return row, None
    return row, SubmitRow(visit=_visit(row, paper, of_round, asked), seen=seen)


def _says_the_same(paper: PaperRow, stored: StoredVisit) -> bool:
    """Tell whether the row is what the ward has: a page that is sent again must not make a revision of every row."""
    said = (paper.problems, paper.outcome, paper.visited_on, paper.answers)
    return not stored.by_lines and said == ((), stored.outcome, stored.visited_on, stored.answers)


def _wrong(row: GridRow, paper: PaperRow, of_round: RoundRow) -> bool:
    problems = list(paper.problems)
    if not problems:
        days = RoundDays(of_round.starts_on, of_round.ends_on, clock().today())
        problems = hard_problems(paper.outcome, paper.visited_on, paper.answers, days)
    if problems:
        show_problems(row, problems)
    return bool(problems)


def _asked(
    row: GridRow, paper: PaperRow, stored: StoredVisit | None, of_round: RoundRow
) -> list[dict[str, object]] | None:
    """Give the questions as they were confirmed, or None (and the row asks) while one waits for its answer."""
    previous = previous_answers(
        db.session, current_actor().ward_id, row.household.household_id, round_id=of_round.round_id
    )
    another = stored.visited_on if stored and stored.visit_id != row.visit_id and row.seen else None
    met = paper.outcome is VisitOutcome.INTERVIEWED
    questions = soft_questions(paper.answers if met else None, previous, visited_on=another)
    if {question.code for question in questions} <= set(row.confirmed):
        return [question.to_json() for question in questions]
    row.state = "ask"
    row.questions = [(question.code, str(_(question.message, **question.params))) for question in questions]
    return None


def _visit(row: GridRow, paper: PaperRow, of_round: RoundRow, confirmed: list[dict[str, object]]) -> SubmitVisit:
    return SubmitVisit(
        visit_id=row.visit_id,
        round_id=of_round.round_id,
        household_id=row.household.household_id,
        outcome=paper.outcome,
        visited_on=paper.visited_on,
        answers=paper.answers,
        confirmed=confirmed,
        base_revision=row.base,
        reason=CORRECTED if row.base else "",
        source=SOURCE,
    )
