"""Levels chosen per type of document, made with the authority of others: what is asked of it, and how often."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from signing import Level, SignRequest, Surroundings, sign_pdf
from signing.keystores import load_pkcs12
from signing.protocol import PreparedSignature
from signing.timestamps import HttpTimestamper
from tests.documents import make_desk
from tests.gateways.test_signing_room import pdfsig
from tests.pdfs import plan_pdf
from tests.signing.authority import Authority, authority
from tests.world import World
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import SigningRefused
from webapp.core.ids import new_id
from webapp.core.ports import KeyAccess, PersonSigning, SignedFile
from webapp.core.prepared_signings import KeyElsewhere, StampPending
from webapp.core.signature_levels import SignatureLevel
from webapp.gateways.clock import SystemClock
from webapp.gateways.files import FolderStore
from webapp.gateways.signing import SigningRoom
from webapp.models.signing import Keystore, TrustAnchor
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.settings import Settings

PIN = "86420975"
LT, LTA = SignatureLevel.B_LT, SignatureLevel.B_LTA


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("khac")) as served:
        yield served


@dataclass
class Place:
    """A ward that trusts the authority, and whose leader has a key of it."""

    world: World
    room: SigningRoom
    others: Authority

    def order(self, level: SignatureLevel) -> PersonSigning:
        key = KeyAccess(kind=KeystoreKind.PKCS12, content=self.others.key_file(PIN), secret=PIN)
        return PersonSigning(key=key, signer_name="Đỗ Thị Ngọc Ánh", title="Chủ tịch", picture=None, level=level)

    def sign(self, level: SignatureLevel, pdf: bytes | None = None) -> SignedFile:
        return self.room.sign_person(pdf or plan_pdf(), self.order(level), ward_id=self.world.ward_id)

    def batch(self, level: SignatureLevel, count: int) -> list[SignedFile]:
        """Sign several documents with the key opened once."""
        order = self.order(level)
        opened = self.room.open_key(order.key, ward_id=self.world.ward_id)
        held = replace(order, key=replace(order.key, opened=opened))
        try:
            return [self.room.sign_person(plan_pdf(), held, ward_id=self.world.ward_id) for _ in range(count)]
        finally:
            opened.close()

    def asked(self) -> Counter[str]:
        """What the authority was asked since the last call, by service."""
        counted = Counter(path.split("/")[2] for path in self.others.asked)
        self.others.asked.clear()
        return counted


def make_place(
    sessions: sessionmaker[Session], world: World, settings: Settings, others: Authority, store: FolderStore
) -> Place:
    clock = SystemClock()
    room = SigningRoom(settings, sessions, clock)
    desk = make_desk(sessions, world, clock, store, room)
    with sessions.begin() as session:
        anchor = TrustAnchor(
            ward_id=world.ward_id,
            id=new_id(),
            fingerprint="00",
            subject="CN=khác",
            certificate=others.root(),
            is_anchor=True,
            not_before=clock.now(),
            not_after=clock.now(),
            added_at=clock.now(),
            added_by=None,
        )
        session.add(anchor)
        leader = desk.actor(Role.LEADER)
        command = EnrolKeystore(
            key=KeyAccess(kind=KeystoreKind.PKCS12, content=others.key_file(PIN), secret=PIN),
            owner=KeystoreOwner.PERSON,
            account_id=leader.account_id,
            picture=None,
        )
        enrol_keystore(session, command, actor=leader, clock=clock, files=store, signing=room)
    place = Place(world, room, others)
    place.asked()
    return place


@pytest.fixture
def place(
    sessions: sessionmaker[Session], world: World, settings: Settings, others: Authority, tmp_path: Path
) -> Place:
    asking = settings.model_copy(update={"tsa_url": others.tsa_url, "revocation_fetch": True, "verify_seconds": 120.0})
    return make_place(sessions, world, asking, others, FolderStore(tmp_path / "files"))


def test_a_batch_asks_once_for_revocation_data_and_once_a_signature_for_a_stamp(place: Place) -> None:
    made = place.batch(LT, 4)
    assert [one.level for one in made] == ["b-lt"] * 4
    assert place.asked() == {"tsa": 4, "ocsp": 1, "crls": 1}
    report = place.room.verify(made[-1].content, ward_id=place.world.ward_id)
    assert (report["code"], report["signatures"][0]["level"]) == ("ok", "b-lt")


def test_each_level_carries_what_it_says_and_asks_for_no_more(place: Place) -> None:
    assert place.sign(SignatureLevel.B_B).timestamp_at is None
    assert place.asked() == {}
    assert place.sign(SignatureLevel.B_T).level == "b-t"
    assert place.asked() == {"tsa": 1}
    assert place.sign(LTA).level == "b-lta"
    assert place.asked() == {"tsa": 2, "ocsp": 1, "crls": 1}


def test_without_the_setting_nobody_is_asked_and_b_lt_is_refused_not_lowered(
    sessions: sessionmaker[Session], world: World, settings: Settings, others: Authority, tmp_path: Path
) -> None:
    quiet = settings.model_copy(update={"tsa_url": others.tsa_url})
    place = make_place(sessions, world, quiet, others, FolderStore(tmp_path / "files"))
    with pytest.raises(SigningRefused) as caught:
        place.sign(LT)
    assert caught.value.code == "revocation_data_missing"
    assert place.asked() == {"tsa": 1}


def test_an_address_in_a_strangers_certificate_is_never_asked(
    place: Place, sessions: sessionmaker[Session], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither when a stranger signed the file before, nor for a key that is not enrolled."""
    with authority(tmp_path_factory.mktemp("la")) as strangers:
        around = Surroundings(timestamper=HttpTimestamper(strangers.tsa_url))
        key = load_pkcs12(strangers.key_file(PIN), PIN)
        foreign = sign_pdf(plan_pdf(), key, SignRequest(field="Khach", level=Level.B_T), around).data
        strangers.asked.clear()
        place.sign(LT, foreign)
        assert strangers.asked == []
    with sessions.begin() as session:
        session.execute(delete(Keystore))
    place.asked()
    assert place.sign(LT).level == "b-lt"
    assert place.asked() == {"tsa": 1, "crls": 1}


