"""`phs sign` and `phs verify`: the package's commands under our name, with a ward's trust if wished."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from signing.cli import sign as room_sign
from signing.cli import validate as room_validate
from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.fakes import FixedClock
from tests.pdfs import plan_pdf
from tests.trust_lists import add_anchor
from tests.world import World
from webapp.cli import main
from webapp.cli.signing import sign, verify

PIN_VARIABLE = "PHS_TEST_PIN"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DemoPki:
    person = Holder(slug="person", common_name="Người leader")
    return make_demo_pki(
        tmp_path_factory.mktemp("pki"), [person], Holder(slug="agency", common_name="Cơ quan"), now=FixedClock().now()
    )


def phs(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from webapp.cli import main; main()", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)


@pytest.fixture
def signed(pki: DemoPki, tmp_path: Path) -> Path:
    source, target = tmp_path / "in.pdf", tmp_path / "out.pdf"
    source.write_bytes(plan_pdf())
    key = pki.keys["person"]
    done = phs(
        "sign",
        str(source),
        str(target),
        "--p12",
        str(key.path),
        "--pin-env",
        PIN_VARIABLE,
        "--level",
        "b-b",
        **{PIN_VARIABLE: key.pin},
    )
    assert done.returncode == 0, done.stderr
    assert key.pin not in done.stdout + done.stderr
    return target


def test_the_options_are_those_of_the_package() -> None:
    assert sign is room_sign
    ours = {option for parameter in verify.params for option in parameter.opts}
    theirs = {option for parameter in room_validate.params for option in parameter.opts}
    assert ours == theirs | {"--ward"}


def test_the_exit_status_is_the_verdict(signed: Path, pki: DemoPki, tmp_path: Path) -> None:
    trusted = phs("verify", str(signed), "--trust", str(pki.root), "--json")
    assert (trusted.returncode, json.loads(trusted.stdout)["verdict"]) == (0, "valid")
    nobody = phs("verify", str(signed), "--json")
    assert (nobody.returncode, json.loads(nobody.stdout)["code"]) == (2, "untrusted")
    plain = tmp_path / "plain.pdf"
    plain.write_bytes(plan_pdf())
    assert phs("verify", str(plain)).returncode == 3
    assert phs("verify", str(tmp_path / "missing.pdf")).returncode == 4
    broken = tmp_path / "broken.pdf"
    content = signed.read_bytes()
    broken.write_bytes(content[:300] + bytes([content[300] ^ 1]) + content[301:])
    assert phs("verify", str(broken)).returncode in {1, 4}


def test_a_wards_trust_list_counts_when_it_is_named(
    signed: Path,
    pki: DemoPki,
    world: World,
    sessions: sessionmaker[Session],
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_anchor(sessions, world.ward_id, pki.root.read_bytes(), FixedClock().now())
    monkeypatch.setenv("PHS_DATABASE_URL", database_url)
    monkeypatch.setenv("PHS_DATA_DIR", str(tmp_path / "data"))
    runner = CliRunner()
    assert runner.invoke(main, ["verify", str(signed), "--ward", "99001", "--json"]).exit_code == 0
    assert runner.invoke(main, ["verify", str(signed), "--ward", "00000"]).exit_code == 4
    assert runner.invoke(main, ["verify", str(signed), "--json"]).exit_code == 2
