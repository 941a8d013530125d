"""Choosing where a signer's picture stands: who may, until when, and what becomes of it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fake_signing import PDF, FakeSigning
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import Conflict, NotAllowed, NotFound, SigningRefused, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.signature_places import SeenPlace
from webapp.gateways.files import FolderStore
from webapp.models.audit import AuditEvent
from webapp.models.signature_places import SignaturePlace
from webapp.services.document_versions import BaseVersion
from webapp.services.documents import ReviseDocument, revise_document
from webapp.services.signature_places import ChoosePlace, choose_place

PLACE = SeenPlace(page=1, x=320.1234, y=90, width=150, height=62)


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, clock: FixedClock, files: FolderStore) -> Desk:
    return make_desk(sessions, world, clock, files)


@pytest.fixture
def files(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def choose(desk: Desk, document_id, role: Role, place: SeenPlace | None = PLACE, **changes) -> None:
    command = ChoosePlace(
        document_id=document_id,
        signer_id=changes.get("signer_id", desk.world.accounts[Role.LEADER]),
        base=changes.get("base") or desk.base(document_id),
        place=place,
    )
    with desk.sessions.begin() as session:
        choose_place(session, command, actor=desk.actor(role), **desk.ports)  # type: ignore[arg-type]


def room(desk: Desk) -> FakeSigning:
    assert isinstance(desk.signing, FakeSigning)
    return desk.signing


def test_the_author_chooses_before_submission_and_the_signature_goes_there(desk: Desk, session: Session) -> None:
    document_id = desk.upload()
    choose(desk, document_id, Role.OFFICER)
    desk.submit(document_id)
    desk.sign(document_id)
    assert room(desk).places == [SeenPlace(page=1, x=320.123, y=90, width=150, height=62)]
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == AuditTag.DOCUMENT_PLACE)).one()
    assert event.detail == {"page": 2}


def test_the_signer_has_the_last_word_and_may_leave_it_to_the_text(desk: Desk) -> None:
    document_id = desk.upload()
    choose(desk, document_id, Role.OFFICER)
    desk.submit(document_id)
    choose(desk, document_id, Role.LEADER, SeenPlace(page=0, x=40, y=90, width=150, height=62))
    choose(desk, document_id, Role.LEADER, None)
    desk.sign(document_id)
    assert room(desk).places == [None]


def test_nobody_else_chooses(desk: Desk, session: Session) -> None:
    document_id = desk.upload()
    for role in (Role.CLERK, Role.LEADER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            choose(desk, document_id, role)
    with pytest.raises(NotFound):
        choose(desk, document_id, Role.OFFICER, signer_id=desk.world.accounts[Role.CLERK])
    desk.submit(document_id)
    with pytest.raises(NotAllowed):
        choose(desk, document_id, Role.OFFICER)
    desk.sign(document_id)
    with pytest.raises(WrongState):
        choose(desk, document_id, Role.LEADER)
    assert session.scalars(select(SignaturePlace)).all() == []


def test_what_was_not_the_shown_version_is_a_conflict_and_an_unknown_document_not_found(desk: Desk) -> None:
    document_id = desk.upload()
    with pytest.raises(Conflict):
        choose(desk, document_id, Role.OFFICER, base=BaseVersion(version=1, sha256="0" * 64))
    with pytest.raises(NotFound):
        choose(desk, new_id(), Role.OFFICER, base=BaseVersion(version=1, sha256="0" * 64))


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (SeenPlace(page=0, x=110, y=705, width=150, height=62), "place_taken"),
        (SeenPlace(page=0, x=550, y=90, width=150, height=62), "bad_placement"),
        (SeenPlace(page=9, x=40, y=90, width=150, height=62), "bad_placement"),
    ],
)
def test_a_place_that_cannot_be_is_refused_and_the_earlier_one_stays(
    desk: Desk, session: Session, place: SeenPlace, code: str
) -> None:
    document_id = desk.upload()
    choose(desk, document_id, Role.OFFICER)
    with pytest.raises(SigningRefused) as caught:
        choose(desk, document_id, Role.OFFICER, place)
    assert caught.value.code == code
    assert session.scalars(select(SignaturePlace.page)).all() == [1]


def test_another_file_forgets_the_place(desk: Desk) -> None:
    document_id = desk.upload()
    choose(desk, document_id, Role.OFFICER)
    command = ReviseDocument(
        document_id=document_id, facts=desk.facts(), content=PDF + b"another\n", filename="moi.pdf"
    )
    with desk.sessions.begin() as session:
        revise_document(session, command, actor=desk.actor(Role.OFFICER), **desk.ports)  # type: ignore[arg-type]
    desk.submit(document_id)
    desk.sign(document_id)
    assert room(desk).places == [None]
