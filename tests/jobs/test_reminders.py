"""The morning's letter and the code before it: to who wants it, once a day, tried again, with counts alone."""

import datetime as dt
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.outward import Outward
from webapp.core.reminders import CODE_TRIES_MOST, TRIES_MOST, Letter, MailFailed, MailTrouble
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.reminders import queue_letters
from webapp.jobs.worker import Worker
from webapp.models.accounts import Account
from webapp.models.audit import AuditEvent
from webapp.models.jobs import Job
from webapp.models.reminders import Reminder
from webapp.queries.reminders import count_letters_failing, find_reminder
from webapp.services.reminders import (
    ask_for_letters,
    confirm_address,
    forget_address,
    set_address_of,
    want_letters,
)

MONDAY = dt.datetime(2026, 11, 23, 0, 30, tzinfo=dt.UTC)  # half past seven in the ward


class Mail:
    """Implements core.reminders.Mailer; `failure` takes no letter, `bad` none to that address."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.calls = 0
        self.failure: MailFailed | None = None
        self.bad = ""

    def send(self, letter: Letter) -> None:
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        if letter.to == self.bad:
            raise MailFailed(MailTrouble.ADDRESS)
        self.letters.append(letter)


@pytest.fixture
def mail() -> Mail:
    return Mail()


@pytest.fixture
def ports(ports: Ports, clock: FixedClock, mail: Mail) -> Ports:
    clock.moment = MONDAY
    return replace(ports, outward=Outward(mail=mail, base_url="http://localhost:8000/"))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, ports: Ports) -> Desk:
    desk = make_desk(sessions, world, ports.clock, ports.files, ports.signing)
    desk.enrol_all()
    return desk


def work(desk: Desk, ports: Ports) -> None:
    worker = Worker(desk.sessions, ports, standard_registry())
    while worker.run_once():
        pass


def minute(desk: Desk, ports: Ports, clock: FixedClock, **later: float) -> None:
    clock.move(**(later or {"minutes": 1}))
    queue_letters(desk.sessions, ports)
    work(desk, ports)


def wants(desk: Desk, role: Role, email: str) -> None:
    """The administrator sets the address, the person switches the letters on."""
    with desk.sessions.begin() as session:
        set_address_of(session, desk.world.accounts[role], email, actor=desk.actor(Role.ADMIN), clock=desk.clock)
        want_letters(session, on=True, actor=desk.actor(role), clock=desk.clock)


def row(desk: Desk, role: Role) -> Reminder:
    with desk.reading() as session:
        return session.get_one(Reminder, (desk.world.ward_id, desk.world.accounts[role]))


def test_who_wants_it_gets_one_letter_a_working_day_with_counts_alone(
    desk: Desk, ports: Ports, clock: FixedClock, mail: Mail
) -> None:
    wants(desk, Role.LEADER, "leader@vi-du.vn")
    wants(desk, Role.OFFICER, "officer@vi-du.vn")
    desk.until("awaiting_signature", abstract="Bí mật của phường")
    for _again in range(3):
        minute(desk, ports, clock)
    assert [letter.to for letter in mail.letters] == ["leader@vi-du.vn"]
    text = mail.letters[0].text
    assert "- 1 văn bản chờ bạn ký" in text
    assert "http://localhost:8000/waiting" in text
    assert "Bí mật" not in text
    assert row(desk, Role.OFFICER).sent_on == clock.today()
    minute(desk, ports, clock, days=1)
    assert len(mail.letters) == 2
    minute(desk, ports, clock, days=4)  # Saturday
    minute(desk, ports, clock, days=2, hours=5)  # Monday after noon
    assert len(mail.letters) == 2
    assert len({letter.key for letter in mail.letters}) == 2


def test_who_did_not_ask_or_left_gets_none(desk: Desk, ports: Ports, clock: FixedClock, mail: Mail) -> None:
    desk.until("awaiting_signature")
    admin, leader = desk.actor(Role.ADMIN), desk.actor(Role.LEADER)
    with desk.sessions.begin() as session:
        set_address_of(session, leader.account_id, "leader@vi-du.vn", actor=admin, clock=clock)
    minute(desk, ports, clock)
    for on in (True, False):
        with desk.sessions.begin() as session:
            want_letters(session, on=on, actor=leader, clock=clock)
    minute(desk, ports, clock)
    with desk.sessions.begin() as session:
        forget_address(session, actor=leader, clock=clock)
        assert find_reminder(session, leader.ward_id, leader.account_id) is None
    minute(desk, ports, clock)
    wants(desk, Role.LEADER, "leader@vi-du.vn")
    with desk.sessions.begin() as session:
        session.get_one(Account, leader.account_id).disabled_at = clock.now()
    minute(desk, ports, clock)
    assert mail.calls == 0
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_an_address_is_confirmed_by_the_code_that_was_sent_there(
    desk: Desk, ports: Ports, clock: FixedClock, mail: Mail
) -> None:
    leader = desk.actor(Role.LEADER)
    with desk.sessions.begin() as session:
        ask_for_letters(session, " leader@vi-du.vn ", actor=leader, clock=clock)
    with pytest.raises(WrongState), desk.sessions.begin() as session:
        ask_for_letters(session, "nguoi-khac@vi-du.vn", actor=leader, clock=clock)
    work(desk, ports)
    desk.until("awaiting_signature")
    minute(desk, ports, clock)
    assert [letter.subject for letter in mail.letters] == ["Mã xác nhận địa chỉ e-mail"]
    code = re.findall(r"\b\d{6}\b", mail.letters[0].text)[0]
    with desk.sessions.begin() as session:
        assert not confirm_address(session, "x", actor=leader, clock=clock, cipher=ports.cipher)
        assert confirm_address(session, f" {code} ", actor=leader, clock=clock, cipher=ports.cipher)
        assert not confirm_address(session, code, actor=leader, clock=clock, cipher=ports.cipher)
    minute(desk, ports, clock)
    assert [letter.to for letter in mail.letters[1:]] == ["leader@vi-du.vn"]
    with desk.reading() as session:
        told = [str(one.payload) + str(one.result) for one in session.scalars(select(Job))]
        told += [str(one.detail) for one in session.scalars(select(AuditEvent))]
    assert not [one for one in told if code in one or "vi-du.vn" in one]


@pytest.mark.parametrize("late", [True, False])
def test_a_code_wears_out_by_time_and_by_guessing(
    desk: Desk, ports: Ports, clock: FixedClock, mail: Mail, late: bool
) -> None:
    leader = desk.actor(Role.LEADER)
    with desk.sessions.begin() as session:
        ask_for_letters(session, "leader@vi-du.vn", actor=leader, clock=clock)
    work(desk, ports)
    code = re.findall(r"\b\d{6}\b", mail.letters[0].text)[0]
    if late:
        clock.move(minutes=31)
    for _guess in range(0 if late else CODE_TRIES_MOST):
        with desk.sessions.begin() as session:
            assert not confirm_address(session, "0", actor=leader, clock=clock, cipher=ports.cipher)
    with desk.sessions.begin() as session:
        assert not confirm_address(session, code, actor=leader, clock=clock, cipher=ports.cipher)
    with pytest.raises(WrongState), desk.sessions.begin() as session:
        want_letters(session, on=True, actor=leader, clock=clock)


def test_a_server_that_is_away_is_tried_later_and_later_then_tomorrow_and_shown(
    desk: Desk, ports: Ports, clock: FixedClock, mail: Mail
) -> None:
    wants(desk, Role.LEADER, "leader@vi-du.vn")
    wants(desk, Role.OFFICER, "officer@vi-du.vn")
    desk.until("awaiting_signature")
    mail.failure = MailFailed(MailTrouble.UNREACHABLE)
    first = desk.upload()
    desk.submit(first)
    tries = []
    for _minutes in range(260):
        before = row(desk, Role.LEADER).tries
        minute(desk, ports, clock)
        if row(desk, Role.LEADER).tries != before:
            tries.append(clock.now())
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert (len(tries), waits) == (TRIES_MOST, sorted(waits))
    assert row(desk, Role.LEADER).trouble is MailTrouble.UNREACHABLE
    with desk.reading() as session:
        assert count_letters_failing(session, desk.world.ward_id) == 1
    mail.failure = None
    minute(desk, ports, clock, days=1, hours=-4)
    assert [letter.to for letter in mail.letters] == ["leader@vi-du.vn"]
    with desk.reading() as session:
        assert count_letters_failing(session, desk.world.ward_id) == 0


def test_one_refused_address_does_not_hold_up_the_others_but_a_dead_server_is_asked_once(
    desk: Desk, ports: Ports, clock: FixedClock, mail: Mail
) -> None:
    people = (Role.LEADER, Role.CLERK)
    for role in people:
        wants(desk, role, f"{role.value}@vi-du.vn")
    desk.until("signed")
    desk.until("awaiting_signature")
    mail.failure = MailFailed(MailTrouble.UNREACHABLE)
    minute(desk, ports, clock)
    assert mail.calls == 1
    assert {row(desk, role).trouble for role in people} == {MailTrouble.UNREACHABLE}
    mail.failure, mail.bad = None, "leader@vi-du.vn"
    minute(desk, ports, clock, minutes=6)
    assert [letter.to for letter in mail.letters] == ["clerk@vi-du.vn"]
    assert row(desk, Role.LEADER).trouble is MailTrouble.ADDRESS


def test_a_code_that_did_not_go_out_is_tried_again_by_the_queue(
    desk: Desk, ports: Ports, clock: FixedClock, mail: Mail
) -> None:
    with desk.sessions.begin() as session:
        ask_for_letters(session, "leader@vi-du.vn", actor=desk.actor(Role.LEADER), clock=clock)
    mail.failure = MailFailed(MailTrouble.UNREACHABLE)
    work(desk, ports)
    assert row(desk, Role.LEADER).trouble is MailTrouble.UNREACHABLE
    mail.failure = None
    minute(desk, ports, clock)
    assert len(mail.letters) == 1
    assert row(desk, Role.LEADER).trouble is None


@pytest.mark.parametrize(
    "wrong", ["abc", "a@b", "a b@vi-du.vn", "a@vi-du.vn\nBcc: x@y.vn", "ấ@vi-du.vn", "a@b@vi-du.vn", "a@.vn", ""]
)
def test_an_address_of_a_wrong_form_is_refused(desk: Desk, clock: FixedClock, wrong: str) -> None:
    with pytest.raises(InvalidInput), desk.sessions.begin() as session:
        ask_for_letters(session, wrong, actor=desk.actor(Role.LEADER), clock=clock)


def test_only_the_administrator_sets_addresses_of_others_and_only_in_the_own_ward(
    desk: Desk, clock: FixedClock
) -> None:
    leader, admin = desk.actor(Role.LEADER), desk.actor(Role.ADMIN)
    with pytest.raises(NotAllowed), desk.sessions.begin() as session:
        set_address_of(session, admin.account_id, "a@vi-du.vn", actor=leader, clock=clock)
    with pytest.raises(NotFound), desk.sessions.begin() as session:
        set_address_of(session, desk.world.ward_id, "a@vi-du.vn", actor=admin, clock=clock)
    with desk.sessions.begin() as session:
        set_address_of(session, leader.account_id, "a@vi-du.vn", actor=admin, clock=clock)
        set_address_of(session, leader.account_id, " ", actor=admin, clock=clock)
    with desk.reading() as session:
        assert session.scalars(select(Reminder)).all() == []
