"""Work on many households at once, and taking it back: each rule by itself, then any order of them."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.services.fact_place import add_indicators
from tests.survey_answers import DAY, family, visit_of
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.core.adoption import KNOWN_HOUSEHOLDS, PeriodKind
from webapp.core.errors import DomainError, InvalidInput, NotAllowed, NotFound, RoundShut, WrongState
from webapp.core.household_operations import ListLine, parse_household_list
from webapp.core.ids import new_id
from webapp.core.periods import WARD_ZONE
from webapp.core.personal_data import RequestKind
from webapp.core.surveys import Answers, HouseholdStatus, RoundStatus, Totals, VisitOutcome, VisitStatus
from webapp.core.visit_content import content_sha256
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.adoption import AdoptionFact
from webapp.models.audit import AuditEvent
from webapp.models.database import bind_ward, make_engine, make_sessions
from webapp.models.household_operations import HouseholdMove, HouseholdOperation, HouseholdOperationItem
from webapp.models.households import Household, HouseholdToken
from webapp.models.surveys import RoundGroup, SurveyRound, Visit
from webapp.services import household_operations as work
from webapp.services.erase_household import erase_household
from webapp.services.facts import rebuild_facts
from webapp.services.facts_rebuild import compare_facts
from webapp.services.household_undo import undo_operation
from webapp.services.review import return_visit
from webapp.services.rounds import move_round
from webapp.services.subject_requests import RecordRequest, record_request
from webapp.services.submit_visit import submit_visit


class Ward:
    """The small ward at the desk of its statistician."""

    def __init__(self, session: Session, world: World, cipher: AesGcmCipher, clock: FixedClock) -> None:
        self.session, self.world, self.cipher, self.clock = session, world, cipher, clock
        self.actor = world.actor(Role.STATISTICIAN)
        bind_ward(session, world.ward_id)
        self.one, self.two = world.group_ids
        self.rounds = [world.round_id]
        self.ports: dict[str, Any] = {"actor": self.actor, "cipher": cipher, "clock": clock}
        for n, household_id in enumerate(world.households[self.two]):  # not the same three names as in the first group
            self.household(household_id).identity_token = bytes([n]) * 8
        session.flush()
        rebuild_facts(session, world.ward_id)

    def add_round(self) -> UUID:
        made = SurveyRound(
            ward_id=self.world.ward_id,
            id=new_id(),
            name=f"Đợt {len(self.rounds) + 1}",
            starts_on=DAY - dt.timedelta(days=40),
            ends_on=DAY + dt.timedelta(days=300),
            status=RoundStatus.OPEN,
        )
        self.session.add(made)
        self.session.flush()
        self.rounds.append(made.id)
        return made.id

    def visit(self, household_id: UUID, answers: Answers | None = None, **more: Any) -> UUID:
        outcome = VisitOutcome.INTERVIEWED if answers else VisitOutcome.ABSENT
        command = visit_of(self.world, household_id, answers=answers, outcome=outcome, **more)
        submit_visit(self.session, command, actor=self.actor, clock=self.clock)
        return command.visit_id

    def lock(self, round_id: UUID) -> None:
        for status in (RoundStatus.CLOSED, RoundStatus.LOCKED):
            move_round(self.session, round_id, status, actor=self.actor, clock=self.clock)

    def household(self, household_id: UUID) -> Household:
        found = self.session.get(Household, (self.world.ward_id, household_id), populate_existing=True)
        assert found is not None
        return found

    def name(self, household_id: UUID) -> str:
        return self.cipher.decrypt(self.world.ward_id, self.household(household_id).head_name)

    def known(self, group_id: UUID, kind: PeriodKind = PeriodKind.ALL, key: str = "all") -> int:
        found = self.session.scalar(
            select(AdoptionFact.numerator).where(
                AdoptionFact.ward_id == self.world.ward_id,
                AdoptionFact.indicator_code == KNOWN_HOUSEHOLDS,
                AdoptionFact.period_kind == kind,
                AdoptionFact.period_key == key,
                AdoptionFact.group_id == group_id,
            )
        )
        return found or 0

    def undo(self, operation_id: UUID) -> None:
        undo_operation(self.session, operation_id, **self.ports)

    def assert_exact(self) -> None:
        assert compare_facts(self.session, self.world.ward_id) == ([], 0)

    def said(self, round_id: UUID) -> set[tuple[Any, ...]]:
        """What a round says, group by group."""
        fact = AdoptionFact
        return {
            tuple(row)
            for row in self.session.execute(
                select(fact.indicator_code, fact.group_id, fact.numerator, fact.denominator, fact.asked).where(
                    fact.ward_id == self.world.ward_id,
                    fact.period_kind == PeriodKind.ROUND,
                    fact.period_key == str(round_id),
                    (fact.numerator != 0) | (fact.denominator != 0) | (fact.asked != 0),
                )
            )
        }


@pytest.fixture
def ward(sessions: sessionmaker[Session], world: World, cipher: AesGcmCipher, clock: FixedClock) -> Iterator[Ward]:
    with sessions() as session:
        add_indicators(session)
        yield Ward(session, world, cipher, clock)
        session.rollback()


def lines(*names: str) -> list[ListLine]:
    return [ListLine(line=n, head_name=name, address=f"{n} Lê Lợi") for n, name in enumerate(names, 1)]


def totals(adults: int, smartphones: int) -> Answers:
    return Answers(totals=Totals(residents=adults + 1, adults=adults, smartphone_adults=smartphones))


def test_a_pasted_list_is_put_on_the_list_and_taken_off_again(ward: Ward) -> None:
    text = "STT\tHọ tên\tĐịa chỉ\n7\tLê Văn Tám\t3 Hùng Vương\n\nHồ Thị Kỷ; Hẻm 2; Lê Lợi"
    operation = work.register_many(ward.session, ward.one, parse_household_list(text), **ward.ports)
    made = ward.session.scalars(
        select(Household).where(Household.group_id == ward.one).order_by(Household.number.desc()).limit(2)
    ).all()
    assert [row.number for row in made] == [8, 7]
    assert ward.name(made[0].id) == "Hồ Thị Kỷ"
    assert ward.cipher.decrypt(ward.world.ward_id, made[0].address) == "Hẻm 2, Lê Lợi"
    assert ward.known(ward.one) == 5
    ward.assert_exact()
    ward.undo(operation)
    assert ward.known(ward.one) == 3
    assert ward.session.scalar(select(func.count()).select_from(Household)) == 6
    left = select(func.count()).select_from(HouseholdToken).where(HouseholdToken.household_id == made[0].id)
    assert ward.session.scalar(left) == 0
    ward.assert_exact()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "mỗi dòng một hộ"),
        ("Lê Văn Tám", "Dòng 1: chưa có địa chỉ"),
        ("1; ;3 Hùng Vương", "Dòng 1: chưa có họ tên"),
        ("0; Lê Tám; 3 Hùng Vương", "từ 1 trở lên"),
        ("1; Lê Tám; 3 Hùng Vương\n1; Lê Chín; 4 Hùng Vương", "Dòng 2: trùng với dòng 1"),
        ("Lê Tám; 3 Hùng Vương\nle tam; 3 hung vuong", "Dòng 2: trùng với dòng 1"),
    ],
)
def test_a_list_that_cannot_be_read_says_which_line(text: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_household_list(text)
    assert told in refused.value.text()


def test_twins_and_taken_numbers_are_refused_by_line(ward: Ward) -> None:
    with pytest.raises(InvalidInput, match="Dòng 1: đã có trong tổ, là hộ số 2"):
        work.register_many(
            ward.session, ward.one, parse_household_list("tran dinh an; hem 5 quang trung"), **ward.ports
        )
    with pytest.raises(InvalidInput, match="số 3 đã có hộ khác"):
        work.register_many(ward.session, ward.one, parse_household_list("3; Lê Tám; 9 Hùng Vương"), **ward.ports)


def test_merging_keeps_the_visits_of_both_and_the_newest_counts(ward: Ward) -> None:
    kept, gone, _third = ward.world.households[ward.one]
    old = ward.visit(kept, totals(2, 1), visited_on=DAY - dt.timedelta(days=3))
    new = ward.visit(gone, totals(3, 3))
    command = work.MergeHouseholds(kept_id=kept, gone_id=gone, head_name="Trần Đình Ấn", address="12 Đường Lê Lợi")
    operation = work.merge_households(ward.session, command, **ward.ports)
    visits = ward.session.execute(select(Visit.id, Visit.household_id).order_by(Visit.id)).all()
    assert {(row.id, row.household_id) for row in visits} == {(old, kept), (new, kept)}
    assert ward.name(kept) == "Trần Đình Ấn"
    assert ward.household(gone).status is HouseholdStatus.VACATED
    assert {row[2] for row in ward.said(ward.world.round_id) if row[0] == "smartphone_adults"} == {3}
    assert ward.known(ward.one) == 2
    ward.assert_exact()
    ward.undo(operation)
    assert {row.household_id for row in ward.session.execute(select(Visit.household_id))} == {kept, gone}
    assert ward.name(kept) == "Nguyễn Thị Ánh"
    assert {row[2] for row in ward.said(ward.world.round_id) if row[0] == "smartphone_adults"} == {4}
    ward.assert_exact()


def test_a_phone_that_does_not_know_of_a_merging_sends_to_the_household_that_stayed(ward: Ward) -> None:
    kept, gone, _third = ward.world.households[ward.one]
    before = visit_of(ward.world, gone, answers=totals(3, 3))
    first = submit_visit(ward.session, before, actor=ward.actor, clock=ward.clock)
    command = work.MergeHouseholds(kept_id=kept, gone_id=gone, head_name="Trần Đình Ấn", address="12 Đường Lê Lợi")
    work.merge_households(ward.session, command, **ward.ports)
    again = submit_visit(ward.session, before, actor=ward.actor, clock=ward.clock)
    assert (again.sha256, again.repeated) == (first.sha256, True)
    mended = dataclasses.replace(before, answers=totals(3, 2), base_revision=1, reason="Đếm lại")
    assert submit_visit(ward.session, mended, actor=ward.actor, clock=ward.clock).revision == 2
    late = visit_of(ward.world, gone, answers=totals(4, 4))
    receipt = submit_visit(ward.session, late, actor=ward.actor, clock=ward.clock)
    assert receipt.sha256 == content_sha256(late.content)  # of what the phone sent
    assert {row.household_id for row in ward.session.execute(select(Visit.household_id))} == {kept}
    ward.assert_exact()


def test_what_an_operation_keeps_of_a_name_is_encrypted_and_forgotten(ward: Ward) -> None:
    kept, gone, third = ward.world.households[ward.one]
    command = work.MergeHouseholds(kept_id=kept, gone_id=gone, head_name="Nguyễn Thị Ánh", address="14 Đường Lê Lợi")
    work.merge_households(ward.session, command, **ward.ports)
    person = select(HouseholdOperationItem.person).where(HouseholdOperationItem.person.is_not(None))
    stored = ward.session.scalars(person).one()
    assert stored is not None
    assert "Ánh".encode() not in stored
    events = ward.session.scalars(select(AuditEvent.detail)).all()
    assert not any("Ánh" in str(detail) for detail in events)
    ward.clock.move(days=31)
    work.vacate_households(ward.session, [third], **ward.ports)
    assert ward.session.scalars(person).all() == []


def test_a_merge_that_would_change_a_locked_round_is_refused(ward: Ward) -> None:
    kept, gone, third = ward.world.households[ward.one]
    ward.visit(kept, totals(2, 1))
    ward.visit(gone, totals(2, 2))
    ward.lock(ward.world.round_id)
    before = ward.said(ward.world.round_id)
    for one, other in ((kept, gone), (gone, kept)):
        command = work.MergeHouseholds(kept_id=one, gone_id=other, head_name="Lê Tám", address="1 Lê Lợi")
        with pytest.raises(RoundShut, match="đợt đã chốt"), ward.session.begin_nested():
            work.merge_households(ward.session, command, **ward.ports)
    command = work.MergeHouseholds(kept_id=third, gone_id=kept, head_name="Lê Tám", address="1 Lê Lợi")
    work.merge_households(ward.session, command, **ward.ports)  # only one of these two was visited: nothing changes
    assert ward.said(ward.world.round_id) == before
    ward.assert_exact()


def test_a_merge_of_a_round_that_was_locked_since_cannot_be_undone(ward: Ward) -> None:
    kept, gone, _third = ward.world.households[ward.one]
    ward.visit(kept, totals(2, 1))
    ward.visit(gone, totals(2, 2))
    command = work.MergeHouseholds(kept_id=kept, gone_id=gone, head_name="Lê Tám", address="1 Lê Lợi")
    operation = work.merge_households(ward.session, command, **ward.ports)
    ward.session.add(
        RoundGroup(
            ward_id=ward.world.ward_id,
            round_id=ward.world.round_id,
            group_id=ward.one,
            status=RoundStatus.LOCKED,
            reason="",
            changed_at=ward.clock.now(),
            changed_by=ward.actor.account_id,
        )
    )
    ward.session.flush()
    with pytest.raises(RoundShut) as refused, ward.session.begin_nested():
        ward.undo(operation)
    assert refused.value.code == "group-locked"


def test_a_split_leaves_the_visits_with_the_old_household(ward: Ward) -> None:
    old = ward.world.households[ward.one][0]
    ward.visit(old, totals(4, 2))
    command = work.SplitHousehold(household_id=old, head_name="Nguyễn Văn Con", address="12B Đường Lê Lợi")
    operation = work.split_household(ward.session, command, **ward.ports)
    new = ward.session.scalars(select(Household).where(Household.number == 4)).one()
    assert ward.name(new.id) == "Nguyễn Văn Con"
    assert ward.session.scalars(select(Visit.household_id)).all() == [old]
    assert ward.known(ward.one) == 4
    ward.visit(new.id, totals(1, 1))
    ward.assert_exact()
    with pytest.raises(WrongState, match="đã có phiếu"), ward.session.begin_nested():
        ward.undo(operation)


def test_history_stays_with_the_old_group_and_the_future_is_the_new_ones(ward: Ward) -> None:
    household = ward.world.households[ward.one][0]
    later = ward.add_round()
    ward.visit(household, totals(2, 1))
    past = ward.world.round_id
    move_round(ward.session, past, RoundStatus.CLOSED, actor=ward.actor, clock=ward.clock)
    running = ward.visit(household, totals(2, 2), round_id=later)
    before = ward.said(past)
    operation = work.move_households(ward.session, [household], ward.two, **ward.ports)
    place = ward.household(household)
    assert (place.group_id, place.number) == (ward.two, 4)
    assert ward.said(past) == before
    groups = dict(ward.session.execute(select(Visit.id, Visit.group_id)).all())
    assert groups.pop(running) == ward.two
    assert set(groups.values()) == {ward.one}
    assert (ward.known(ward.one), ward.known(ward.two)) == (2, 4)
    registered = place.registered_on.isoformat()
    assert (
        ward.known(ward.one, PeriodKind.DAY, registered),
        ward.known(ward.two, PeriodKind.DAY, registered),
    ) == (3, 3)
    ward.assert_exact()
    ward.undo(operation)
    place = ward.household(household)
    assert (place.group_id, place.number) == (ward.one, 1)
    assert set(ward.session.scalars(select(Visit.group_id))) == {ward.one}
    assert ward.session.scalars(select(HouseholdMove)).all() == []
    ward.assert_exact()


def test_a_returned_visit_goes_along_to_the_new_group(ward: Ward) -> None:
    household = ward.world.households[ward.one][0]
    visit = ward.visit(household, totals(2, 1))
    return_visit(ward.session, visit, reason="Xem lại", actor=ward.actor, clock=ward.clock)
    move_round(ward.session, ward.world.round_id, RoundStatus.CLOSED, actor=ward.actor, clock=ward.clock)
    work.move_households(ward.session, [household], ward.two, **ward.ports)
    row = ward.session.execute(select(Visit.group_id, Visit.status)).one()
    assert (row.group_id, row.status) == (ward.two, VisitStatus.NEEDS_CORRECTION)
    ward.assert_exact()


def test_many_leave_and_come_back_and_the_time_between_stays(ward: Ward) -> None:
    first, second, _third = ward.world.households[ward.one]
    off = work.vacate_households(ward.session, [first, second], **ward.ports)
    assert ward.known(ward.one) == 1
    ward.clock.move(days=5)
    back = work.return_households(ward.session, [second], **ward.ports)
    assert ward.known(ward.one) == 2
    assert ward.known(ward.one, PeriodKind.DAY, DAY.isoformat()) == -2
    ward.assert_exact()
    with pytest.raises(WrongState, match="Hoàn tác thao tác đó trước") as refused, ward.session.begin_nested():
        ward.undo(off)
    assert refused.value.params["at"] == f"{ward.clock.now().astimezone(WARD_ZONE):%d/%m/%Y %H:%M}"
    ward.undo(back)
    ward.undo(off)
    assert ward.known(ward.one) == 3
    ward.assert_exact()


def test_undo_has_its_limits(ward: Ward) -> None:
    household = ward.world.households[ward.one][2]
    operation = work.vacate_households(ward.session, [household], **ward.ports)
    ward.clock.move(days=30)
    ward.undo(operation)
    with pytest.raises(WrongState, match="hoàn tác rồi"):
        ward.undo(operation)
    again = work.vacate_households(ward.session, [household], **ward.ports)
    ward.clock.move(days=30, seconds=1)
    with pytest.raises(WrongState, match="quá 30 ngày"):
        ward.undo(again)
    with pytest.raises(NotFound):
        ward.undo(new_id())


def test_a_household_deleted_for_good_does_not_come_back_by_undoing(ward: Ward) -> None:
    household = ward.world.households[ward.one][0]
    operation = work.vacate_households(ward.session, [household], **ward.ports)
    ask = RecordRequest(
        kind=RequestKind.DELETE,
        received_on=ward.clock.today(),
        requester="Bà Sáu",
        contact="0900 000 000",
        content="Xin xóa",
        group_id=ward.one,
        household_number=ward.household(household).number,
    )
    request_id = record_request(ward.session, ask, **ward.ports)
    erase_household(ward.session, request_id, actor=ward.actor, clock=ward.clock)
    with pytest.raises(WrongState, match="xóa vĩnh viễn"):
        undo_operation(ward.session, operation, **ward.ports)
    differences, _rows = compare_facts(ward.session, ward.world.ward_id)
    assert differences == []


def test_only_those_who_arrange_households_may(ward: Ward) -> None:
    head = {**ward.ports, "actor": ward.world.actor(Role.GROUP_HEAD)}
    household = ward.world.households[ward.one][0]
    with pytest.raises(NotAllowed):
        work.vacate_households(ward.session, [household], **head)
    with pytest.raises(NotAllowed):
        work.move_households(ward.session, [household], ward.two, **head)
    with pytest.raises(NotFound):
        work.vacate_households(ward.session, [new_id()], **ward.ports)
    with pytest.raises(InvalidInput):
        work.vacate_households(ward.session, [], **ward.ports)


def test_a_merged_household_comes_back_only_by_undoing(ward: Ward) -> None:
    kept, gone, _third = ward.world.households[ward.one]
    command = work.MergeHouseholds(kept_id=kept, gone_id=gone, head_name="Lê Tám", address="1 Lê Lợi")
    work.merge_households(ward.session, command, **ward.ports)
    with pytest.raises(WrongState, match="gộp"):
        work.return_households(ward.session, [gone], **ward.ports)


index = st.integers(0, 20)
some = st.lists(index, min_size=1, max_size=3, unique=True)
people = st.one_of(st.none(), st.builds(totals, st.integers(1, 4), st.integers(0, 1)), st.builds(family))
acts = st.one_of(
    st.tuples(st.just("register"), st.integers(0, 1), st.integers(1, 2)),
    st.tuples(st.just("merge"), index, index),
    st.tuples(st.just("split"), index),
    st.tuples(st.just("move"), some, st.integers(0, 1)),
    st.tuples(st.just("vacate"), some),
    st.tuples(st.just("put_back"), some),
    st.tuples(st.just("undo"), index),
    st.tuples(st.just("undo"), st.just(0)),
    st.tuples(st.just("visit"), index, people, st.integers(0, 1), st.integers(0, 8)),
    st.tuples(st.just("visit"), index, people, st.integers(0, 1), st.integers(0, 8)),
    st.tuples(st.just("send_back"), index),
    st.tuples(st.just("lock"), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.integers(0, 3)),
)


class Player:
    """Plays acts on a ward; `done` are the operations that can be taken back, the newest first."""

    def __init__(self, ward: Ward) -> None:
        self.ward, self.done, self.count = ward, [], 0  # type: ignore[var-annotated]

    def play(self, act: tuple[Any, ...]) -> None:
        self.count += 1
        getattr(self, act[0])(*act[1:])

    def pick(self, index: int, *wanted: Any) -> UUID:
        """One of the households (that fit, when any does): most acts should find something to do."""
        ids = sorted(self.ward.session.scalars(select(Household.id).where(*wanted)))
        ids = ids or sorted(self.ward.session.scalars(select(Household.id)))
        return ids[index % len(ids)]

    def active(self, index: int, group_id: UUID | None = None) -> UUID:
        group = [] if group_id is None else [Household.group_id == group_id]
        return self.pick(index, Household.status == HouseholdStatus.ACTIVE, *group)

    def run(self, operation: Callable[..., UUID], *arguments: Any) -> None:
        self.done.insert(0, operation(self.ward.session, *arguments, **self.ward.ports))

    def register(self, group: int, many: int) -> None:
        new = [ListLine(line=n, head_name=f"Hộ {self.count} {n}", address=f"{self.count} Mới") for n in range(many)]
        self.run(work.register_many, [self.ward.one, self.ward.two][group], new)

    def merge(self, kept: int, gone: int) -> None:
        called = {"head_name": f"Gộp {self.count}", "address": f"{self.count} Gộp"}
        stays = self.active(kept)
        goes = self.active(gone, self.ward.household(stays).group_id)
        self.run(work.merge_households, work.MergeHouseholds(kept_id=stays, gone_id=goes, **called))

    def split(self, household: int) -> None:
        called = {"head_name": f"Tách {self.count}", "address": f"{self.count} Tách"}
        self.run(work.split_household, work.SplitHousehold(household_id=self.active(household), **called))

    def move(self, chosen: list[int], group: int) -> None:
        here, there = [self.ward.one, self.ward.two][:: 1 if group else -1]
        self.run(work.move_households, {self.active(n, here) for n in chosen}, there)

    def vacate(self, chosen: list[int]) -> None:
        self.run(work.vacate_households, {self.active(n) for n in chosen})

    def put_back(self, chosen: list[int]) -> None:
        self.run(work.return_households, {self.pick(n, Household.vacated_on.is_not(None)) for n in chosen[:1]})

    def undo(self, which: int) -> None:
        if self.done:
            self.ward.undo(self.done[which % len(self.done)])
            self.done.pop(which % len(self.done))

    def visit(self, household: int, answers: Answers | None, of_round: int, ago: int) -> None:
        day = DAY - dt.timedelta(days=ago)
        self.ward.visit(self.pick(household), answers, round_id=self.ward.rounds[of_round], visited_on=day)

    def send_back(self, which: int) -> None:
        visits = sorted(self.ward.session.scalars(select(Visit.id)).all())
        if visits:
            chosen = visits[which % len(visits)]
            return_visit(self.ward.session, chosen, reason="Xem lại", actor=self.ward.actor, clock=self.ward.clock)

    def lock(self, of_round: int) -> None:
        self.ward.lock(self.ward.rounds[of_round])

    def wait(self, days: int) -> None:
        self.ward.clock.move(days=days)


def run_and_compare(sessions: sessionmaker[Session], world: World, history: list[tuple[Any, ...]]) -> None:
    """Whatever was done in whatever order: facts are a recount, and a locked round says what it said."""
    with sessions() as session:
        ward = Ward(session, world, AesGcmCipher(bytes(range(32))), FixedClock())
        ward.add_round()
        player = Player(ward)
        locked: dict[UUID, set[tuple[Any, ...]]] = {}
        for act in history:
            try:
                with session.begin_nested():
                    player.play(act)
            except DomainError:
                player.done = [one for one in player.done if _is_there(session, one)]
                continue
            if act[0] == "lock":
                locked[ward.rounds[act[1]]] = ward.said(ward.rounds[act[1]])
            assert {round_id: ward.said(round_id) for round_id in locked} == locked, act
        ward.assert_exact()
        session.rollback()


def _is_there(session: Session, operation_id: UUID) -> bool:
    found = session.scalar(select(HouseholdOperation.id).where(HouseholdOperation.id == operation_id))
    return found is not None


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Any, World]]:
    path = tmp_path_factory.mktemp("operations") / "operations.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        add_indicators(session)
    yield sessions, make_world(sessions, AesGcmCipher(bytes(range(32))), FixedClock())
    engine.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(acts, min_size=3, max_size=20))
def test_any_order_of_operations_and_undos_leaves_exact_facts(
    book: tuple[Any, World], history: list[tuple[Any, ...]]
) -> None:
    run_and_compare(book[0], book[1], history)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(acts, min_size=6, max_size=20))
def test_any_order_is_exact_on_postgresql_too(
    sessions: sessionmaker[Session], world: World, history: list[tuple[Any, ...]]
) -> None:
    run_and_compare(sessions, world, history)
