"""Real keys that are not in the ward's files: on somebody's own computer, and in a token at the server."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from signing.keystores import open_pkcs12
from signing.model import Mechanism
from signing.protocol import PreparedSignature, check_shown
from tests.documents import make_desk
from tests.gateways.test_signing_room import Office, office, pdfsig, pki
from tests.pdfs import plan_pdf
from tests.softhsm import make_box, plugged
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import SigningRefused
from webapp.core.ports import KeyAccess
from webapp.core.prepared_signings import KeyElsewhere, StampPending, UnfinishedSigning
from webapp.gateways.signing import SigningRoom
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.settings import Settings

__all__ = ["office", "pki"]
PIN = "246810"


def elsewhere(office: Office, slug: str, mechanisms: str = "rsa-pss rsa-pkcs1v15") -> KeyAccess:
    """A key of which the ward has only certificates."""
    issued = office.pki.keys[slug]
    with open_pkcs12(issued.path, issued.pin) as signer:
        certificates = tuple(c.dump() for c in (signer.certificate, *signer.chain))
    return KeyAccess(kind=KeystoreKind.AGENT, certificates=certificates, location={"mechanisms": mechanisms})


def prepared_for(
    office: Office, pdf: bytes, slug: str = "leader", mechanisms: str = "rsa-pkcs1v15"
) -> UnfinishedSigning:
    order = replace(office.person_order(), key=elsewhere(office, slug, mechanisms))
    with pytest.raises(KeyElsewhere) as caught:
        office.room.sign_person(pdf, order, ward_id=office.desk.world.ward_id)
    return caught.value.unfinished


def signed_there(office: Office, unfinished: UnfinishedSigning, slug: str = "leader") -> UnfinishedSigning:
    """What the agent does: compare, then sign the attributes."""
    prepared = PreparedSignature.from_json(dict(unfinished.value))
    check_shown(prepared, unfinished.pdf)
    issued = office.pki.keys[slug]
    with open_pkcs12(issued.path, issued.pin) as signer:
        return replace(unfinished, raw=signer.sign(prepared.attributes, prepared.mechanism))


@pytest.mark.parametrize("mechanisms", ["rsa-pss rsa-pkcs1v15", "rsa-pkcs1v15"])
def test_what_is_signed_elsewhere_becomes_an_ordinary_signature(
    office: Office, tmp_path: Path, mechanisms: str
) -> None:
    unfinished = prepared_for(office, plan_pdf(), mechanisms=mechanisms)
    first = Mechanism.RSA_PSS if "pss" in mechanisms else Mechanism.RSA_PKCS1V15
    assert unfinished.value["mechanism"] == first.value
    whole = signed_there(office, unfinished)
    office.room.check_raw(whole)
    person = office.room.complete(whole, ward_id=office.desk.world.ward_id)
    assert (person.field, person.level) == ("NguoiKy", "b-lt")
    order = replace(office.agency_order(), key=elsewhere(office, "agency", mechanisms))
    with pytest.raises(KeyElsewhere) as caught:
        office.room.sign_agency(person.content, order, ward_id=office.desk.world.ward_id)
    sealed = office.room.complete(
        signed_there(office, caught.value.unfinished, "agency"), ward_id=office.desk.world.ward_id
    )
    report = office.room.verify(sealed.content, ward_id=office.desk.world.ward_id)
    assert report["code"] == "ok"
    (tmp_path / "sealed.pdf").write_bytes(sealed.content)
    assert pdfsig(tmp_path / "sealed.pdf").count("Signature is Valid.") == 2


def test_a_raw_signature_of_another_key_is_found_before_anything_is_embedded(office: Office) -> None:
    unfinished = prepared_for(office, plan_pdf())
    for raw in (b"", bytes(256), signed_there(office, unfinished, "agency").raw):
        with pytest.raises(SigningRefused) as caught:
            office.room.check_raw(replace(unfinished, raw=raw))
        assert caught.value.code == "raw_signature_invalid"
        with pytest.raises(SigningRefused):
            office.room.complete(replace(unfinished, raw=raw), ward_id=office.desk.world.ward_id)


def test_a_missing_stamp_leaves_what_can_be_completed_later(office: Office, tmp_path: Path, settings: Settings) -> None:
    whole = signed_there(office, prepared_for(office, plan_pdf()))
    deaf = settings.model_copy(update={"tsa_url": "http://127.0.0.1:9/", "tsa_timeout": 1.0})
    room = SigningRoom(deaf, office.desk.sessions, office.desk.clock)
    with pytest.raises(StampPending) as caught:
        room.complete(whole, ward_id=office.desk.world.ward_id)
    assert caught.value.unfinished == whole
    assert office.room.complete(caught.value.unfinished, ward_id=office.desk.world.ward_id).level == "b-lt"


def test_certificates_that_must_not_sign_are_not_enrolled(office: Office) -> None:
    with pytest.raises(SigningRefused) as caught:
        office.room.describe_key(elsewhere(office, "expired"))
    assert caught.value.code == "certificate_expired"
    for mechanisms in ("", "ecdsa", "md5"):
        with pytest.raises(SigningRefused) as caught:
            office.room.describe_key(elsewhere(office, "leader", mechanisms))
        assert caught.value.code == "mechanism_unsupported"
    described = office.room.describe_key(elsewhere(office, "leader"))
    assert described.certificate.common_name == "Người leader"


def test_a_token_at_the_server_is_found_enrolled_and_signs(
    office: Office, settings: Settings, session: Session, tmp_path: Path
) -> None:
    box = make_box(tmp_path / "hsm")
    held = [(office.pki.keys[slug].path, office.pki.keys[slug].pin) for slug in ("leader", "expired")]
    box.fill("HSM phường", PIN, held)
    with plugged(box) as module:
        named = settings.model_copy(update={"pkcs11_modules": {"HSM": module}})
        room = SigningRoom(named, office.desk.sessions, office.desk.clock)
        place = next(place for place in room.key_places() if place.kind is KeystoreKind.PKCS11)
        found = room.find_keys(place, "")
        assert [key.certificate.common_name for key in found] == ["Người leader"]
        desk = make_desk(office.desk.sessions, office.desk.world, office.desk.clock, office.desk.files, room)
        actor = desk.actor(Role.LEADER)
        key = KeyAccess(kind=place.kind, location=found[0].location, certificates=found[0].certificates)
        command = EnrolKeystore(key=key, owner=KeystoreOwner.PERSON, account_id=actor.account_id)
        with desk.sessions.begin() as work:
            enrol_keystore(work, command, actor=actor, **desk.ports)  # type: ignore[arg-type]
        document_id = desk.upload(content=plan_pdf())
        desk.submit(document_id)
        with pytest.raises(SigningRefused) as caught:
            desk.sign(document_id, pin="000000")
        assert caught.value.code == "wrong_pin"
        desk.sign(document_id, pin=PIN)
    assert desk.status(document_id) == "signed"
    (tmp_path / "signed.pdf").write_bytes(office.last_file())
    told = subprocess.run(
        ["pdfsig", "-nocert", str(tmp_path / "signed.pdf")], capture_output=True, text=True, check=False
    )
    assert "Signature is Valid." in told.stdout
