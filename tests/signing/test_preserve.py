"""Files that must verify in 2035: raised, renewed, looked at from three dates, and refused under faults."""

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from signing import Level, SignRequest, Surroundings, TrustStore, errors, sign_pdf, validate_pdf
from signing.cli import signing
from signing.fetching import RevocationFetcher
from signing.keystores import load_pkcs12
from signing.model import Code, Verdict
from signing.preserve import Means, NotPreservable, RevocationDataStale, look_ahead, preserve, raising_with
from signing.timestamps import HttpTimestamper, LocalTimestamper, SeveralTimestampers, Timestamper
from signing.trust import load_trust
from signing.trust.demo_pki import make_crl
from tests.signing.authority import Authority, authority
from tests.signing.conftest import Journey, World

NOW = datetime.now(UTC)
END_OF_2035 = datetime(2036, 1, 1, tzinfo=UTC)


def means(world: World, **changes: object) -> Means:
    parts = {"trust": world.trust, "timestamper": world.tsa, "crls": world.crls, **changes}
    return Means(**parts)  # type: ignore[arg-type]


def reasons(pdf: bytes, trust: TrustStore, *, until: datetime = END_OF_2035, now: datetime = NOW) -> list[str]:
    return [one.code for one in look_ahead(pdf, trust=trust, until=until, now=now).reasons]


@pytest.fixture(scope="module")
def archived(world: World, journey: Journey) -> bytes:
    return preserve(journey.sealed.data, means(world)).data


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("khac")) as served:
        yield served


def test_a_sealed_document_becomes_b_lta_and_every_earlier_byte_stays(world: World, journey: Journey) -> None:
    result = preserve(journey.sealed.data, means(world))
    assert (result.before, result.after) == (Level.B_T, Level.B_LTA)
    assert result.data.startswith(journey.sealed.data)
    assert result.report.verdict is Verdict.VALID
    kept = [one.signature_sha256 for one in validate_pdf(journey.sealed.data, trust=world.trust).signatures]
    assert [one.signature_sha256 for one in result.report.signatures][: len(kept)] == kept


def test_only_what_carries_its_proofs_lasts(world: World, journey: Journey, archived: bytes, plan: bytes) -> None:
    lt = preserve(journey.sealed.data, means(world), level=Level.B_LT).data
    late = datetime(2040, 1, 1, tzinfo=UTC)
    assert reasons(journey.sealed.data, world.trust) == ["not_provable"]
    assert reasons(lt, world.trust) == []
    assert reasons(lt, world.trust, until=late) == ["not_archived"]
    assert reasons(archived, world.trust, until=late) == []
    assert reasons(plan, world.trust) == ["unsigned"]
    assert reasons(b"nothing", world.trust) == ["unreadable"]
    assert reasons(world.sign(plan, request=SignRequest()).data, world.trust) == ["no_timestamp"]


def test_a_changed_archived_file_is_not_valid_and_is_not_preserved(world: World, archived: bytes) -> None:
    broken = archived.replace(b"/MediaBox", b"/MediaBoy", 1)
    assert reasons(broken, world.trust) == ["invalid"]
    with pytest.raises(NotPreservable):
        preserve(broken, means(world))


def test_renewal_adds_a_stamp_with_a_later_end(world: World, archived: bytes, tmp_path: Path) -> None:
    later = NOW + timedelta(days=300)
    stamper = LocalTimestamper(load_pkcs12(world.pki.tsa.path, world.pki.tsa.pin), clock=lambda: later)
    renewed = preserve(archived, means(world, timestamper=stamper, now=later))
    stamps = PdfFileReader(io.BytesIO(renewed.data)).embedded_timestamp_signatures
    assert len(stamps) == 2
    assert renewed.data.startswith(archived)
    assert reasons(renewed.data, world.trust, now=later) == []


def test_the_due_date_is_half_a_year_before_the_service_ends(world: World, archived: bytes) -> None:
    outlook = look_ahead(archived, trust=world.trust, until=END_OF_2035, now=NOW)
    assert outlook.holds_until == world.tsa._key.certificate.not_valid_after
    assert outlook.due_at == outlook.holds_until - timedelta(days=180)
    after_its_end = outlook.holds_until + timedelta(days=1)
    assert reasons(archived, world.trust, now=after_its_end) == ["ended"]


def test_a_file_signed_at_b_lta_asks_twice_for_a_stamp_and_no_more(world: World, plan: bytes) -> None:
    counted = Counting(world.tsa)
    hook = raising_with(means(world, timestamper=counted))
    signed = world.sign(plan, request=SignRequest(level=Level.B_LTA), timestamper=counted, raise_level=hook)
    assert (signed.level, counted.asked) == (Level.B_LTA, 2)
    assert reasons(signed.data, world.trust) == []


class Counting(Timestamper):
    def __init__(self, inner: Timestamper) -> None:
        super().__init__(inner.token_room)
        self.inner, self.asked = inner, 0

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        return self.inner.answer(query)


def stale(world: World) -> list[bytes]:
    certificate, key = world.pki.issuing
    return [make_crl(certificate, key, revoked=[], now=NOW - timedelta(days=40), days=7)]


