"""The chain of steps: initials, several signers in order or at once, whose turn it is, who may stop it."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PIN
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import SigningCapacity, StepKind
from webapp.core.errors import Conflict, InvalidInput, NotAllowed, SigningRefused, WrongState
from webapp.core.signing_chains import Chain, Participant
from webapp.gateways.files import FolderStore
from webapp.models.documents import DocumentVersion, SigningStep
from webapp.models.signing import SignatureLedger
from webapp.models.workflow import DocumentChain
from webapp.services.delegations import RecordDelegation, end_delegation, record_delegation
from webapp.services.document_signing import SignDocument, initial_with_key, sign_document
from webapp.services.initials import initial_document
from webapp.services.participants import SetParticipants, set_participants
from webapp.services.signing_chains import ChangeChain, change_chain
from webapp.services.submission import reject_document, withdraw_document


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, tmp_path: Path) -> Desk:
    return make_desk(sessions, world, clock, FolderStore(tmp_path / "files"))


def read(desk: Desk, wanted: Select[Any]) -> list[Any]:
    """Give the column that a statement reads, without waiting for SQLite's writer."""
    with desk.reading() as session:
        return list(session.scalars(wanted))


def set_chain(desk: Desk, version: int = 0, role: Role = Role.CLERK, **chain: object) -> int:
    command = ChangeChain(type_code="KH", version=version, chain=Chain(**chain), note="Thử trình tự")  # type: ignore[arg-type]
    with desk.sessions.begin() as session:
        return change_chain(session, command, actor=desk.actor(role), clock=desk.clock)


def name_people(desk: Desk, document_id: UUID, *others: Role, head: Role | None = None) -> None:
    accounts = desk.world.accounts
    command = SetParticipants(
        document_id=document_id,
        head_id=accounts[head] if head else None,
        others=[Participant(account_id=accounts[role], title="Công chức") for role in others],
    )
    with desk.sessions.begin() as session:
        set_participants(session, command, actor=desk.actor(Role.OFFICER), clock=desk.clock)


def initial(desk: Desk, document_id: UUID, role: Role) -> None:
    with desk.sessions.begin() as session:
        initial_document(session, document_id, desk.base(document_id), actor=desk.actor(role), clock=desk.clock)


def delegate(desk: Desk, capacity: SigningCapacity, first: dt.date, last: dt.date, **changes: object) -> UUID:
    accounts = desk.world.accounts
    values: dict[str, object] = {
        "delegate_id": accounts[Role.OFFICER],
        "principal_id": accounts[Role.LEADER],
        "principal_title": "Chủ tịch",
        "capacity": capacity,
        "starts_on": first,
        "ends_on": last,
        "basis": "Giấy ủy quyền số 05/GUQ-UBND",
    }
    with desk.sessions.begin() as session:
        return record_delegation(
            session,
            RecordDelegation(**values | changes),  # type: ignore[arg-type]
            actor=desk.actor(Role.CLERK),
            **desk.ports,  # type: ignore[arg-type]
        )


def test_two_signers_in_order_sign_one_after_the_other(desk: Desk) -> None:
    set_chain(desk, extra_signers=1)
    document_id = desk.until("draft")
    name_people(desk, document_id, Role.OFFICER)
    desk.submit(document_id)
    with pytest.raises(WrongState) as early:
        desk.sign(document_id)
    assert "Chưa đến lượt bạn: Người officer" in early.value.text()
    desk.sign(document_id, role=Role.OFFICER)
    assert desk.status(document_id) == "awaiting_signature"
    desk.sign(document_id)
    assert desk.status(document_id) == "signed"
    fields = read(desk, select(SignatureLedger.field).order_by(SignatureLedger.sequence))
    assert fields == ["DongKy1x1", "NguoiKy"]
    desk.number(document_id)
    desk.seal(document_id)
    desk.publish(document_id)
    assert desk.status(document_id) == "published"


def test_two_signers_at_once_and_the_slower_one_signs_the_newer_base(desk: Desk) -> None:
    set_chain(desk, extra_signers=1, in_parallel=True)
    document_id = desk.until("draft")
    name_people(desk, document_id, Role.OFFICER)
    desk.submit(document_id)
    shown = desk.base(document_id)
    desk.sign(document_id)
    assert desk.status(document_id) == "awaiting_signature"
    late = SignDocument(document_id=document_id, base=shown, pin=PIN)
    with desk.sessions() as session, pytest.raises(Conflict) as told:
        sign_document(session, late, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]
    assert "tải lại trang" in told.value.text()
    desk.sign(document_id, role=Role.OFFICER)
    assert desk.status(document_id) == "signed"


