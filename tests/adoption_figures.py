"""Arranging figures for tests of adoption: the registry, the ward's plan, and visits stored with their facts."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from seeds.reference import load_reference
from tests.world import World
from webapp.core.ids import new_id
from webapp.core.surveys import AdultLine, Answers, VisitOutcome
from webapp.core.visit_content import VisitContent
from webapp.services import facts
from webapp.services.visit_rows import RevisionFacts, insert_visits, visit_rows
from webapp.services.ward_plan import load_ward_plan


@dataclass
class Figures:
    """A small ward with the plan's indicators, where visits can be stored in one line."""

    sessions: sessionmaker[Session]
    world: World
    made: int = 0

    def load(self) -> "Figures":
        with self.sessions.begin() as session:
            load_reference(session)
        with self.sessions.begin() as session:
            load_ward_plan(session, self.world.ward_id)
            # the test world wrote its households without their facts
            facts.rebuild_facts(session, self.world.ward_id)
        return self

    def visit(
        self, group: int, number: int, answers: Answers | None, day: dt.date, round_id: UUID | None = None
    ) -> None:
        group_id = self.world.group_ids[group]
        self.made += 1
        content = VisitContent(
            visit_id=new_id(),
            round_id=round_id or self.world.round_id,
            household_id=self.world.households[group_id][number],
            outcome=VisitOutcome.INTERVIEWED if answers else VisitOutcome.ABSENT,
            visited_on=day,
            answers=answers,
        )
        made_at = dt.datetime.combine(day, dt.time(3), tzinfo=dt.UTC) + dt.timedelta(minutes=self.made)
        about = RevisionFacts(ward_id=self.world.ward_id, group_id=group_id, made_at=made_at, made_by=None)
        with self.sessions.begin() as session:
            rows = visit_rows(content, about, facts.adult_ages(session, self.world.ward_id))
            insert_visits(session, [rows])
            facts.visit_changed(session, self.world.ward_id, old=None, new=rows.counted)


def signers(have: int, of: int, phones: int | None = None) -> Answers:
    """Give a household of `of` adults, `have` of them with a digital signature, `phones` with a smartphone."""
    return Answers(
        adults=tuple(
            AdultLine(digital_signature=n < have, e_signature=False, smartphone=None if phones is None else n < phones)
            for n in range(of)
        ),
        fibre_connected=have > 0,
    )
