"""Incoming documents: checked first, numbered without a gap, handed on, dealt with."""

import datetime as dt
import hashlib
import threading
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fake_signing import PDF, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.incoming import Handing, IncomingFacts, IncomingMedium, IncomingStatus
from webapp.gateways.files import FolderStore
from webapp.models.audit import AuditEvent
from webapp.models.incoming import IncomingDocument, IncomingSeries
from webapp.queries.incoming import IncomingView, find_lines, handlers, incoming_register
from webapp.queries.incoming_work import incoming_work
from webapp.services.incoming import (
    ReceiveIncoming,
    confirm_receipt,
    receive_incoming,
    register_incoming,
    return_incoming,
)
from webapp.services.incoming_work import acknowledge_incoming, assign_incoming, finish_incoming


class Counter:
    """The clerk's desk for what comes in; each act is a transaction of its own."""

    def __init__(self, sessions: sessionmaker[Session], world: World, clock: FixedClock, folder: Path) -> None:
        self.sessions, self.world, self.clock = sessions, world, clock
        self.files, self.signing, self.made = FolderStore(folder), FakeSigning(clock), 0
        self.clerk = world.actor(Role.CLERK)

    def receive(self, *, code: str = "ok", content: bytes | None = None, medium: str = "electronic") -> UUID:
        self.made += 1
        content = PDF + b"%d" % self.made if content is None else content
        self.signing.code = code
        command = ReceiveIncoming(
            medium=IncomingMedium(medium),
            content=content,
            filename="C:\\thu\\cong van.PDF",
            report=self.signing.verify(content, ward_id=None) if content and medium == "electronic" else {},
        )
        with self.sessions.begin() as session:
            return receive_incoming(session, command, actor=self.clerk, clock=self.clock, files=self.files)

    def facts(self, **changes: object) -> IncomingFacts:
        plain = IncomingFacts(
            arrived_on=self.clock.today(),
            sender="Sở Khoa học và Công nghệ",
            notation="125/SKHCN-CĐS",
            document_on=self.clock.today() - dt.timedelta(days=2),
            type_name="Công văn",
            abstract="Báo cáo chuyển đổi số quý IV",
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    def register(self, document_id: UUID, **changes: object) -> str:
        with self.sessions.begin() as session:
            return register_incoming(session, document_id, self.facts(**changes), actor=self.clerk, clock=self.clock)

    def assign(self, document_id: UUID, role: Role = Role.OFFICER, by: Role = Role.LEADER, **more: object) -> None:
        handing = Handing(handler_id=self.world.accounts[role], **more)  # type: ignore[arg-type]
        with self.sessions.begin() as session:
            assign_incoming(session, document_id, handing, actor=self.world.actor(by), clock=self.clock)

    def row(self, document_id: UUID) -> IncomingDocument:
        with self.sessions() as session:
            return session.scalars(select(IncomingDocument).where(IncomingDocument.id == document_id)).one()


@pytest.fixture
def counter(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Counter:
    return Counter(sessions, world, clock, tmp_path / "files")


def fields(error: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {problem.field for problem in error.value.problems}


def test_the_file_is_kept_under_its_hash_with_the_verdict(counter: Counter) -> None:
    document_id = counter.receive()
    row = counter.row(document_id)
    assert row.file_sha256 == hashlib.sha256(PDF + b"1").hexdigest()
    assert counter.files.get(row.file_sha256 or "") == PDF + b"1"
    assert (row.file_name, row.verdict, row.number, row.status) == (
        "cong van.pdf",
        "valid",
        None,
        IncomingStatus.RECEIVED,
    )
    assert row.report["sha256"] == row.file_sha256


def test_numbers_begin_at_one_and_have_no_gap_under_sixteen_clerks(counter: Counter, session: Session) -> None:
    waiting = [counter.receive() for _ in range(16)]
    start, failures = threading.Barrier(16), []

    def register(document_id: UUID) -> None:
        start.wait()
        try:
            counter.register(document_id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=register, args=(one,)) for one in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(session.scalars(select(IncomingDocument.number))) == list(range(1, 17))
    assert session.scalars(select(IncomingSeries.last_number)).one() == 16
    assert incoming_register(session, counter.world.ward_id, 2026).gaps == ()


def test_one_document_registered_twice_at_once_takes_one_number(counter: Counter, session: Session) -> None:
    document_id = counter.receive()
    results: list[object] = []

    def register() -> None:
        try:
            results.append(counter.register(document_id))
        except DomainError as error:
            results.append(type(error))

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == sorted(["01", *[str(WrongState)] * 3])
    assert session.scalars(select(IncomingSeries.last_number)).one() == 1


def test_the_new_year_begins_a_new_series(counter: Counter, clock: FixedClock) -> None:
    assert counter.register(counter.receive()) == "01"
    clock.moment = dt.datetime(2026, 12, 31, 17, 0, tzinfo=dt.UTC)  # midnight in the ward
    assert counter.register(counter.receive()) == "01"


@pytest.mark.parametrize("code", ["tampered", "untrusted", "unsigned", "unreadable"])
def test_what_is_not_plainly_valid_needs_a_written_reason(counter: Counter, code: str) -> None:
    document_id = counter.receive(code=code)
    with pytest.raises(InvalidInput) as caught:
        counter.register(document_id)
    assert fields(caught) == {"decision"}
    assert counter.register(document_id, decision="Đã gọi lại nơi gửi") == "01"
    assert counter.row(document_id).decision == "Đã gọi lại nơi gửi"


def test_paper_needs_neither_file_nor_reason(counter: Counter) -> None:
    document_id = counter.receive(content=b"", medium="paper")
    assert counter.register(document_id) == "01"
    assert (counter.row(document_id).verdict, counter.row(document_id).file_sha256) == ("paper", None)


def test_an_electronic_document_needs_its_file_and_the_verdict_must_be_about_it(counter: Counter) -> None:
    with pytest.raises(InvalidInput) as caught:
        counter.receive(content=b"")
    assert fields(caught) == {"content"}
    report = counter.signing.verify(b"%PDF-1.7 other", ward_id=None)
    command = ReceiveIncoming(medium=IncomingMedium.ELECTRONIC, content=PDF, filename="a.pdf", report=report)
    with pytest.raises(Conflict), counter.sessions.begin() as session:
        receive_incoming(session, command, actor=counter.clerk, clock=counter.clock, files=counter.files)


def test_the_same_file_is_not_taken_twice_but_again_after_it_was_returned(counter: Counter) -> None:
    first = counter.receive(content=PDF)
    with pytest.raises(InvalidInput, match="đang chờ vào sổ"):
        counter.receive(content=PDF)
    with counter.sessions.begin() as session:
        return_incoming(session, first, "Sai nơi nhận", actor=counter.clerk, clock=counter.clock)
    counter.register(counter.receive(content=PDF))
    with pytest.raises(InvalidInput, match="số đến 1 năm 2026"):
        counter.receive(content=PDF)


def test_a_returned_document_takes_no_number_and_needs_a_reason(counter: Counter, session: Session) -> None:
    document_id = counter.receive(code="tampered")
    with pytest.raises(InvalidInput), counter.sessions.begin() as writing:
        return_incoming(writing, document_id, "  ", actor=counter.clerk, clock=counter.clock)
    with counter.sessions.begin() as writing:
        return_incoming(writing, document_id, "Chữ ký hỏng", actor=counter.clerk, clock=counter.clock)
    with pytest.raises(WrongState):
        counter.register(document_id, decision="x")
    assert session.scalars(select(IncomingSeries.last_number)).all() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender": " "}, "sender"),
        ({"abstract": ""}, "abstract"),
        ({"arrived_on": dt.date(2026, 11, 23)}, "arrived_on"),
        ({"document_on": dt.date(2026, 11, 23)}, "document_on"),
        ({"notation": "x" * 81}, "notation"),
    ],
)
def test_bad_facts_are_named_by_their_field(counter: Counter, changes: dict[str, object], field: str) -> None:
    document_id = counter.receive()
    with pytest.raises(InvalidInput) as caught:
        counter.register(document_id, **changes)
    assert fields(caught) == {field}
    assert counter.row(document_id).number is None


def test_a_document_is_handed_on_signed_for_and_dealt_with(counter: Counter, session: Session) -> None:
    document_id, officer = counter.receive(), counter.world.actor(Role.OFFICER)
    counter.register(document_id)
    counter.assign(document_id, deadline_on=dt.date(2026, 11, 30), instruction="Tham mưu trả lời")
    with counter.sessions.begin() as writing:
        acknowledge_incoming(writing, document_id, actor=officer, clock=counter.clock)
        confirm_receipt(writing, document_id, actor=counter.clerk, clock=counter.clock)
    with pytest.raises(InvalidInput), counter.sessions.begin() as writing:
        finish_incoming(writing, document_id, " ", actor=officer, clock=counter.clock)
    with counter.sessions.begin() as writing:
        finish_incoming(writing, document_id, "Đã trả lời", actor=officer, clock=counter.clock)
    row = counter.row(document_id)
    assert (row.status, row.outcome, row.forwarded_on) == (IncomingStatus.DONE, "Đã trả lời", counter.clock.today())
    assert row.acknowledged_at == row.confirmed_at == counter.clock.now()
    tags = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.sequence)).all()
    assert tags == [
        tag.value
        for tag in (
            AuditTag.INCOMING_RECEIVE,
            AuditTag.INCOMING_REGISTER,
            AuditTag.INCOMING_ASSIGN,
            AuditTag.INCOMING_ACKNOWLEDGE,
            AuditTag.INCOMING_CONFIRM,
            AuditTag.INCOMING_DONE,
        )
    ]


