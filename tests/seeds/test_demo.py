"""The demo ward: consistent, plausible, invented, and the same again for the same seed and day."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from seeds.demo.keys import read_pins, write_secret
from seeds.demo.loading import load_demo
from seeds.demo.logins import issue_logins, ward_state
from seeds.demo.people import STAFF
from seeds.demo.scene import DemoSize
from signing import validate_pdf
from signing.model import Verdict
from signing.trust import load_trust
from tests.seeds.conftest import DemoWard, ports_on, ports_on_copy
from webapp.cli.doctor import examine
from webapp.cli.edge import Program
from webapp.core.access import Role
from webapp.core.documents import DocumentStatus
from webapp.core.survey_checks import RoundDays, hard_problems
from webapp.core.surveys import Answers, RoundStatus, VisitOutcome, VisitStatus
from webapp.core.visit_content import VisitContent, answers_from, content_sha256
from webapp.gateways.press import TypstPress
from webapp.gateways.signing import SigningRoom
from webapp.gateways.word import WordPrograms
from webapp.models.accounts import Account, RoleGrant
from webapp.models.audit import AuditEvent
from webapp.models.documents import Document, DocumentVersion
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup, Ward
from webapp.models.signing import Keystore
from webapp.models.surveys import AdultLineRow, SurveyRound, Visit, VisitRevision
from webapp.services.audit_check import check_audit
from webapp.services.facts_rebuild import compare_facts
from webapp.services.ledger import first_broken_row
from webapp.services.passwords import UNUSABLE, verify_password
from webapp.web.shared.wiring import Wiring

QUICK = DemoSize(households=60, groups=3, documents=False)


def test_facts_are_what_a_recount_gives(demo_session: Session, demo_ward: DemoWard) -> None:
    assert compare_facts(demo_session, demo_ward.loaded.ward_id) == ([], 0)


def test_facts_are_what_a_recount_gives_on_both_databases(database_url: str, tmp_path: Path) -> None:
    with ports_on(tmp_path, database_url) as ports:
        loaded = load_demo(ports, QUICK)
        with ports.sessions() as session:
            assert compare_facts(session, loaded.ward_id) == ([], 0)


def test_both_hash_chains_are_whole_and_run_in_the_order_of_time(demo_session: Session, demo_ward: DemoWard) -> None:
    ward_id = demo_ward.loaded.ward_id
    assert first_broken_row(demo_session, ward_id) is None
    assert check_audit(demo_session, ward_id).intact
    moments = demo_session.scalars(select(AuditEvent.at).order_by(AuditEvent.sequence)).all()
    assert list(moments) == sorted(moments)
    assert moments[-1] <= demo_ward.ports.clock.now()


def test_the_doctor_finds_nothing_to_mend(demo_ward: DemoWard) -> None:
    ports = demo_ward.ports
    wiring = Wiring(
        settings=ports.settings,
        clock=ports.clock,
        files=ports.files,
        cipher=ports.cipher,
        signing=SigningRoom(ports.settings, ports.sessions, ports.clock),
        press=TypstPress(),
        word=WordPrograms(ports.settings),
    )
    write_secret(_made(ports.settings.data_dir / "keys") / "personal-data.key", "x" * 32)
    checks = examine(Program(ports.settings, ports.sessions, wiring))
    assert [check for check in checks if not check.ok] == []
    assert any("sổ chữ ký" in check.name for check in checks)
    assert any("Word" in check.name and "soffice" in check.detail for check in checks)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def test_documents_stand_in_every_state(demo_session: Session, demo_ward: DemoWard) -> None:
    states = Counter(demo_session.scalars(select(Document.status)))
    assert set(states) == set(DocumentStatus)
    assert sum(states.values()) == demo_ward.loaded.documents
    numbers = demo_session.execute(
        select(Document.year, Document.number).where(Document.number.is_not(None)).order_by(Document.issued_on)
    ).all()
    for year in {row.year for row in numbers}:
        found = [row.number for row in numbers if row.year == year]
        assert found == list(range(1, len(found) + 1))


def test_a_published_document_is_valid_for_who_trusts_the_demo_root(demo_session: Session, demo_ward: DemoWard) -> None:
    document = demo_session.scalars(select(Document).where(Document.status == DocumentStatus.PUBLISHED)).first()
    assert document is not None
    version = demo_session.get_one(DocumentVersion, (document.ward_id, document.id, document.version))
    folder = demo_ward.ports.settings.data_dir / "pki"
    report = validate_pdf(demo_ward.ports.files.get(version.sha256), trust=load_trust([folder / "trust"]))
    assert report.verdict is Verdict.VALID
    assert len(report.signatures) == 2


def test_every_answer_passes_the_checks_of_the_form_and_its_hash(demo_session: Session) -> None:
    rounds = {r.id: RoundDays(r.starts_on, r.ends_on, r.ends_on) for r in demo_session.scalars(select(SurveyRound))}
    for visit, revision in demo_session.execute(_current()):
        answers = _answers(demo_session, visit, revision)
        assert hard_problems(visit.outcome, visit.visited_on, answers, rounds[visit.round_id]) == []
        content = VisitContent(
            visit_id=visit.id,
            round_id=visit.round_id,
            household_id=visit.household_id,
            outcome=visit.outcome,
            visited_on=visit.visited_on,
            answers=answers,
        )
        assert content_sha256(content) == revision.sha256


def test_nothing_lies_in_the_future_and_visits_lie_in_their_round(demo_session: Session, demo_ward: DemoWard) -> None:
    rows = demo_session.execute(
        select(Visit.visited_on, Visit.submitted_at, SurveyRound.starts_on, SurveyRound.ends_on).join(
            SurveyRound, SurveyRound.id == Visit.round_id
        )
    ).all()
    assert all(row.starts_on <= row.visited_on <= min(row.ends_on, demo_ward.today) for row in rows)
    assert all(row.submitted_at <= demo_ward.ports.clock.now() for row in rows)


def test_two_rounds_are_over_and_the_third_is_open_and_partly_done(demo_session: Session) -> None:
    rounds = demo_session.scalars(select(SurveyRound).order_by(SurveyRound.starts_on)).all()
    assert [r.status for r in rounds] == [RoundStatus.LOCKED, RoundStatus.CLOSED, RoundStatus.OPEN]
    households = demo_session.scalar(select(func.count()).select_from(Household)) or 0
    counts = Counter(demo_session.scalars(select(Visit.round_id)))
    done = [counts[r.id] / households for r in rounds]
    assert done[0] > 0.8
    assert done[1] > 0.85
    assert 0.4 < done[2] < 0.9


def test_some_visits_need_correction_with_a_reason_and_some_were_corrected(demo_session: Session) -> None:
    returned = demo_session.scalars(select(Visit).where(Visit.status == VisitStatus.NEEDS_CORRECTION)).all()
    assert returned
    assert all(visit.return_reason for visit in returned)
    second = demo_session.scalars(select(VisitRevision).where(VisitRevision.number == 2)).all()
    assert second
    assert all(revision.reason for revision in second)


def test_signatures_rise_from_round_to_round_and_differ_between_groups(demo_session: Session) -> None:
    rows = demo_session.execute(
        select(SurveyRound.starts_on, Visit.group_id, Visit.measures).join(Visit, Visit.round_id == SurveyRound.id)
    ).all()
    by_round = [_rate(rows, "esignature_adults", day) for day in sorted({row.starts_on for row in rows})]
    assert 0.10 < by_round[0] < by_round[1] < by_round[2] < 0.60
    groups = [_rate([r for r in rows if r.group_id == g], "esignature_adults") for g in {r.group_id for r in rows}]
    assert max(groups) - min(groups) > 0.05
    assert 0.85 < _rate(rows, "smartphone_adults") < 0.98
    assert 0.92 < _rate(rows, "digital_id_residents") < 0.995


def test_some_are_not_met_and_some_answers_are_unknown(demo_session: Session) -> None:
    outcomes = Counter(demo_session.scalars(select(Visit.outcome)))
    share = 1 - outcomes[VisitOutcome.INTERVIEWED] / sum(outcomes.values())
    assert 0.02 < share < 0.09
    unknown = demo_session.scalar(
        select(func.count()).select_from(AdultLineRow).where(AdultLineRow.digital_signature.is_(None))
    )
    assert unknown
    assert demo_session.scalar(select(func.count()).select_from(VisitRevision).where(VisitRevision.totals_only))


def test_names_say_that_the_ward_is_invented(demo_session: Session, demo_ward: DemoWard) -> None:
    ward = demo_session.scalars(select(Ward)).one()
    assert "Mẫu" in ward.name
    assert ward.code.startswith("99")
    cipher = demo_ward.ports.cipher
    for row in demo_session.scalars(select(Household).limit(20)):
        assert not any(letter.isdigit() for letter in cipher.decrypt(row.ward_id, row.head_name))
        assert "Đường" in cipher.decrypt(row.ward_id, row.address)


def test_groups_differ_in_size_and_add_up(demo_session: Session, demo_ward: DemoWard) -> None:
    sizes = [
        n for (n,) in demo_session.execute(select(func.count()).select_from(Household).group_by(Household.group_id))
    ]
    assert sum(sizes) == demo_ward.loaded.households
    assert max(sizes) > 1.2 * min(sizes)
    populations = demo_session.scalars(select(ResidentialGroup.population)).all()
    assert sum(p or 0 for p in populations) == demo_session.scalars(select(Ward.population)).one()


def test_every_group_has_a_head_and_only_printed_accounts_log_in(demo_session: Session, demo_ward: DemoWard) -> None:
    heads = demo_session.scalars(select(RoleGrant.group_id).where(RoleGrant.role == Role.GROUP_HEAD)).all()
    assert set(heads) == set(demo_session.scalars(select(ResidentialGroup.id)))
    logins = issue_logins(demo_session, demo_ward.ports)
    printed = {login.username for login in logins}
    assert set(demo_session.scalars(select(RoleGrant.role))) == set(Role) - {Role.PUBLIC}
    for account in demo_session.scalars(select(Account)):
        if account.username not in printed:
            assert account.password_hash == UNUSABLE
    demo_session.rollback()


def test_printed_passwords_fit_once_and_must_be_changed(demo_session: Session, demo_ward: DemoWard) -> None:
    first = issue_logins(demo_session, demo_ward.ports)
    again = {login.username: login.password for login in issue_logins(demo_session, demo_ward.ports)}
    account = demo_session.scalars(select(Account).where(Account.username == "chutich")).one()
    assert account.must_change_password
    assert verify_password(account.password_hash, again["chutich"])
    assert not verify_password(account.password_hash, next(x.password for x in first if x.username == "chutich"))
    demo_session.rollback()


def test_pins_are_kept_for_the_enrolled_keys_and_from_everybody_else(
    demo_session: Session, demo_ward: DemoWard
) -> None:
    folder = demo_ward.ports.settings.data_dir / "pki"
    pins = read_pins(folder)
    assert set(pins) == {member.slug for member in STAFF if member.key} | {"co-quan"}
    assert demo_session.scalar(select(func.count()).select_from(Keystore)) == len(pins)
    for secret in (*folder.glob("*.p12"), folder / "demo-pins.json", folder / "tsa.pin"):
        assert secret.stat().st_mode & 0o077 == 0


def test_the_same_seed_and_day_give_the_same_ward(tmp_path: Path, sqlite_template: Path) -> None:
    assert _contents(tmp_path / "a", sqlite_template, QUICK) == _contents(tmp_path / "b", sqlite_template, QUICK)


def test_another_seed_gives_another_ward(tmp_path: Path, sqlite_template: Path) -> None:
    other = DemoSize(households=60, groups=3, documents=False, seed=31)
    assert _contents(tmp_path / "a", sqlite_template, QUICK) != _contents(tmp_path / "b", sqlite_template, other)


@pytest.mark.parametrize("moment", ["2027-01-01T17:05:00+00:00", "2028-02-29T00:00:00+00:00"])
def test_a_demo_made_on_an_odd_day_is_as_good(tmp_path: Path, sqlite_template: Path, moment: str) -> None:
    with ports_on_copy(tmp_path, sqlite_template, dt.datetime.fromisoformat(moment)) as ports:
        loaded = load_demo(ports, QUICK)
        with ports.sessions() as session:
            assert ward_state(session) == "ready"
            assert compare_facts(session, loaded.ward_id) == ([], 0)
            assert max(session.scalars(select(Visit.visited_on))) <= ports.clock.today()


def _current() -> Select[Visit, VisitRevision]:
    is_current = (VisitRevision.visit_id == Visit.id) & (VisitRevision.number == Visit.revision)
    return select(Visit, VisitRevision).join(VisitRevision, is_current)


def _answers(session: Session, visit: Visit, revision: VisitRevision) -> Answers | None:
    if visit.outcome is not VisitOutcome.INTERVIEWED:
        return None
    lines = session.scalars(
        select(AdultLineRow)
        .where(AdultLineRow.visit_id == visit.id, AdultLineRow.revision == visit.revision)
        .order_by(AdultLineRow.line)
    )
    return answers_from(revision.answers, revision, lines)


def _rate(rows: Sequence[Row[Any]], code: str, day: dt.date | None = None) -> float:
    found = [row.measures[code] for row in rows if code in row.measures and day in {None, row.starts_on}]
    return float(sum(m[0] for m in found) / sum(m[1] for m in found))


def _contents(folder: Path, template: Path, size: DemoSize) -> list[tuple[Any, ...]]:
    """Load a ward and give all that its visits say, in a fixed order."""
    with ports_on_copy(folder, template) as ports:
        load_demo(ports, size)
        with ports.sessions() as session:
            found = session.execute(_current().order_by(Visit.id)).all()
            return [(*_key(visit), revision.answers, revision.reason) for visit, revision in found]


def _key(visit: Visit) -> tuple[Any, ...]:
    return visit.id, visit.household_id, visit.group_id, visit.status, visit.visited_on, visit.measures
