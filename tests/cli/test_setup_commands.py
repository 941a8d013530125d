"""`phs init`, `phs user` and `phs doctor`, as scripts use them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from webapp.cli import main
from webapp.cli.doctor import Check, examine
from webapp.cli.edge import load_program
from webapp.models.audit import AuditEvent
from webapp.models.database import make_engine, make_sessions, unit_of_work

WARD = {
    "code": "99009",
    "name": "phường Thử Lệnh",
    "province_code": "99",
    "province_name": "tỉnh Thử",
    "valid_from": "2025-07-01",
    "admin": {"username": "quantri.thu", "name": "Nguyễn Thị Ánh"},
    "groups": ["01;Tổ dân phố 1;850", "Tổ dân phố 2"],
}


@pytest.fixture
def phs(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `phs` on an empty, migrated SQLite database with its own data folder."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_template, folder / "phuong-so.db")
    monkeypatch.setenv("PHS_DATA_DIR", str(folder))
    monkeypatch.setenv("PHS_LOG_LEVEL", "ERROR")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


@pytest.fixture
def ward(phs: Any, tmp_path: Path) -> dict[str, str]:
    """A ward set up from a file; gives what the command printed."""
    path = tmp_path / "ward.json"
    path.write_text(json.dumps(WARD), encoding="utf-8")
    done = phs("init", "--ward", str(path), "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def data(answer: Result) -> Any:
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def checks() -> dict[str, Check]:
    program = load_program()
    found = {check.name: check for check in examine(program)}
    program.sessions.kw["bind"].dispose()
    return found


def test_init_prints_a_new_code_each_time_until_a_ward_exists(phs: Any) -> None:
    first, second = data(phs("init", "--json")), data(phs("init", "--json"))
    assert first["address"].endswith("/setup")
    assert first["setup_code"] != second["setup_code"]
    assert second["setup_code"] in phs("init").output or "mã cài đặt" in phs("init").output


def test_a_ward_is_set_up_from_a_file_and_the_administrator_told_once(phs: Any, ward: dict[str, str]) -> None:
    assert ward["username"] == "quantri.thu"
    assert len(ward["password"]) == 14
    assert data(phs("init", "--json")) == {"address": None, "setup_code": None}
    listed = data(phs("user", "list", "--json"))
    assert [(row["username"], row["roles"], row["standing"]) for row in listed] == [
        ("quantri.thu", ["admin"], "first_password")
    ]


@pytest.mark.parametrize("wrong", ["{", "[]", json.dumps({**WARD, "code": "1"}), json.dumps({"name": "x"})])
def test_a_wrong_ward_file_is_one_line_and_stores_nothing(phs: Any, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "ward.json"
    path.write_text(wrong, encoding="utf-8")
    answer = phs("init", "--ward", str(path))
    assert answer.exit_code in {1, 2}
    assert "Traceback" not in answer.output
    assert data(phs("init", "--json"))["setup_code"]


def test_people_are_made_granted_reset_stopped_and_opened(phs: Any, ward: dict[str, str]) -> None:
    new = data(
        phs("user", "create", "ANTD", "--name", "Trần Đình Ấn", "--role", "group_head", "--group", "02", "--json")
    )
    assert new["username"] == "antd"
    assert phs("user", "create", "antd", "--name", "Ai", "--role", "clerk").exit_code == 1
    assert phs("user", "create", "khac", "--name", "Ai", "--role", "group_head", "--group", "77").exit_code == 1
    assert phs("user", "grant", "antd", "--role", "officer", "--title", "Công chức").exit_code == 0
    again = data(phs("user", "reset-password", "antd", "--json"))
    assert again["password"] != new["password"]
    assert phs("user", "disable", "antd").exit_code == 0
    row = next(row for row in data(phs("user", "list", "--json")) if row["username"] == "antd")
    assert (row["roles"], row["groups"], row["standing"]) == (
        ["group_head", "officer"],
        ["Tổ dân phố 2"],
        "disabled",
    )
    assert phs("user", "enable", "antd").exit_code == 0
    assert phs("user", "disable", "quantri.thu").exit_code == 1
    assert phs("user", "reset-password", "khong-co").exit_code == 1
    assert "antd" in phs("user", "list", "--role", "officer").output


def test_doctor_finds_a_healthy_ward_healthy(phs: Any, ward: dict[str, str]) -> None:
    answer = phs("doctor", "--json")
    assert answer.exit_code == 0, answer.output
    assert all(row["ok"] for row in json.loads(answer.output))
    assert "ổn" in phs("doctor").output


def test_doctor_finds_an_edited_log_open_keys_and_a_missing_schema(
    phs: Any, ward: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    with unit_of_work(make_sessions(make_engine(f"sqlite:///{folder}/phuong-so.db"))) as session:
        session.execute(update(AuditEvent).where(AuditEvent.sequence == 2).values(address="10.0.0.9"))
    (folder / "keys" / "personal-data.key").chmod(0o644)
    found = checks()
    assert found["nhật ký 99009"].detail == "dòng 2 không khớp"
    assert not found["khóa personal-data.key"].ok
    assert phs("doctor").exit_code == 1
    (folder / "phuong-so.db").unlink()
    for extra in folder.glob("phuong-so.db-*"):
        extra.unlink()
    missing = checks()
    assert "phs db upgrade" in missing["cơ sở dữ liệu"].detail


def test_doctor_finds_a_lost_key_and_a_changed_file(
    phs: Any, ward: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.queries import health
    from webapp.queries.health import Sealed

    program = load_program()
    name = program.wiring.files.put(b"van ban")
    from uuid import UUID

    ward_id = UUID(ward["ward_id"])
    sealed = Sealed(ward_id=ward_id, content=program.wiring.cipher.encrypt(ward_id, "Nguyễn Thị Ánh"))
    monkeypatch.setattr(health, "one_sealed", lambda _session: sealed)
    monkeypatch.setattr(health, "stored_files", lambda _session, newest: [name])
    assert checks()["kho tệp"].ok
    assert checks()["khóa dữ liệu cá nhân"].ok
    (tmp_path / "data" / "files" / name[:2] / name).write_bytes(b"da sua")
    (tmp_path / "data" / "keys" / "personal-data.key").write_bytes(bytes(32))
    assert not checks()["kho tệp"].ok
    assert not checks()["khóa dữ liệu cá nhân"].ok