def test_handing_it_to_another_person_wants_a_new_signature(counter: Counter) -> None:
    document_id = counter.receive()
    counter.register(document_id)
    counter.assign(document_id)
    with counter.sessions.begin() as writing:
        acknowledge_incoming(writing, document_id, actor=counter.world.actor(Role.OFFICER), clock=counter.clock)
    counter.assign(document_id, Role.STATISTICIAN)
    assert counter.row(document_id).acknowledged_at is None


def test_only_the_right_people_act(counter: Counter) -> None:
    document_id = counter.receive()
    counter.register(document_id)
    with pytest.raises(NotAllowed):
        counter.assign(document_id, by=Role.OFFICER)
    with pytest.raises(InvalidInput):
        counter.assign(document_id, Role.GROUP_HEAD)
    with pytest.raises(InvalidInput):
        counter.assign(document_id, deadline_on=dt.date(2026, 11, 1))
    counter.assign(document_id)
    stranger = counter.world.actor(Role.STATISTICIAN)
    for act in (acknowledge_incoming, lambda *a, **k: finish_incoming(*a, "x", **k)):
        with pytest.raises(NotAllowed), counter.sessions.begin() as session:
            act(session, document_id, actor=stranger, clock=counter.clock)
    with pytest.raises(NotFound), counter.sessions.begin() as session:
        confirm_receipt(session, new_id(), actor=counter.clerk, clock=counter.clock)
    with pytest.raises(NotAllowed), counter.sessions.begin() as session:
        return_incoming(session, document_id, "x", actor=stranger, clock=counter.clock)