def test_the_night_asks_once_for_revocation_data_and_once_a_file_for_a_stamp(place: Place, tmp_path: Path) -> None:
    files = [place.sign(SignatureLevel.B_T).content for _ in range(3)]
    place.asked()
    preserver = place.room.preserver(ward_id=place.world.ward_id)
    assert preserver.look_ahead(files[0]).code == "not_provable"
    archived = [preserver.archive(pdf) for pdf in files]
    assert place.asked() == {"tsa": 3, "ocsp": 1, "crls": 1}
    for before, after in zip(files, archived, strict=True):
        assert after.startswith(before)
        prospect = preserver.look_ahead(after)
        assert (prospect.lasts, prospect.level, prospect.year, prospect.code) == (True, "b-lta", 2035, "")
    assert place.asked() == {}
    (tmp_path / "archived.pdf").write_bytes(archived[0])
    assert pdfsig(tmp_path / "archived.pdf").count("Signature is Valid.") >= 1
    assert place.room.verify(archived[0], ward_id=place.world.ward_id)["code"] == "ok"


def test_without_a_time_stamping_service_it_looks_and_refuses_to_archive(
    place: Place, settings: Settings, sessions: sessionmaker[Session]
) -> None:
    signed = place.sign(LT).content
    asking = settings.model_copy(update={"revocation_fetch": True})
    bare = SigningRoom(asking, sessions, SystemClock()).preserver(ward_id=place.world.ward_id)
    assert bare.look_ahead(signed).level == "b-lt"
    with pytest.raises(SigningRefused) as caught:
        bare.archive(signed)
    assert caught.value.code == "timestamper_missing"


def test_a_key_elsewhere_keeps_its_signature_while_revocation_data_lack(
    place: Place, settings: Settings, sessions: sessionmaker[Session], others: Authority
) -> None:
    """OCSP and CRL down: the PIN is not asked for again, and nothing below the chosen level comes out."""
    issued = load_pkcs12(others.key_file(PIN), PIN)
    certificates = tuple(each.dump() for each in (issued.certificate, *issued.chain))
    key = KeyAccess(kind=KeystoreKind.AGENT, certificates=certificates, location={"mechanisms": "rsa-pss rsa-pkcs1v15"})
    ward_id = place.world.ward_id
    with pytest.raises(KeyElsewhere) as caught:
        place.room.sign_person(plan_pdf(), replace(place.order(LT), key=key), ward_id=ward_id)
    prepared = PreparedSignature.from_json(dict(caught.value.unfinished.value))
    whole = replace(caught.value.unfinished, raw=issued.sign(prepared.attributes, prepared.mechanism))
    deaf = SigningRoom(settings.model_copy(update={"tsa_url": others.tsa_url}), sessions, SystemClock())
    with pytest.raises(StampPending):
        deaf.complete(whole, ward_id=ward_id)
    assert place.room.complete(whole, ward_id=ward_id).level == "b-lt"
