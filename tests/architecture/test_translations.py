"""Vietnamese is written in the sources; the English catalogue must be whole and compiled."""

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES"


def _extracted(tmp_path: Path):
    target = tmp_path / "messages.pot"
    command = [
        str(Path(sys.executable).with_name("pybabel")),
        "-q",
        "extract",
        "-F",
        "pyproject.toml",
        "-k",
        "_l",
        "-k",
        "N_",
    ]
    subprocess.run([*command, "-o", str(target), "."], cwd=ROOT, check=True)
    return {message.id: message for message in read_po(BytesIO(target.read_bytes())) if message.id}


def _english():
    return {m.id: m for m in read_po(BytesIO((CATALOGUE / "messages.po").read_bytes())) if m.id}


def test_every_text_has_its_english(tmp_path: Path) -> None:
    english = _english()
    missing = [
        key for key in _extracted(tmp_path) if key not in english or not english[key].string or english[key].fuzzy
    ]
    assert missing == []


def test_translations_keep_the_placeholders() -> None:
    wrong = [
        message.id
        for message in _english().values()
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and set(re.findall(r"%\(\w+\)\w", message.id)) != set(re.findall(r"%\(\w+\)\w", message.string))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_fresh() -> None:
    compiled = read_mo(BytesIO((CATALOGUE / "messages.mo").read_bytes()))
    assert {m.id: m.string for m in compiled if m.id} == {k: m.string for k, m in _english().items() if m.string}