def test_initials_come_before_the_signature_and_need_no_key_unless_asked(desk: Desk) -> None:
    set_chain(desk, author_initials=True, head_initials=True)
    document_id = desk.until("draft")
    with pytest.raises(InvalidInput) as missing:
        desk.submit(document_id)
    assert "phụ trách đơn vị" in missing.value.text()
    name_people(desk, document_id, head=Role.LEADER)
    desk.submit(document_id)  # the head signs the document too, so only the drafter initials
    kinds = read(desk, select(SigningStep.kind).order_by(SigningStep.position))
    assert kinds == [StepKind.INITIALS, StepKind.PERSON, StepKind.AGENCY]
    with pytest.raises(WrongState):
        desk.sign(document_id)
    with pytest.raises(NotAllowed):
        initial(desk, document_id, Role.CLERK)
    initial(desk, document_id, Role.OFFICER)
    desk.sign(document_id)
    assert desk.status(document_id) == "signed"
    assert read(desk, select(SignatureLedger.field)) == ["NguoiKy"]


def test_initials_with_a_key_are_a_version_and_a_ledger_row(desk: Desk) -> None:
    set_chain(desk, author_initials=True, initials_with_key=True)
    document_id = desk.until("awaiting_signature")
    with pytest.raises(WrongState):
        initial(desk, document_id, Role.OFFICER)
    command = SignDocument(document_id=document_id, base=desk.base(document_id), pin=PIN)
    with desk.sessions.begin() as other:
        initial_with_key(other, command, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]
    assert desk.status(document_id) == "awaiting_signature"
    newest = read(desk, select(DocumentVersion.kind).order_by(DocumentVersion.number.desc()))[0]
    assert newest == "initialled"
    assert read(desk, select(SignatureLedger.field))[0] == "KyNhay1x1"


def test_more_signers_than_the_type_allows_are_refused(desk: Desk) -> None:
    document_id = desk.until("draft")
    with pytest.raises(InvalidInput, match="chỉ có một người ký"):
        name_people(desk, document_id, Role.OFFICER)
    set_chain(desk, extra_signers=2)
    with pytest.raises(InvalidInput, match="đã có trong trình tự"):
        name_people(desk, document_id, Role.LEADER)
    with pytest.raises(InvalidInput, match="trong danh sách"):
        name_people(desk, document_id, Role.CLERK)
    name_people(desk, document_id, Role.OFFICER)
    set_chain(desk, version=1, extra_signers=0)
    with pytest.raises(InvalidInput, match="chỉ có một người ký"):
        desk.submit(document_id)


def test_a_chain_is_versioned_and_leaves_documents_on_their_way_alone(desk: Desk) -> None:
    document_id = desk.until("awaiting_signature")
    assert set_chain(desk, author_initials=True) == 1
    with pytest.raises(Conflict):
        set_chain(desk, extra_signers=1)
    with pytest.raises(InvalidInput, match="chưa có gì thay đổi"):
        set_chain(desk, version=1, author_initials=True)
    assert set_chain(desk, version=1, role=Role.ADMIN, extra_signers=3) == 2
    with pytest.raises(NotAllowed):
        set_chain(desk, version=2, role=Role.OFFICER, extra_signers=1)
    with pytest.raises(InvalidInput, match="từ 0 đến 6"):
        set_chain(desk, version=2, extra_signers=7)
    assert read(desk, select(DocumentChain.version).order_by(DocumentChain.version)) == [1, 2]
    desk.sign(document_id)
    assert desk.status(document_id) == "signed"


def test_the_second_signer_may_reject_and_the_author_may_not_withdraw_what_is_signed(
    desk: Desk,
) -> None:
    set_chain(desk, extra_signers=1)
    document_id = desk.until("draft")
    name_people(desk, document_id, Role.OFFICER)
    desk.submit(document_id)
    with desk.sessions() as other, pytest.raises(NotAllowed, match="đến lượt"):
        reject_document(other, document_id, "Sớm", actor=desk.actor(Role.LEADER), clock=desk.clock)
    desk.sign(document_id, role=Role.OFFICER)
    with desk.sessions() as other, pytest.raises(WrongState, match="không rút lại được"):
        withdraw_document(other, document_id, actor=desk.actor(Role.OFFICER), clock=desk.clock)
    with desk.sessions.begin() as other:
        reject_document(other, document_id, "Sai số liệu", actor=desk.actor(Role.LEADER), clock=desk.clock)
    assert desk.status(document_id) == "rejected"
    reasons = read(desk, select(SigningStep.reason).order_by(SigningStep.position))
    assert reasons == ["", "Sai số liệu", ""]
    desk.submit(document_id)
    desk.sign(document_id, role=Role.OFFICER)
    desk.sign(document_id)
    assert desk.status(document_id) == "signed"


