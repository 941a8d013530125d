"""Three survey rounds: one locked, one closed, one open now and about two thirds done."""

import datetime as dt
from dataclasses import dataclass, replace
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from seeds.demo import levels
from seeds.demo.answers import RoundLevels, invent_answers, levels_of
from seeds.demo.scene import DemoGroup, Listed, Scene, invent_id
from webapp.core.access import Role
from webapp.core.events import AuditTag
from webapp.core.surveys import COUNTED, HouseholdStatus, RoundStatus, VisitOutcome, VisitStatus
from webapp.core.visit_content import VisitContent
from webapp.services.audit import record
from webapp.services.facts import add_many, adult_ages, households_changed
from webapp.services.household_rows import HOUSEHOLD
from webapp.services.rounds import PlanRound, move_round, plan_round
from webapp.services.visit_rows import ADULT, REVISION, RevisionFacts, VisitRows, insert_visits, visit_rows

NOBODY: Final = (VisitOutcome.ABSENT, VisitOutcome.REFUSED, VisitOutcome.VACANT, VisitOutcome.MOVED_AWAY)
CORRECTED: Final = 0.012
RETURNED: Final = 0.03
REASONS: Final = (
    "Số người lớn khác đợt trước, đề nghị hỏi lại.",
    "Có chữ ký số nhưng ghi không có điện thoại, đề nghị kiểm tra.",
    "Chưa ghi tốc độ cáp quang.",
    "Trùng với phiếu của hộ bên cạnh, đề nghị xem lại.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRound:
    """A round with the days, counted back from today, on which it begins and ends (negative: still to come)."""

    step: int
    begins_ago: int
    ends_ago: int
    moves: tuple[RoundStatus, ...]

    @property
    def status(self) -> RoundStatus:
        """Where it stands now."""
        return self.moves[-1]


ROUNDS: Final = (
    DemoRound(step=0, begins_ago=400, ends_ago=371, moves=(RoundStatus.OPEN, RoundStatus.CLOSED, RoundStatus.LOCKED)),
    DemoRound(step=1, begins_ago=200, ends_ago=171, moves=(RoundStatus.OPEN, RoundStatus.CLOSED)),
    DemoRound(step=2, begins_ago=24, ends_ago=-12, moves=(RoundStatus.OPEN,)),
)


def plan(session: Session, scene: Scene, held: DemoRound) -> UUID:
    """Put a round on the list, six days before it begins."""
    begins, ends = scene.calendar.day(held.begins_ago), scene.calendar.day(held.ends_ago)
    scene.clock.go_to(scene.calendar.at(begins - dt.timedelta(days=6), 7))
    name = f"Đợt khảo sát tháng {begins.month}/{begins.year}"
    command = PlanRound(name=name, starts_on=begins, ends_on=ends)
    return plan_round(session, command, actor=scene.actor("thong-ke", Role.STATISTICIAN), clock=scene.clock)


def moves(scene: Scene, held: DemoRound) -> list[tuple[dt.date, RoundStatus]]:
    """Give the days on which a round was opened, closed and locked. Its visits follow in one go."""
    begins, ends = scene.calendar.day(held.begins_ago), scene.calendar.day(held.ends_ago)
    return list(zip((begins, ends, ends + dt.timedelta(days=7)), held.moves, strict=False))


def move(session: Session, scene: Scene, round_id: UUID, day: dt.date, *, to: RoundStatus) -> None:
    """Open a round in the morning, close or lock it in the evening."""
    scene.clock.go_to(scene.calendar.at(day, 7.5 if to is RoundStatus.OPEN else 17))
    move_round(session, round_id, to, actor=scene.actor("thong-ke", Role.STATISTICIAN), clock=scene.clock)


def make_visits(session: Session, scene: Scene, round_ids: list[UUID]) -> int:
    """Visit the households of every group in every round and count what they said; give the number of visits."""
    writer = _Writer(session, scene, round_ids)
    total = sum(writer.visit_group(group) for group in scene.groups)
    scene.clock.go_to(scene.calendar.now)
    actor = scene.actor("thong-ke", Role.STATISTICIAN)
    record(session, AuditTag.HOUSEHOLD_IMPORT, actor=actor, clock=scene.clock, visits=total, source="demo")
    return total


@dataclass(frozen=True, slots=True)
class _Call:
    """One household to be visited in one round, with the levels of its group."""

    group: DemoGroup
    listed: Listed
    held: DemoRound
    at: RoundLevels


class _Writer:
    def __init__(self, session: Session, scene: Scene, round_ids: list[UUID]) -> None:
        self.session, self.scene, self.round_ids = session, scene, round_ids
        self.dice = scene.dice("visits")
        self.ages = adult_ages(session, scene.ward_id)
        self.rows: list[VisitRows] = []
        self.earlier: list[VisitRows] = []
        self.gone: dict[UUID, dt.date] = {}

    def visit_group(self, group: DemoGroup) -> int:
        """Write a group's visits of all rounds and count them."""
        self.rows, self.earlier, self.gone = [], [], {}
        for held in ROUNDS:
            self._visit_round(group, held)
        insert_visits(self.session, self.rows)
        if self.earlier:
            self.session.execute(insert(REVISION), [rows.revision for rows in self.earlier])
        if adults := [line for rows in self.earlier for line in rows.adults]:
            self.session.execute(insert(ADULT), adults)
        counted = [rows.counted for rows in self.rows if rows.visit["status"] in COUNTED]
        add_many(self.session, self.scene.ward_id, visits=counted, nothing_before=True)
        self._take_off_the_list(group)
        return len(self.rows)

    def _visit_round(self, group: DemoGroup, held: DemoRound) -> None:
        """Work through the list over the days of the round, as a head does."""
        at = levels_of(group.traits, held.step)
        begins = self.scene.calendar.day(held.begins_ago)
        here = [x for x in group.homes if x.registered_on <= begins and x.household_id not in self.gone]
        chosen = self.dice.sample(here, round(len(here) * group.traits.pace[held.step]))
        days = (self.scene.calendar.day(max(held.ends_ago, 0)) - begins).days + 1
        for place, listed in enumerate(chosen):
            day = begins + dt.timedelta(days=int(place / len(chosen) * days * self.dice.uniform(0.9, 1)))
            self._visit(_Call(group, listed, held, at), day)

    def _visit(self, call: _Call, day: dt.date) -> None:
        dice, step = self.dice, call.held.step
        outcome = VisitOutcome.INTERVIEWED
        if dice.random() < levels.NOBODY[step]:
            outcome = dice.choices(NOBODY, levels.NOBODY_WEIGHTS)[0]
        met = outcome is VisitOutcome.INTERVIEWED
        moment = self.scene.calendar.at(day, dice.uniform(17, 21.5))
        content = VisitContent(
            visit_id=invent_id(dice, moment),
            round_id=self.round_ids[step],
            household_id=call.listed.household_id,
            outcome=outcome,
            visited_on=day,
            answers=invent_answers(call.listed.home, call.at, step, dice) if met else None,
        )
        self._write(call, content, moment)
        if outcome is VisitOutcome.MOVED_AWAY and call.held.status is not RoundStatus.OPEN:
            self.gone[call.listed.household_id] = day

    def _write(self, call: _Call, content: VisitContent, moment: dt.datetime) -> None:
        facts = RevisionFacts(
            ward_id=self.scene.ward_id,
            group_id=call.group.id,
            made_at=moment,
            made_by=call.group.head_id,
            status=_status(call.held, self.dice),
            source="import" if content.answers and content.answers.totals else "form",
        )
        if content.answers and self.dice.random() < CORRECTED:
            self.earlier.append(visit_rows(content, facts, self.ages))
            answers = invent_answers(call.listed.home, call.at, call.held.step, self.dice)
            content = replace(content, answers=answers)
            later = self.scene.calendar.at(content.visited_on, 22.5)
            facts = replace(facts, number=2, made_at=later, reason="Ghi nhầm, đã hỏi lại chủ hộ.")
        rows = visit_rows(content, facts, self.ages)
        if facts.status is VisitStatus.NEEDS_CORRECTION:
            rows.visit["return_reason"] = self.dice.choice(REASONS)
        self.rows.append(rows)

    def _take_off_the_list(self, group: DemoGroup) -> None:
        """Strike out who had moved away, on the day it was found: in the past, so not by the service of today."""
        for household_id, day in self.gone.items():
            self.session.execute(
                update(HOUSEHOLD)
                .where(HOUSEHOLD.c.ward_id == self.scene.ward_id, HOUSEHOLD.c.id == household_id)
                .values(status=HouseholdStatus.VACATED, vacated_on=day)
            )
            households_changed(self.session, self.scene.ward_id, group_id=group.id, day=day, change=-1)


def _status(held: DemoRound, dice: Random) -> VisitStatus:
    if held.status is RoundStatus.LOCKED:
        return VisitStatus.LOCKED
    if held.status is RoundStatus.CLOSED:
        return VisitStatus.SUBMITTED if dice.random() < 0.05 else VisitStatus.APPROVED
    luck = dice.random()
    if luck < RETURNED:
        return VisitStatus.NEEDS_CORRECTION
    return VisitStatus.APPROVED if luck < 0.3 else VisitStatus.SUBMITTED
