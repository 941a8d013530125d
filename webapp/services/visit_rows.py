"""Rows of a visit as plain dicts for Core inserts: one submission, a workbook and the demo write the same ones."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from webapp.core.adoption import Measure, measures_of
from webapp.core.facts import CountedVisit
from webapp.core.surveys import Answers, VisitStatus
from webapp.core.visit_content import ADULT_COLUMNS, ANSWER_COLUMNS, VisitContent, answers_json, content_sha256
from webapp.models.surveys import AdultLineRow, Visit, VisitRevision
from webapp.services.fact_rows import measures_to_json

VISIT = cast("Table", Visit.__table__)
REVISION = cast("Table", VisitRevision.__table__)
ADULT = cast("Table", AdultLineRow.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFacts:
    """Who wrote a revision of a visit down, when and how; what it says is the VisitContent."""

    ward_id: UUID
    group_id: UUID
    made_at: dt.datetime
    made_by: UUID | None
    number: int = 1
    reason: str = ""
    source: str = "form"
    status: VisitStatus = VisitStatus.SUBMITTED
    confirmed: Sequence[Mapping[str, Any]] = ()
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    extra_form: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRows:
    """One visit ready to be stored, and how facts count it."""

    visit: dict[str, Any]
    revision: dict[str, Any]
    adults: list[dict[str, Any]]
    counted: CountedVisit

    @property
    def sha256(self) -> str:
        """Give the hash of the content."""
        return str(self.revision["sha256"])


def visit_rows(
    content: VisitContent, facts: RevisionFacts, adult_ages: Mapping[str, int], *, household_id: UUID | None = None
) -> VisitRows:
    """Build the rows. `adult_ages`: indicator code → age that counts (services.facts.adult_ages).

    `household_id`: where the visit counts, when that is not the household of the content (merged meanwhile).
    """
    counts_for = household_id or content.household_id
    measures = measures_of(content.answers, adult_ages)
    visit = {
        "ward_id": facts.ward_id,
        "id": content.visit_id,
        "round_id": content.round_id,
        "group_id": facts.group_id,
        "household_id": counts_for,
        "status": facts.status,
        "revision": facts.number,
        "outcome": content.outcome,
        "visited_on": content.visited_on,
        "submitted_at": facts.made_at,
        "measures": measures_to_json(measures),
        "return_reason": "",
        "return_field": "",
    }
    return VisitRows(
        visit=visit,
        revision=_revision(content, facts),
        adults=_adults(content, facts),
        counted=_counted(content, facts, measures, counts_for),
    )


def insert_visits(session: Session, rows: Iterable[VisitRows]) -> None:
    """Store many new visits in three statements; facts and audit are the caller's."""
    batch = list(rows)
    adults = [line for row in batch for line in row.adults]
    if batch:
        session.execute(insert(VISIT), [row.visit for row in batch])
        session.execute(insert(REVISION), [row.revision for row in batch])
    if adults:
        session.execute(insert(ADULT), adults)


def _counted(
    content: VisitContent, facts: RevisionFacts, measures: Mapping[str, Measure], household_id: UUID
) -> CountedVisit:
    return CountedVisit(
        visit_id=content.visit_id,
        round_id=content.round_id,
        group_id=facts.group_id,
        household_id=household_id,
        visited_on=content.visited_on,
        submitted_at=facts.made_at,
        measures=measures,
    )


def _revision(content: VisitContent, facts: RevisionFacts) -> dict[str, Any]:
    answers = content.answers or Answers()
    return {
        "ward_id": facts.ward_id,
        "visit_id": content.visit_id,
        "number": facts.number,
        "made_at": facts.made_at,
        "made_by": facts.made_by,
        "reason": facts.reason,
        "outcome": content.outcome,
        "visited_on": content.visited_on,
        "sha256": content_sha256(content),
        "source": facts.source,
        "started_at": facts.started_at,
        "finished_at": facts.finished_at,
        "totals_only": answers.totals is not None,
        **{name: getattr(answers, name) for name in ANSWER_COLUMNS},
        "answers": answers_json(content.answers),
        "extra": dict(content.extra),
        "extra_form": facts.extra_form,
        "confirmed": [dict(question) for question in facts.confirmed],
    }


def _adults(content: VisitContent, facts: RevisionFacts) -> list[dict[str, Any]]:
    key = {"ward_id": facts.ward_id, "visit_id": content.visit_id, "revision": facts.number}
    lines = content.answers.adults if content.answers else ()
    return [
        {**key, "line": n, **{name: getattr(line, name) for name in ADULT_COLUMNS}} for n, line in enumerate(lines, 1)
    ]
