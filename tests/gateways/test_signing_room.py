"""The real signing room behind the ward's door: a demo authority, real PDFs, pdfsig as a second opinion."""

import datetime as dt
import hashlib
import io
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from signing.appearance import draw_demo_seal, draw_demo_signature
from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.documents import VERIFY_URL, Desk, make_desk
from tests.fakes import FixedClock
from tests.pdfs import plan_pdf
from tests.trust_lists import add_anchor
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import NotFound, SigningRefused
from webapp.core.ids import new_id
from webapp.core.ports import AgencySigning, KeyAccess, PersonSigning
from webapp.gateways.files import FolderStore
from webapp.gateways.signing import SigningRoom
from webapp.models.documents import DocumentVersion
from webapp.models.signing import RevocationList, SignatureLedger, TrustAnchor
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.settings import Settings

AGENCY = "Ủy ban nhân dân phường Thử Nghiệm"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPki:
    people = [
        Holder(slug="leader", common_name="Người leader", organization=AGENCY, title="Chủ tịch"),
        Holder(slug="revoked", common_name="Người leader", organization=AGENCY, revoked=True),
        Holder(slug="expired", common_name="Người leader", organization=AGENCY, expired=True),
    ]
    agency = Holder(slug="agency", common_name=AGENCY, organization=AGENCY)
    return make_demo_pki(
        tmp_path_factory.mktemp("pki"),
        people,
        agency,
        now=FixedClock().now(),
        crl_url="http://crl.invalid/issuing.crl",
    )


def trust(sessions: sessionmaker[Session], world: World, pki: DemoPki, *, lists: bool = True) -> None:
    """Enter the demo authority into the ward's trust list, as its administrator would."""
    now = FixedClock().now()
    add_anchor(sessions, world.ward_id, pki.root.read_bytes(), now)
    with sessions.begin() as session:
        for number, path in enumerate(pki.crls if lists else ()):
            session.add(
                RevocationList(
                    ward_id=world.ward_id,
                    id=new_id(),
                    issuer=str(number),
                    this_update=now,
                    next_update=None,
                    content=path.read_bytes(),
                    added_at=now,
                )
            )


@dataclass
class Office:
    """A desk with the real room."""

    desk: Desk
    pki: DemoPki
    room: SigningRoom

    def enrol(self, role: Role, owner: KeystoreOwner, slug: str, picture: bytes) -> None:
        actor = self.desk.actor(role)
        key = self.pki.keys[slug]
        command = EnrolKeystore(
            key=KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=key.pin),
            owner=owner,
            account_id=actor.account_id if owner is KeystoreOwner.PERSON else None,
            picture=picture,
        )
        with self.desk.sessions.begin() as session:
            enrol_keystore(session, command, actor=actor, **self.desk.ports)  # type: ignore[arg-type]

    def last_file(self) -> bytes:
        with self.desk.sessions() as session:
            sha256 = session.scalars(
                select(DocumentVersion.sha256).order_by(DocumentVersion.made_at, DocumentVersion.number)
            ).all()[-1]
        return self.desk.files.get(sha256)

    def person_order(self, slug: str = "leader", **changes: str) -> PersonSigning:
        key = self.pki.keys[slug]
        return PersonSigning(
            key=KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=changes.get("pin", key.pin)),
            signer_name="Người leader",
            title="Chủ tịch",
            picture=draw_demo_signature("Người leader"),
        )

    def agency_order(self) -> AgencySigning:
        key = self.pki.keys["agency"]
        return AgencySigning(
            key=KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=key.pin),
            agency_name=AGENCY,
            picture=draw_demo_seal("Phường Thử Nghiệm"),
        )


@pytest.fixture
def office(
    sessions: sessionmaker[Session], world: World, clock: FixedClock, settings: Settings, pki: DemoPki, tmp_path: Path
) -> Office:
    folder = settings.data_dir / "pki"
    folder.mkdir(parents=True)
    shutil.copy(pki.tsa.path, folder / "tsa.p12")
    (folder / "tsa.pin").write_text(pki.tsa.pin)
    trust(sessions, world, pki)
    room = SigningRoom(settings, sessions, clock)
    return Office(make_desk(sessions, world, clock, FolderStore(tmp_path / "files"), room), pki, room)


def pdfsig(path: Path) -> str:
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout


