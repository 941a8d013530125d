"""Text in another normal form, clocks that are wrong, lists that are too old: signed rightly, or refused in words."""

import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signing import Level, SignRequest, errors, validate_pdf
from signing.appearance import draw_demo_signature, person_stamp
from signing.fields import place_person, suggest_person
from signing.keystores import load_pkcs12
from signing.model import Code
from signing.prepare import fill_number, number_text, prepare_document
from signing.timestamps import LocalTimestamper
from tests.signing.conftest import World
from tests.signing.documents import PLAN, SIGNER, plan_pdf
from tests.signing.test_preserve import stale
from tests.signing.test_sign import pdfsig


def of_form(form: str) -> bytes:
    """The plan with its letters composed or taken apart, as macOS and some converters write them."""
    return plan_pdf(unicodedata.normalize(form, PLAN))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["NFC", "NFD"])
def test_the_printed_name_is_found_in_either_form(name: str) -> None:
    asked = unicodedata.normalize(name, SIGNER)  # type: ignore[arg-type]
    composed, apart = (suggest_person(of_form(form), asked) for form in ("NFC", "NFD"))
    assert (composed.printed, apart.printed) == (True, True)
    assert apart.place.box == pytest.approx(composed.place.box, abs=1)


def test_a_document_in_letters_taken_apart_goes_the_whole_way(world: World, tmp_path: Path) -> None:
    prepared = prepare_document(of_form("NFD"), verify_url="https://hoamau.example.vn/kiem-tra/AB", short_code="AB")
    assert prepared.symbol == "/KH-UBND"
    request = SignRequest(
        field="KyNguoi",
        level=Level.B_T,
        place=place_person(prepared.data, SIGNER),
        stamp=person_stamp(draw_demo_signature(SIGNER)),
        name=unicodedata.normalize("NFD", SIGNER),
        reason=unicodedata.normalize("NFD", "Phê duyệt kế hoạch"),
    )
    person = world.sign(prepared.data, request=request).data
    assert number_text(person, "30/KH-UBND") == "30"
    sealed = world.sign(fill_number(person, "30"), "co-quan", SignRequest(field="KyCoQuan", level=Level.B_T)).data
    report = validate_pdf(sealed, trust=world.trust, crls=world.crls)
    assert (report.code, len(report.signatures)) == (Code.OK, 2)
    assert pdfsig(sealed, tmp_path).count("Signature is Valid") == 2


def tsa_at(world: World, offset: timedelta) -> LocalTimestamper:
    key = load_pkcs12(world.pki.tsa.path, world.pki.tsa.pin)
    return LocalTimestamper(key, clock=lambda: datetime.now(UTC) + offset)


@pytest.mark.parametrize("hours", [-2, 2, 48])
def test_a_server_clock_that_is_wrong_leaves_the_time_to_the_stamp(world: World, plan: bytes, hours: int) -> None:
    now = datetime.now(UTC)
    signed = world.sign(plan, now=now + timedelta(hours=hours))
    report = validate_pdf(signed.data, trust=world.trust, crls=world.crls)
    (one,) = report.signatures
    assert (report.code, one.control_time) == (Code.OK, signed.timestamp_time)
    assert signed.timestamp_time is not None
    assert abs(signed.timestamp_time - now) < timedelta(minutes=2)


def test_a_server_clock_before_the_certificate_is_refused_in_words(world: World, plan: bytes) -> None:
    with pytest.raises(errors.CertificateNotYetValid) as caught:
        world.sign(plan, now=datetime.now(UTC) - timedelta(days=2))
    assert "chưa đến ngày có hiệu lực" in caught.value.vi


def test_a_stamp_from_before_the_certificate_gives_no_file(world: World, plan: bytes) -> None:
    """A service whose clock stands two days back; nothing is saved that a verifier would doubt."""
    with pytest.raises(errors.OutputNotValid):
        world.sign(plan, timestamper=tsa_at(world, timedelta(days=-2)))


def test_a_list_that_is_too_old_is_never_embedded_as_if_it_were_fresh(world: World, plan: bytes) -> None:
    with pytest.raises(errors.RevocationDataMissing) as caught:
        world.sign(plan, request=SignRequest(level=Level.B_LT), crls=stale(world))
    assert "Chưa đủ dữ liệu" in caught.value.vi
    signed = world.sign(plan, request=SignRequest(level=Level.B_T), crls=stale(world))
    assert signed.report
    assert signed.report.code is Code.STATUS_UNKNOWN, "a warning, never a plain 'valid'"
