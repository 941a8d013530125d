"""A small ward whose visits are stored row by row with their facts, below the use cases."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from webapp.core.adoption import Measure, PeriodKind
from webapp.core.facts import CountedVisit, Reading
from webapp.core.ids import new_id
from webapp.core.surveys import Answers, HouseholdStatus, RoundStatus, VisitOutcome, VisitStatus
from webapp.core.visit_content import VisitContent
from webapp.models.adoption import AdoptionFact, Indicator, RegisterEntry
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup, Ward
from webapp.models.surveys import SurveyRound
from webapp.services import facts
from webapp.services.facts_rebuild import compare_facts
from webapp.services.visit_rows import ADULT, REVISION, VISIT, RevisionFacts, visit_rows

DAY = dt.date(2026, 1, 30)
MOMENT = dt.datetime(2026, 1, 30, 3, tzinfo=dt.UTC)


@dataclass
class Place:
    """An empty ward with two groups, two rounds and a way to act on it without the pages."""

    session: Session
    ward_id: UUID = field(default_factory=new_id)
    groups: list[UUID] = field(default_factory=lambda: [new_id(), new_id()])
    rounds: list[UUID] = field(default_factory=lambda: [new_id(), new_id()])
    households: list[tuple[UUID, UUID]] = field(default_factory=list)
    visits: dict[UUID, CountedVisit] = field(default_factory=dict)
    status: dict[UUID, VisitStatus] = field(default_factory=dict)
    revisions: dict[UUID, int] = field(default_factory=dict)
    ticks: int = 0

    def open(self) -> "Place":
        self.session.add(
            Ward(
                id=self.ward_id,
                code=f"{self.ward_id.int % 90000 + 10000}",
                valid_from=DAY,
                name="phường",
                province_code="99",
                province_name="tỉnh",
                agency_name="UBND",
                place_name="P.",
            )
        )
        self.session.flush()
        for n, group_id in enumerate(self.groups):
            self.session.add(ResidentialGroup(ward_id=self.ward_id, id=group_id, code=f"{n}", name=f"Tổ {n}"))
        for n, round_id in enumerate(self.rounds):
            self.session.add(
                SurveyRound(
                    ward_id=self.ward_id,
                    id=round_id,
                    name=f"Đợt {n}",
                    starts_on=DAY,
                    ends_on=DAY,
                    status=RoundStatus.OPEN,
                )
            )
        self.session.flush()
        return self

    def moment(self) -> dt.datetime:
        self.ticks += 1
        return MOMENT + dt.timedelta(minutes=self.ticks)

    def register(self, group: int, day: dt.date = DAY) -> UUID:
        household = Household(
            ward_id=self.ward_id,
            id=new_id(),
            group_id=self.groups[group],
            number=len(self.households) + 1,
            head_name=b"x",
            address=b"x",
            identity_token=b"x" * 8,
            status=HouseholdStatus.ACTIVE,
            registered_on=day,
        )
        self.session.add(household)
        self.session.flush()
        facts.households_changed(self.session, self.ward_id, group_id=self.groups[group], day=day, change=1)
        self.households.append((household.id, self.groups[group]))
        return household.id

    def vacate(self, household: int, day: dt.date) -> None:
        household_id, group_id = self.households[household]
        row = self.session.get_one(Household, (self.ward_id, household_id))
        if row.status is HouseholdStatus.VACATED:
            return
        row.status, row.vacated_on = HouseholdStatus.VACATED, day
        self.session.flush()
        facts.households_changed(self.session, self.ward_id, group_id=group_id, day=day, change=-1)

    def visit(
        self,
        household: int,
        answers: Answers | None,
        day: dt.date = DAY,
        *,
        round_no: int = 0,
        visit_id: UUID | None = None,
    ) -> UUID:
        """Submit a new visit, or a new revision of one."""
        household_id, group_id = self.households[household]
        before = self.visits.get(visit_id) if visit_id else None
        number = self.revisions.get(visit_id, 0) + 1 if visit_id else 1
        content = VisitContent(
            visit_id=visit_id or new_id(),
            round_id=before.round_id if before else self.rounds[round_no],
            household_id=before.household_id if before else household_id,
            outcome=VisitOutcome.INTERVIEWED if answers else VisitOutcome.ABSENT,
            visited_on=day,
            answers=answers,
        )
        about = RevisionFacts(
            ward_id=self.ward_id,
            group_id=before.group_id if before else group_id,
            made_at=self.moment(),
            made_by=None,
            number=number,
        )
        rows = visit_rows(content, about, facts.adult_ages(self.session, self.ward_id))
        if before:
            self.session.execute(update(VISIT).where(VISIT.c.id == content.visit_id).values(rows.visit))
        else:
            self.session.execute(insert(VISIT), rows.visit)
        self.session.execute(insert(REVISION), rows.revision)
        if rows.adults:
            self.session.execute(insert(ADULT), rows.adults)
        new = rows.counted
        counted_before = (
            before if before and self.status[content.visit_id] is not VisitStatus.NEEDS_CORRECTION else None
        )
        facts.visit_changed(self.session, self.ward_id, old=counted_before, new=new)
        self.visits[content.visit_id], self.revisions[content.visit_id] = new, number
        self.status[content.visit_id] = VisitStatus.SUBMITTED
        return content.visit_id

    def move(self, visit_id: UUID, status: VisitStatus) -> None:
        """Return or approve a visit."""
        before, self.status[visit_id] = self.status[visit_id], status
        self.session.execute(update(VISIT).where(VISIT.c.id == visit_id).values(status=status))
        counted = self.visits[visit_id]
        returned = VisitStatus.NEEDS_CORRECTION
        facts.visit_changed(
            self.session,
            self.ward_id,
            old=None if before is returned else counted,
            new=None if status is returned else counted,
        )

    def enter(self, group: int | None, numerator: int, denominator: int, day: dt.date) -> None:
        reading = Reading(
            entry_id=new_id(),
            indicator_code="groups_fibre",
            item_id=None,
            group_id=None if group is None else self.groups[group],
            observed_on=day,
            recorded_at=self.moment(),
            numerator=numerator,
            denominator=denominator,
        )
        self.session.add(
            RegisterEntry(
                ward_id=self.ward_id,
                id=reading.entry_id,
                indicator_code=reading.indicator_code,
                group_id=reading.group_id,
                observed_on=day,
                recorded_at=reading.recorded_at,
                numerator=numerator,
                denominator=denominator,
            )
        )
        self.session.flush()
        facts.register_changed(self.session, self.ward_id, reading)

    def fact(
        self, code: str, kind: PeriodKind = PeriodKind.ALL, key: str = "all", group: UUID | None = None
    ) -> Measure:
        row = AdoptionFact
        found = self.session.execute(
            select(row.numerator, row.denominator, row.asked).where(
                row.ward_id == self.ward_id,
                row.period_kind == kind,
                row.period_key == key,
                row.indicator_code == code,
                row.group_id == (group or self.groups[0]),
            )
        ).one_or_none()
        return Measure(*found) if found else Measure()

    def assert_exact(self) -> None:
        assert compare_facts(self.session, self.ward_id) == ([], 0)


def add_indicators(session: Session) -> None:
    for n, (code, age) in enumerate([("smartphone_adults", 18), ("esignature_adults", 18), ("groups_fibre", None)]):
        session.add(
            Indicator(
                code=code,
                sort_key=n,
                name_vi=code,
                name_en=code,
                numerator_vi="",
                denominator_vi="",
                numerator_en="",
                denominator_en="",
                unit_name_vi="người",
                adult_age=age,
                source="group" if age is None else "household",
                unit="percent",
                plan_section="III.1",
            )
        )
    session.flush()