def test_a_document_goes_the_whole_way_with_real_signatures(office: Office, session: Session, tmp_path: Path) -> None:
    office.enrol(Role.LEADER, KeystoreOwner.PERSON, "leader", draw_demo_signature("Người leader"))
    office.enrol(Role.CLERK, KeystoreOwner.AGENCY, "agency", draw_demo_seal("Phường Thử Nghiệm"))
    desk = office.desk
    document_id = desk.upload(content=plan_pdf())
    desk.submit(document_id)
    desk.sign(document_id, pin=office.pki.keys["leader"].pin)
    assert desk.number(document_id) == "01/KH-UBND"
    desk.seal(document_id, pin=office.pki.keys["agency"].pin)
    desk.publish(document_id)
    sealed = office.last_file()
    report = office.room.verify(sealed, ward_id=desk.world.ward_id)
    assert (report["verdict"], report["code"]) == ("valid", "ok")
    assert [s["signer"] for s in report["signatures"]] == ["Người leader", AGENCY]
    assert {s["level"] for s in report["signatures"]} == {"b-lt"}
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    assert pdfsig(path).count("Signature is Valid.") == 2
    ledger = session.scalars(select(SignatureLedger).order_by(SignatureLedger.sequence)).all()
    assert [row.signature_sha256 for row in ledger] == [s["signature_sha256"] for s in report["signatures"]]
    for row in ledger:
        assert hashlib.sha256(sealed[: row.revision_end]).hexdigest() == row.revision_sha256
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "01" in text
    assert "Mã tra cứu" in text


def test_the_public_page_trusts_what_the_wards_of_the_house_trust(office: Office) -> None:
    prepared = office.room.prepare(
        plan_pdf(), verify_url=VERIFY_URL.format(code="ABCDEFGHJK"), short_code="ABCDEFGHJK"
    ).content
    signed = office.room.sign_person(prepared, office.person_order(), ward_id=office.desk.world.ward_id)
    assert office.room.verify(signed.content, ward_id=None)["code"] == "ok"
    assert office.room.verify(signed.content + b"tail", ward_id=None)["verdict"] != "valid"
    assert office.room.verify(prepared, ward_id=None)["code"] == "unsigned"
    assert office.room.verify(b"PK\x03\x04", ward_id=None)["code"] == "unreadable"


@pytest.mark.parametrize(
    ("slug", "pin", "code"),
    [
        ("leader", "00000000", "wrong_pin"),
        ("revoked", None, "certificate_revoked"),
        ("expired", None, "certificate_expired"),
    ],
)
def test_what_must_not_sign_is_refused_by_name(office: Office, slug: str, pin: str | None, code: str) -> None:
    order = office.person_order(slug, **({"pin": pin} if pin else {}))
    with pytest.raises(SigningRefused) as caught:
        office.room.sign_person(plan_pdf(), order, ward_id=office.desk.world.ward_id)
    assert caught.value.code == code
    assert caught.value.english
    assert order.key.secret not in repr(caught.value)


def test_another_wards_trust_list_does_not_help(office: Office, session: Session) -> None:
    session.execute(TrustAnchor.__table__.update().values(removed_at=office.desk.clock.now()))
    session.commit()
    with pytest.raises(SigningRefused) as caught:
        office.room.sign_person(plan_pdf(), office.person_order(), ward_id=office.desk.world.ward_id)
    assert caught.value.code == "certificate_untrusted"


def test_without_revocation_lists_the_level_is_b_t(office: Office, session: Session) -> None:
    session.execute(RevocationList.__table__.delete())
    session.commit()
    signed = office.room.sign_person(plan_pdf(), office.person_order(), ward_id=office.desk.world.ward_id)
    assert signed.level == "b-t"
    assert signed.timestamp_at is not None


def test_without_a_time_stamping_service_nothing_is_signed(office: Office, settings: Settings) -> None:
    (settings.data_dir / "pki" / "tsa.p12").unlink()
    with pytest.raises(SigningRefused) as caught:
        office.room.sign_person(plan_pdf(), office.person_order(), ward_id=office.desk.world.ward_id)
    assert caught.value.code == "no_timestamper"


def test_the_agency_does_not_sign_before_the_person_or_over_a_broken_signature(office: Office) -> None:
    ward_id = office.desk.world.ward_id
    with pytest.raises(SigningRefused) as caught:
        office.room.sign_agency(plan_pdf(), office.agency_order(), ward_id=ward_id)
    assert caught.value.code == "person_missing"
    signed = office.room.sign_person(plan_pdf(), office.person_order(), ward_id=ward_id).content
    at = signed.index(b"stream") + 20
    broken = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    with pytest.raises(SigningRefused):
        office.room.sign_agency(broken, office.agency_order(), ward_id=ward_id)