def test_search_finds_without_marks_and_views_count_what_waits(counter: Counter, session: Session) -> None:
    world, today = counter.world, counter.clock.today()
    late, other = counter.receive(), counter.receive()
    counter.register(late)
    counter.register(other, sender="Công an tỉnh", abstract="Phòng cháy", notation="9/CAT")
    counter.receive()
    counter.assign(late, deadline_on=today)
    officer = world.actor(Role.OFFICER)

    def numbers(words: str = "", view: IncomingView = IncomingView.ALL, day: dt.date = today) -> list[int | None]:
        return [line.number for line in find_lines(session, officer, 2026, view=view, words=words, today=day)]

    assert numbers("so khoa hoc") == [1]
    assert numbers("chay cong an") == [2]
    assert numbers("125/skhcn") == [1]
    assert numbers("khong co") == []
    assert numbers("%") == [2, 1]
    assert numbers(view=IncomingView.MINE) == [1]
    assert numbers(view=IncomingView.LATE) == []
    tomorrow = today + dt.timedelta(days=1)
    assert numbers(view=IncomingView.LATE, day=tomorrow) == [1]
    work = incoming_work(session, world.ward_id, officer.account_id, tomorrow)
    assert (work.to_register, work.to_hand_on, work.mine, work.late, work.soon) == (1, 1, 0, 1, 0)
    assert {choice.value for choice in handlers(session, world.ward_id, now=counter.clock.now())} == {
        str(world.accounts[role]) for role in (Role.OFFICER, Role.LEADER, Role.CLERK, Role.STATISTICIAN)
    }
