"""Sizes, templates, settings and what must not be in the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from webapp.settings import Settings

ROOT = Path(__file__).parents[2]
SOURCES = [p for room in ("webapp", "signing", "seeds") for p in sorted((ROOT / room).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.html"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_stay_small() -> None:
    large = {_name(p): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 400}
    assert large == {}


def test_functions_stay_small() -> None:
    long = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > (80 if node.name == "create_app" else 60):
                    long[f"{_name(path)}:{node.name}"] = size
    assert long == {}


def test_templates_stay_small() -> None:
    assert {_name(p): n for p in TEMPLATES if (n := len(p.read_text().splitlines())) > 150} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style\b|\sstyle=|\son\w+=\"", text)
    assert "|safe" not in text.replace(" ", "") or path.parent.name == "components"


def test_there_is_no_room_without_a_name() -> None:
    vague = {"utils.py", "helpers.py", "common.py", "misc.py", "utils", "helpers"}
    assert [_name(p) for p in SOURCES if p.name in vague or p.parent.name in vague] == []


def test_every_room_has_its_readme() -> None:
    rooms = [ROOT / "webapp", ROOT / "signing", ROOT / "migrations", ROOT / "seeds", ROOT / "tests"]
    rooms += [p.parent for p in (ROOT / "webapp").glob("*/__init__.py") if p.parent.name != "templates"]
    assert [_name(room) for room in rooms if not (room / "README.md").exists()] == []


def test_every_setting_is_documented() -> None:
    readme = (ROOT / "docs" / "settings.md").read_text()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`PHS_{name.upper()}`" in readme, name


def test_no_address_of_a_registry_or_key_is_in_the_repository() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    found = []
    for name in filter(None, files):
        path = ROOT / name
        if not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        text = path.read_bytes()
        if any(b"-----BEGIN " + kind in text for kind in (b"PRIVATE KEY", b"RSA PRIVATE", b"ENCRYPTED PRIVATE")):
            found.append(name)
        if path.name in {"package-lock.json", "run.txt", "dev.txt"} and (b'"resolved"' in text or b"index-url" in text):
            found.append(name)
    assert found == []
