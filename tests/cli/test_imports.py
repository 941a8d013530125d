"""`phs import-households`: errors as lines, exit status, JSON; nothing stored when anything is wrong."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.workbooks import HEADINGS, PERSON, workbook
from tests.world import World
from webapp.cli import imports as command
from webapp.cli.edge import Program
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus
from webapp.models.audit import AuditEvent
from webapp.models.surveys import RoundGroup, Visit
from webapp.settings import Settings
from webapp.web.shared.wiring import Wiring

Phs = Callable[..., Result]


@pytest.fixture
def phs(
    monkeypatch: pytest.MonkeyPatch, wiring: Wiring, settings: Settings, sessions: sessionmaker[Session], world: World
) -> Phs:
    monkeypatch.setattr(command, "load_program", lambda: Program(settings, sessions, wiring))

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(command.import_households, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: object, name: str = "ho.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(workbook(HEADINGS, *rows))  # type: ignore[arg-type]
        return path

    return write


def stored(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(Visit)) or 0


GOOD = (101, *PERSON[1:])


def test_a_good_file_is_stored_and_reconciled(
    phs: Phs, file: Callable[..., Path], sessions: sessionmaker[Session]
) -> None:
    result = phs(file(GOOD), "--as", "statistician", "--ward", "99001", "--round", "Đợt 1", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["rows"], answer["stored"], answer["reconciled"]) == (1, 1, True)
    assert stored(sessions) == 1


def test_errors_are_lines_with_row_and_heading(
    phs: Phs, file: Callable[..., Path], sessions: sessionmaker[Session]
) -> None:
    result = phs(file(GOOD, (102, "Tổ 1", "Hộ Kín", "2 B", 3, 2, "nhiều", "có")), "--as", "statistician")
    assert result.exit_code == 1
    assert "dòng 3, cột “Điện thoại thông minh”: cần một số" in result.stderr
    assert "Hộ Kín" not in result.output
    assert stored(sessions) == 0


def test_errors_in_json_come_with_the_same_exit_status(phs: Phs, file: Callable[..., Path]) -> None:
    result = phs(file((102, "Tổ 7", "Hộ B", "2 B", 3, 2, 1, "có")), "--as", "statistician", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [(2, "B")]


def test_a_dry_run_stores_nothing_and_keeps_no_file(
    phs: Phs, file: Callable[..., Path], sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    result = phs(file(GOOD), "--as", "statistician", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "chưa lưu gì" in result.stdout
    assert stored(sessions) == 0
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_columns_and_group_can_be_given_by_hand(
    phs: Phs, file: Callable[..., Path], sessions: sessionmaker[Session]
) -> None:
    result = phs(
        file((1, "", *PERSON[2:])), "--as", "statistician", "--group", "02", "--map", "STT=-", "--map", "Tổ=-",
        "--map", "Cáp quang=fibre_covered",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert stored(sessions) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--as", "nobody"), "không tìm thấy tài khoản"),
        (("--as", "clerk"), "không có quyền"),
        (("--as", "statistician", "--round", "Đợt 9"), "không có đợt khảo sát tên này"),
        (("--as", "statistician", "--group", "77"), "không có tổ này"),
        (("--as", "statistician", "--map", "STT=cột lạ"), "không có cột"),
        (("--as", "statistician", "--ward", "00000"), "không tìm thấy tài khoản"),
    ],
)
def test_wrong_options_end_in_one_line(
    phs: Phs, file: Callable[..., Path], arguments: tuple[str, ...], message: str
) -> None:
    result = phs(file(GOOD), *arguments)
    assert result.exit_code in {1, 2}
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_file_that_is_no_workbook_ends_in_one_line(phs: Phs, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"%PDF-1.4")
    result = phs(path, "--as", "statistician")
    assert result.exit_code == 1
    assert "PDF" in result.stderr


def test_the_account_may_be_left_out_when_only_one_person_imports(phs: Phs, file: Callable[..., Path]) -> None:
    done = phs(file((102, "Tổ 1", "Hộ Kín", "2 B", 3, 2, 1, "có")), "--dry-run", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["dry_run"] is True


def test_a_locked_group_takes_no_file_and_the_refusal_is_noted(
    phs: Phs, file: Callable[..., Path], sessions: sessionmaker[Session], world: World
) -> None:
    key = {"ward_id": world.ward_id, "round_id": world.round_id, "group_id": world.group_ids[0]}
    by = {"changed_at": dt.datetime.now(dt.UTC), "changed_by": world.accounts[Role.STATISTICIAN]}
    with sessions.begin() as session:
        session.add(RoundGroup(**key, **by, status=RoundStatus.LOCKED))
    result = phs(file(GOOD), "--as", "statistician", "--ward", "99001", "--round", "Đợt 1")
    assert result.exit_code == 1
    assert "đã chốt" in result.stderr
    assert stored(sessions) == 0
    with sessions() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "visit:refused")).one()
        assert event.detail == {"code": "group-locked", "path": "import-households"}
