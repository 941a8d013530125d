"""Real keys and a time-stamping service that stops in mid-answer: document and attachments wait, and one PIN is enough.

The key is a file or a token at the server; the token is gone when the timestamps come.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from signing.appearance import draw_demo_seal, draw_demo_signature
from tests.documents import Desk, make_desk
from tests.gateways.test_signing_room import Office, office, pki
from tests.pdfs import plan_pdf
from tests.signing.test_hanging_services import faulty
from tests.softhsm import make_box, plugged
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.ports import KeyAccess
from webapp.core.prepared_signings import StampPending
from webapp.gateways.signing import SigningRoom
from webapp.models.prepared_signings import PreparedAttachment
from webapp.models.signing import SignatureLedger
from webapp.models.workflow import DocumentAttachment
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.signature_store import PlannedUnstamped
from webapp.services.unstamped import keep_waiting, stamp
from webapp.settings import Settings

__all__ = ["office", "pki"]
TOKEN_PIN = "246810"


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """What is plugged in; pulled by `close`."""
    with ExitStack() as stack:
        yield stack


def agency_key(office: Office, kind: KeystoreKind, held: ExitStack, folder: Path, settings: Settings) -> Settings:
    """Enrol the agency's key; give settings that reach it."""
    seal = draw_demo_seal("Phường Thử Nghiệm")
    if kind is KeystoreKind.PKCS12:
        office.enrol(Role.CLERK, KeystoreOwner.AGENCY, "agency", seal)
        return settings
    box, issued = make_box(folder / "hsm"), office.pki.keys["agency"]
    box.fill("HSM phường", TOKEN_PIN, [(issued.path, issued.pin)])
    named = settings.model_copy(update={"pkcs11_modules": {"HSM": held.enter_context(plugged(box))}})
    room, actor = SigningRoom(named, office.desk.sessions, office.desk.clock), office.desk.actor(Role.CLERK)
    place = next(place for place in room.key_places() if place.kind is kind)
    found = room.find_keys(place, "")[0]
    key = KeyAccess(kind=kind, location=found.location, certificates=found.certificates)
    command = EnrolKeystore(key=key, owner=KeystoreOwner.AGENCY, account_id=None, picture=seal)
    with office.desk.sessions.begin() as session:
        enrol_keystore(session, command, actor=actor, **{**office.desk.ports, "signing": room})  # type: ignore[arg-type]
    return named


def sealed(desk: Desk, document_id: UUID) -> list[bytes]:
    """The sealed attachments."""
    with desk.reading() as session:
        wanted = select(DocumentAttachment.sealed_sha256).where(DocumentAttachment.document_id == document_id)
        return [desk.files.get(each) for each in session.scalars(wanted.order_by(DocumentAttachment.number)) if each]


@pytest.mark.parametrize("kind", [KeystoreKind.PKCS12, KeystoreKind.PKCS11])
def test_a_service_that_hangs_costs_no_second_pin(
    office: Office, kind: KeystoreKind, held: ExitStack, settings: Settings, tmp_path: Path
) -> None:
    desk, ward_id = office.desk, office.desk.world.ward_id
    office.enrol(Role.LEADER, KeystoreOwner.PERSON, "leader", draw_demo_signature("Người leader"))
    named = agency_key(office, kind, held, tmp_path, settings)
    document_id = desk.upload(content=plan_pdf())
    for number in (1, 2):
        desk.attach(document_id, f"Phụ lục {number}", plan_pdf())
    desk.submit(document_id)
    desk.sign(document_id, pin=office.pki.keys["leader"].pin)
    desk.number(document_id)
    pin = TOKEN_PIN if kind is KeystoreKind.PKCS11 else office.pki.keys["agency"].pin
    with faulty("half an answer, then silence") as (url, asked):
        slow = named.model_copy(update={"tsa_url": url, "tsa_timeout": 1.0})
        away = SigningRoom(slow, desk.sessions, desk.clock)
        clerk = make_desk(desk.sessions, desk.world, desk.clock, desk.files, away)
        with pytest.raises(PlannedUnstamped) as caught:
            clerk.seal(document_id, pin=pin)
        with desk.sessions.begin() as session:
            actor = desk.actor(Role.CLERK)
            kept = keep_waiting(session, document_id, caught.value, actor=actor, clock=desk.clock, files=desk.files)
        held.close()
        with desk.sessions() as session, pytest.raises(StampPending):
            stamp(session, ward_id, kept, clock=desk.clock, files=desk.files, signing=away)
        assert len(asked) >= 2
    assert (desk.status(document_id), sealed(desk, document_id)) == ("numbered", [])
    with desk.reading() as session:
        assert all(session.scalars(select(PreparedAttachment.raw)).all())
    with desk.sessions() as session:
        assert stamp(session, ward_id, kept, **desk.ports)  # type: ignore[arg-type]
        session.commit()
    files = [*sealed(desk, document_id), office.last_file()]
    reports = [office.room.verify(each, ward_id=ward_id) for each in files]
    assert [(report["code"], len(report["signatures"])) for report in reports] == [("ok", 1), ("ok", 1), ("ok", 2)]
    with desk.reading() as session:
        rows = session.scalars(
            select(SignatureLedger).where(SignatureLedger.owner == KeystoreOwner.AGENCY).order_by("sequence")
        ).all()
    assert [(row.field, row.keystore_kind) for row in rows] == [
        (field, kind) for field in ("CoQuanPL1", "CoQuanPL2", "CoQuan")
    ]
    assert [row.signature_sha256 for row in rows] == [
        report["signatures"][-1]["signature_sha256"] for report in reports
    ]
