"""With real keys: the time-stamping service is away, and the signature is completed later without the key."""

import json
from dataclasses import replace

import pytest

from tests.gateways.test_signing_room import Office, office, pki
from tests.signing.documents import plan_pdf
from webapp.core.prepared_signings import StampPending, UnfinishedSigning
from webapp.gateways.signing import SigningRoom
from webapp.settings import Settings

__all__ = ["office", "pki"]
NOBODY = "http://127.0.0.1:9/ http://127.0.0.1:9/tsa"


def away(office: Office, settings: Settings) -> SigningRoom:
    deaf = settings.model_copy(update={"tsa_url": NOBODY, "tsa_timeout": 2.0})
    return SigningRoom(deaf, office.desk.sessions, office.desk.clock)


def test_a_signature_is_completed_when_the_service_is_back(office: Office, settings: Settings) -> None:
    ward_id, plan = office.desk.world.ward_id, plan_pdf()
    with pytest.raises(StampPending) as caught:
        away(office, settings).sign_person(plan, office.person_order(), ward_id=ward_id)
    kept = caught.value.unfinished
    stored = UnfinishedSigning(value=json.loads(json.dumps(kept.value)), pdf=kept.pdf, raw=kept.raw)
    with pytest.raises(StampPending):
        away(office, settings).complete(stored, ward_id=ward_id)
    signed = office.room.complete(stored, ward_id=ward_id)
    assert signed.timestamp_at is not None
    assert signed.content.startswith(plan)
    report = office.room.verify(signed.content, ward_id=ward_id)
    assert (report["code"], len(report["signatures"])) == ("ok", 1)


def test_a_seal_that_waited_still_asks_for_a_valid_person_under_it(office: Office, settings: Settings) -> None:
    ward_id = office.desk.world.ward_id
    person = office.room.sign_person(plan_pdf(), office.person_order(), ward_id=ward_id).content
    with pytest.raises(StampPending) as caught:
        away(office, settings).sign_agency(person, office.agency_order(), ward_id=ward_id)
    sealed = office.room.complete(caught.value.unfinished, ward_id=ward_id)
    report = office.room.verify(sealed.content, ward_id=ward_id)
    assert [entry["code"] for entry in report["signatures"]] == ["ok", "ok"]


def test_a_seal_that_is_to_wait_for_others_asks_for_no_timestamp_before(office: Office) -> None:
    ward_id, order = office.desk.world.ward_id, replace(office.agency_order(), stamp_later=True)
    person = office.room.sign_person(plan_pdf(), office.person_order(), ward_id=ward_id).content
    with pytest.raises(StampPending) as caught:  # although the service is there
        office.room.sign_agency(person, order, ward_id=ward_id)
    assert caught.value.unfinished.raw
    sealed = office.room.complete(caught.value.unfinished, ward_id=ward_id)
    assert sealed.timestamp_at is not None
    report = office.room.verify(sealed.content, ward_id=ward_id)
    assert [entry["code"] for entry in report["signatures"]] == ["ok", "ok"]