def test_a_name_that_is_not_printed_gets_words_beside_the_picture(office: Office, tmp_path: Path) -> None:
    signed = office.room.sign_person(
        plan_pdf("Một người khác"), office.person_order(), ward_id=office.desk.world.ward_id
    )
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed.content)
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "Người ký: Người leader" in text


def test_a_file_that_is_signed_already_is_kept_as_it_is(office: Office) -> None:
    signed = office.room.sign_person(plan_pdf(), office.person_order(), ward_id=office.desk.world.ward_id).content
    assert office.room.prepare(signed, verify_url="http://x/v/A", short_code="A").content == signed
    assert office.room.fill_number(signed, notation="01/KH-UBND", issued_on=dt.date(2026, 11, 22)) == signed
    assert office.room.inspect(signed).signatures == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04word", "document_unreadable"),
        (b"", "document_unreadable"),
        (b"%PDF-1.7\nxx", "document_unreadable"),
    ],
)
def test_what_is_no_pdf_is_refused_by_name(office: Office, content: bytes, code: str) -> None:
    with pytest.raises(SigningRefused) as caught:
        office.room.inspect(content)
    assert caught.value.code == code


def test_the_printed_symbol_is_read_for_comparison(office: Office) -> None:
    prepared = office.room.prepare(plan_pdf(), verify_url="http://x/v/A", short_code="A")
    assert prepared.printed_symbol.startswith("KH-UBND")
    plain = office.room.prepare(plan_pdf(number_gap=False), verify_url="http://x/v/A", short_code="A")
    assert plain.printed_symbol == ""


def test_a_document_without_a_gap_shows_its_number_beside_the_code(office: Office, tmp_path: Path) -> None:
    prepared = office.room.prepare(plan_pdf(number_gap=False), verify_url="http://x/v/A", short_code="A").content
    signed = office.room.sign_person(prepared, office.person_order(), ward_id=office.desk.world.ward_id).content
    filled = office.room.fill_number(signed, notation="07/KH-UBND", issued_on=dt.date(2026, 11, 22))
    path = tmp_path / "filled.pdf"
    path.write_bytes(filled)
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert "Số: 07/KH-UBND" in text


def test_a_changed_trust_list_counts_at_once_also_for_a_file_checked_just_now(office: Office, session: Session) -> None:
    ward_id = office.desk.world.ward_id
    signed = office.room.sign_person(plan_pdf(), office.person_order(), ward_id=ward_id).content
    first = office.room.verify(signed, ward_id=ward_id)
    assert office.room.verify(signed, ward_id=ward_id) is first
    session.execute(TrustAnchor.__table__.update().values(removed_at=office.desk.clock.now()))
    session.commit()
    assert office.room.verify(signed, ward_id=ward_id)["code"] == "untrusted"


def test_when_too_many_files_are_examined_the_answer_is_calm(
    settings: Settings, sessions: sessionmaker[Session], world: World, clock: FixedClock
) -> None:
    room = SigningRoom(settings.model_copy(update={"verify_seconds": 0.01}), sessions, clock)
    assert room._checks._slots.acquire()
    assert room._checks._slots.acquire()
    report = room.verify(plan_pdf(), ward_id=None)
    assert report["reasons"][0]["code"] == "busy"


def test_pages_are_drawn_and_others_are_not_found(office: Office) -> None:
    image = Image.open(io.BytesIO(office.room.page_image(plan_pdf(), 0, width=500)))
    assert (image.format, image.width) == ("PNG", 500)
    for pdf, page in ((plan_pdf(), 1), (b"no pdf", 0)):
        with pytest.raises(NotFound):
            office.room.page_image(pdf, page, width=500)


def test_pictures_become_small_and_clear(office: Office) -> None:
    paper = Image.new("RGB", (3000, 1500), "white")
    paper.paste((20, 40, 160), (500, 500, 2500, 700))
    out = io.BytesIO()
    paper.save(out, "JPEG")
    tidy = Image.open(io.BytesIO(office.room.tidy_picture(out.getvalue())))
    assert tidy.mode == "RGBA"
    assert tidy.width == 1200
    assert office.room.draw_signature("Đỗ Thị Ước").startswith(b"\x89PNG")
    for bad in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n broken", b"<svg/>"):
        with pytest.raises(SigningRefused):
            office.room.tidy_picture(bad)