def test_faults_leave_the_file_as_it_was(
    world: World, journey: Journey, others: Authority, plan: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with the counts: what was tried, and that nothing came out of it."""
    down = HttpTimestamper("http://127.0.0.1:9/", timeout=1, tries=1)
    of_others = sign_pdf(
        plan,
        load_pkcs12(others.key_file("1234"), "1234"),
        SignRequest(level=Level.B_T),
        Surroundings(timestamper=HttpTimestamper(others.tsa_url)),
    ).data
    other_trust = load_trust([others.root()])
    sealed = journey.sealed.data
    in_twenty_years = NOW + timedelta(days=365 * 20)
    faults: list[tuple[str, bytes, Means, type[Exception]]] = [
        ("TSA down", sealed, means(world, timestamper=down), errors.TimestampFailed),
        ("all TSAs down", sealed, means(world, timestamper=SeveralTimestampers([down, down])), errors.TimestampFailed),
        ("TSA lying", sealed, means(world, timestamper=Lying(world.tsa)), errors.SigningError),
        ("no TSA", sealed, means(world, timestamper=None), errors.TimestamperMissing),
        ("no CRL", sealed, means(world, crls=()), errors.RevocationDataMissing),
        ("CRL stale", sealed, means(world, crls=stale(world)), RevocationDataStale),
        ("clock far ahead", sealed, means(world, now=in_twenty_years), errors.SigningError),
        ("OCSP and CRL down", of_others, Means(trust=other_trust, fetcher=Deaf()), errors.RevocationDataMissing),
        ("nobody trusted", sealed, means(world, trust=TrustStore.nobody()), NotPreservable),
        ("unsigned", plan, means(world), NotPreservable),
    ]
    refused = 0
    for _name, pdf, under, expected in faults:
        with pytest.raises(expected):
            preserve(pdf, under)
        refused += 1
    with capsys.disabled():
        print(f"\npreservation faults: {refused} of {len(faults)} refused, 0 files changed")
    assert refused == len(faults)
    assert validate_pdf(sealed, trust=world.trust, crls=world.crls).code is Code.OK


class Lying(Counting):
    def answer(self, query: bytes) -> bytes:
        from asn1crypto import tsp

        request = tsp.TimeStampReq.load(query)
        request["message_imprint"]["hashed_message"] = bytes(32)
        return super().answer(request.dump(force=True))


class Deaf(RevocationFetcher):
    def _ask(self, url: str, query: bytes) -> bytes | None:
        return None


def test_a_lying_service_is_passed_over_for_an_honest_one(world: World, journey: Journey) -> None:
    both = SeveralTimestampers([Lying(world.tsa), world.tsa])
    assert preserve(journey.sealed.data, means(world, timestamper=both)).after is Level.B_LTA


def test_an_lta_file_of_another_authority_is_valid_at_three_dates(others: Authority, plan: bytes) -> None:
    """OCSP, CRL and TSA of certomancer; judged today, in five years and in eleven, by us and by pyHanko."""
    trust = load_trust([others.root()])
    stamper = HttpTimestamper(others.tsa_url)
    signer = load_pkcs12(others.key_file("1234"), "1234")
    signed = sign_pdf(plan, signer, SignRequest(level=Level.B_T), Surroundings(timestamper=stamper)).data
    fetcher = RevocationFetcher(timeout=10)
    first = preserve(signed, Means(trust=trust, timestamper=stamper, fetcher=fetcher))
    assert first.after is Level.B_LTA
    for years in (0, 5, 11):
        moment = NOW + timedelta(days=365 * years)
        report = validate_pdf(first.data, trust=trust, crls=[others.crl_at(moment)], now=moment)
        assert (years, report.code) == (years, Code.OK)
        assert look_ahead(first.data, trust=trust, until=END_OF_2035, now=moment).lasts
    reader = PdfFileReader(io.BytesIO(first.data))
    context = ValidationContext(trust_roots=list(trust.anchors), crls=[others.crl()], revocation_mode="soft-fail")
    assert validate_pdf_signature(reader.embedded_regular_signatures[0], context).bottom_line
    stamp = validate_pdf_timestamp(reader.embedded_timestamp_signatures[0], context)
    assert (stamp.intact, stamp.valid, stamp.trusted) == (True, True, True)


def test_pdfsig_takes_the_signatures_of_the_archived_file(archived: bytes, tmp_path: Path) -> None:
    path = tmp_path / "luu-tru.pdf"
    path.write_bytes(archived)
    pdfsig = shutil.which("pdfsig")
    assert pdfsig is not None
    said = subprocess.run([pdfsig, "-nocert", str(path)], capture_output=True, text=True, check=False, timeout=60)
    assert said.stdout.count("Signature is Valid.") == 2
    assert "Total document signed" in said.stdout  # the archive timestamp, a kind that poppler does not judge


def test_the_command_raises_a_file_and_says_how_long_it_lasts(
    world: World, journey: Journey, others: Authority, tmp_path: Path
) -> None:
    source, target = tmp_path / "vao.pdf", tmp_path / "ra.pdf"
    source.write_bytes(journey.sealed.data)
    trust = ["--trust", str(world.pki.trust_folder), "--crl", str(world.pki.folder / "crl")]
    command = ["preserve", str(source), str(target), *trust]
    lt = CliRunner().invoke(signing, [*command, "--level", "b-lt", "--json"])
    assert (lt.exit_code, json.loads(lt.stdout)["after"]) == (0, "b-lt")
    again = CliRunner().invoke(signing, command)
    assert (again.exit_code, "Tệp OUT đã có" in again.output) == (1, True)
    target.unlink()
    short = CliRunner().invoke(signing, [*command, "--level", "b-lt", "--until", "2060"])
    assert (short.exit_code, "Chưa bền đến hết năm 2060" in short.output) == (2, True)
    target.unlink()
    lta = CliRunner().invoke(signing, [*command, "--tsa", others.tsa_url])
    assert (lta.exit_code, "b-t → b-lta" in lta.output) == (0, True), lta.output
