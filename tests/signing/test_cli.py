"""``python -m signing sign|validate``: exit statuses, JSON, and that nothing half-done is left behind."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from signing.cli import sign as sign_module
from signing.cli import signing
from tests.signing.conftest import Journey, World
from tests.signing.documents import SIGNER


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(signing, [str(a) for a in arguments], env=environment)


def check(*arguments: object) -> tuple[int, dict[str, Any]]:
    result = run("validate", *arguments, "--json")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, json.loads(result.stdout_bytes)


@pytest.fixture
def sealed(journey: Journey, tmp_path: Path) -> Path:
    path = tmp_path / "da-ban-hanh.pdf"
    path.write_bytes(journey.sealed.data)
    return path


@pytest.fixture
def draft(plan: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "du-thao.pdf"
    path.write_bytes(plan)
    return path


def trusted(world: World) -> list[object]:
    return ["--trust", world.pki.trust_folder, "--crl", world.pki.folder / "crl"]


def test_each_verdict_has_its_exit_status(world: World, sealed: Path, draft: Path, tmp_path: Path) -> None:
    assert check(sealed, *trusted(world))[0] == 0
    broken = tmp_path / "sua.pdf"
    broken.write_bytes(sealed.read_bytes() + b"1 0 obj\n<<>>\nendobj\n")
    assert check(broken, *trusted(world))[0] == 1
    assert check(sealed)[0] == 2
    assert check(draft)[0] == 3
    assert check(tmp_path / "khong-co.pdf")[0] == 4
    assert check(tmp_path)[0] == 4


def test_the_json_is_the_report(world: World, sealed: Path) -> None:
    _status, value = check(sealed, *trusted(world))
    assert (value["verdict"], value["code"]) == ("valid", "ok")
    assert value["signatures"][0]["signer"] == SIGNER
    assert value["size"] == sealed.stat().st_size


def test_people_read_vietnamese(world: World, sealed: Path) -> None:
    text = run("validate", sealed, *trusted(world)).stdout_bytes.decode()
    assert text.startswith("HỢP LỆ")
    assert "Tổ chức cấp chứng thư số: Tổ chức chứng thực MẪU cấp phát" in text
    assert "Dấu thời gian (tin cậy)" in text


def test_a_bad_trust_file_ends_with_status_four_and_its_name(sealed: Path, draft: Path) -> None:
    status, value = check(sealed, "--trust", draft)
    assert (status, value["verdict"]) == (4, "unreadable")
    assert "du-thao.pdf" in value["reasons"][0]["vi"]


@pytest.mark.parametrize("arguments", [["--at", "hôm qua"], ["--nope"], []])
def test_wrong_usage_is_explained_and_is_no_verdict(sealed: Path, arguments: list[str]) -> None:
    result = run("validate", *([sealed] if arguments else []), *arguments)
    assert result.exit_code == 4
    assert "Error" in result.stderr


def test_the_moment_may_be_chosen(world: World, sealed: Path) -> None:
    assert check(sealed, *trusted(world), "--at", "now")[1]["code"] == "ok"
    assert check(sealed, *trusted(world), "--at", "2035-01-01T00:00:00+07:00")[1]["code"] == "expired"
    assert check(sealed, *trusted(world), "--at", "2020-01-01")[1]["code"] == "expired"


def signing_options(world: World) -> list[object]:
    return ["--p12", world.pki.keys["chu-tich"].path, "--pin-env", "PIN"]


def test_a_file_is_signed_timestamped_and_checked(world: World, draft: Path, tmp_path: Path) -> None:
    out = tmp_path / "ky.pdf"
    tsa = ["--tsa-p12", world.pki.tsa.path, "--tsa-pin-env", "TSA_PIN"]
    environment = {"PIN": world.pki.keys["chu-tich"].pin, "TSA_PIN": world.pki.tsa.pin}
    result = run("sign", draft, out, *signing_options(world), *tsa, *trusted(world), "--json", **environment)
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout_bytes)
    assert (value["signed"], value["level"], value["field"]) == (True, "b-t", "ChuKy")
    assert check(out, *trusted(world))[0] == 0
    assert environment["PIN"] not in result.output


def test_a_visible_signature_goes_where_told(world: World, draft: Path, tmp_path: Path) -> None:
    out = tmp_path / "ky.pdf"
    where = ["--page", "-1", "--box", "60,300,240,360", "--reason", "Phê duyệt", "--field", "KyDuyet"]
    pin = world.pki.keys["chu-tich"].pin
    assert run("sign", draft, out, *signing_options(world), *where, PIN=pin).exit_code == 0
    text = subprocess.run(["pdftotext", str(out), "-"], capture_output=True, text=True, check=True).stdout
    assert f"Người ký: {SIGNER}" in text


@pytest.mark.parametrize(
    ("extra", "pin", "code"),
    [
        ([], "00000000", "wrong_pin"),
        (["--level", "b-t"], None, "timestamper_missing"),
        (["--tsa", "ftp://x/"], None, "timestamper_missing"),
        (["--image", "khong-co.png"], None, "picture_unreadable"),
        (["--box", "1,2,9000,9000"], None, "bad_placement"),
        (["--trust", "khong-co.pem"], None, "trust_unreadable"),
    ],
)
def test_refusals_are_one_json_error_and_leave_nothing(
    world: World, draft: Path, tmp_path: Path, extra: list[str], pin: str | None, code: str
) -> None:
    out = tmp_path / "ra" / "ky.pdf"
    out.parent.mkdir()
    chosen = pin or world.pki.keys["chu-tich"].pin
    result = run("sign", draft, out, *signing_options(world), *extra, "--json", PIN=chosen)
    assert result.exit_code == 1
    error = json.loads(result.stdout_bytes)["error"]
    assert error["code"] == code
    assert error["vi"]
    assert error["en"]
    assert list(out.parent.iterdir()) == []


def test_a_revoked_key_says_so_in_one_line(world: World, draft: Path, tmp_path: Path) -> None:
    issued = world.pki.keys["thu-hoi"]
    key = ["--p12", issued.path, "--pin-env", "PIN"]
    result = run("sign", draft, tmp_path / "ky.pdf", *key, *trusted(world), PIN=issued.pin)
    assert result.exit_code == 1
    assert result.stderr == "Lỗi: Chứng thư số đã bị thu hồi.\n"


def test_existing_files_are_not_overwritten_without_force(world: World, draft: Path, tmp_path: Path) -> None:
    pin = world.pki.keys["chu-tich"].pin
    before = draft.read_bytes()
    assert run("sign", draft, draft, *signing_options(world), PIN=pin).exit_code == 1
    assert draft.read_bytes() == before
    assert run("sign", draft, draft, *signing_options(world), "--force", PIN=pin).exit_code == 0
    assert draft.read_bytes().startswith(before)
    assert run("sign", draft, tmp_path, *signing_options(world), PIN=pin).exit_code == 1


def test_a_full_disk_leaves_the_old_file(world: World, draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = draft.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    result = run("sign", draft, draft, *signing_options(world), "--force", PIN=world.pki.keys["chu-tich"].pin)
    assert result.exit_code == 1
    assert draft.read_bytes() == before
    assert [p.name for p in draft.parent.iterdir()] == [draft.name]


def test_the_pin_is_asked_for_when_no_variable_is_named(world: World, draft: Path, tmp_path: Path) -> None:
    issued = world.pki.keys["chu-tich"]
    arguments = ["sign", str(draft), str(tmp_path / "ky.pdf"), "--p12", str(issued.path)]
    result = CliRunner().invoke(signing, arguments, input=f"{issued.pin}\n")
    assert result.exit_code == 0
    assert issued.pin not in result.output


def test_an_unset_variable_is_wrong_usage(world: World, draft: Path, tmp_path: Path) -> None:
    result = run("sign", draft, tmp_path / "ky.pdf", *signing_options(world))
    assert result.exit_code == 2
    assert "PIN" in result.stderr


def test_the_module_runs_as_a_program_in_any_encoding(sealed: Path) -> None:
    command = [sys.executable, "-m", "signing", "validate", str(sealed)]
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False, cwd=Path.cwd())
    assert done.returncode == 2
    assert "CHƯA KẾT LUẬN ĐƯỢC" in done.stdout.decode()
    assert b"Traceback" not in done.stderr


def test_both_commands_can_be_mounted_elsewhere() -> None:
    import click

    other = click.Group("phs", commands={"sign": sign_module, "verify": signing.commands["validate"]})
    assert "Kiểm tra" in CliRunner().invoke(other, ["verify", "--help"]).output