@pytest.mark.parametrize("capacity", [SigningCapacity.TM, SigningCapacity.Q])
def test_only_leaders_sign_for_the_committee(desk: Desk, capacity: SigningCapacity) -> None:
    officer = desk.world.accounts[Role.OFFICER]
    document_id = desk.until("draft", signer_id=officer, capacity=capacity)
    with pytest.raises(InvalidInput, match="Chỉ lãnh đạo phường ký"):
        desk.submit(document_id)


@pytest.mark.parametrize("capacity", [SigningCapacity.KT, SigningCapacity.TL, SigningCapacity.TUQ])
def test_a_substitute_needs_a_delegation_that_holds_on_the_day_of_signing(
    desk: Desk, clock: FixedClock, capacity: SigningCapacity
) -> None:
    officer, today = desk.world.accounts[Role.OFFICER], clock.today()
    document_id = desk.until("draft", signer_id=officer, capacity=capacity)
    with pytest.raises(InvalidInput, match="chưa có văn bản giao ký"):
        desk.submit(document_id)
    delegate(desk, capacity, today - dt.timedelta(days=9), today, basis_on=today - dt.timedelta(days=9))
    desk.submit(document_id)
    clock.move(days=1)
    with pytest.raises(SigningRefused, match="đã hết hạn") as told:
        desk.sign(document_id, role=Role.OFFICER)
    assert "05/GUQ-UBND" in told.value.text()
    delegate(desk, capacity, clock.today(), clock.today(), basis="Giấy ủy quyền số 06/GUQ-UBND")
    desk.sign(document_id, role=Role.OFFICER)
    step = read(desk, select(SigningStep).where(SigningStep.kind == StepKind.PERSON))[0]
    assert step.on_behalf_of == "Chủ tịch Người leader (Giấy ủy quyền số 06/GUQ-UBND)"
    row = read(desk, select(SignatureLedger))[0]
    assert row.on_behalf_of == f"{capacity.value} Chủ tịch Người leader"
    assert row.actor_id == officer


def test_why_a_delegation_does_not_help_is_said(desk: Desk, clock: FixedClock) -> None:
    officer, today = desk.world.accounts[Role.OFFICER], clock.today()
    document_id = desk.until("draft", signer_id=officer, capacity=SigningCapacity.TL)
    tomorrow = today + dt.timedelta(days=1)
    delegate(desk, SigningCapacity.TL, tomorrow, tomorrow)
    with pytest.raises(InvalidInput, match="mới có hiệu lực"):
        desk.submit(document_id)
    other_type = delegate(desk, SigningCapacity.TL, today, tomorrow, type_codes=["BC"])
    with pytest.raises(InvalidInput, match="không giao ký loại văn bản này"):
        desk.submit(document_id)
    with desk.sessions.begin() as session:
        end_delegation(session, other_type, actor=desk.actor(Role.CLERK), clock=clock)
    with desk.sessions() as session, pytest.raises(WrongState):
        end_delegation(session, other_type, actor=desk.actor(Role.CLERK), clock=clock)
    with pytest.raises(InvalidInput, match="cho thôi"):
        desk.submit(document_id)


def test_a_delegation_that_breaks_the_rules_is_not_recorded(desk: Desk, clock: FixedClock) -> None:
    today, accounts = clock.today(), desk.world.accounts
    for changes, words in (
        ({"basis": " "}, "số và ngày của văn bản"),
        ({"ends_on": today - dt.timedelta(days=1)}, "từ ngày đầu"),
        ({"ends_on": today + dt.timedelta(days=3000)}, "nhiều nhất năm năm"),
        ({"capacity": SigningCapacity.TM}, "Chỉ KT., TL. và TUQ."),
        ({"principal_id": accounts[Role.OFFICER]}, "không được giao lại"),
        ({"delegate_id": accounts[Role.CLERK]}, "trong danh sách"),
        ({"type_codes": ["??"]}, "loại văn bản"),
        ({"basis": "", "paper": b"PK no pdf", "paper_name": "a.pdf"}, "PDF"),
    ):
        with pytest.raises((InvalidInput, SigningRefused), match=words):
            delegate(desk, **{"capacity": SigningCapacity.KT, "first": today, "last": today} | changes)  # type: ignore[arg-type]
    with desk.sessions() as session, pytest.raises(NotAllowed):
        end_delegation(session, accounts[Role.LEADER], actor=desk.actor(Role.OFFICER), clock=clock)
