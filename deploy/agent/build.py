"""Build what a clerk installs: a wheel for pipx and a single .pyz, both with the agent's part of `signing` only.

Usage: python deploy/agent/build.py [FOLDER]; without a folder into dist/. Nothing is downloaded: what the .pyz carries
is copied from the environment that runs this, so it fits this platform and this Python.
"""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipapp
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

PARTS = (
    "__init__.py",
    "py.typed",
    "errors.py",
    "settings.py",
    "protocol.py",
    "prepared_json.py",
    "model",
    "agent",
    *(f"keystores/{name}.py" for name in ("__init__", "pkcs11", "pkcs12", "signer", "tokens", "token_errors")),
)
DIRECT = ("asn1crypto", "cryptography", "pypdfium2", "python-pkcs11")
CARRIED = (*DIRECT, "cffi", "pycparser")
"""Distributions whose files go into the .pyz: the direct ones and what they stand on."""


def stage(folder: Path) -> None:
    """Copy the agent's part of the package."""
    for part in PARTS:
        source, target = ROOT / "signing" / part, folder / "signing" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def requirements() -> list[str]:
    """Give the direct requirements with the project's own bounds; Windows brings no time zones of its own."""
    wanted = {line.split(">=")[0].split("[")[0]: line for line in PROJECT["dependencies"]}
    return [*(wanted[name] for name in DIRECT), "tzdata>=2025.2; sys_platform == 'win32'"]


def build_wheel(target: Path) -> Path:
    """Build phs_agent-VERSION-py3-none-any.whl."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(folder)
        (folder / "pyproject.toml").write_text(
            f"""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "phs-agent"
version = "{PROJECT["version"]}"
description = "Signing agent of Phường Số, for a staff member's own PC"
requires-python = "{PROJECT["requires-python"]}"
license = "{PROJECT["license"]}"
dependencies = {json.dumps(requirements())}
[project.scripts]
phs-agent = "signing.agent.main:main"
[tool.hatch.build.targets.wheel]
packages = ["signing"]
"""
        )
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target.resolve())]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603  -- our own interpreter
    return target / f"phs_agent-{PROJECT['version']}-py3-none-any.whl"


def build_zipapp(target: Path) -> Path:
    """Build phs-agent.pyz for this platform."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(folder / "site")
        for distribution in CARRIED:
            carry(distribution, folder / "site")
        shutil.copy(HERE / "start.py", folder / "__main__.py")
        made = {
            "build": fingerprint(folder),
            "python": list(sys.version_info[:2]),
            "platform": sysconfig.get_platform(),
        }
        (folder / "made.json").write_text(json.dumps(made))
        whole = target / "phs-agent.pyz"
        zipapp.create_archive(folder, whole, interpreter="/usr/bin/env python3", compressed=True)
    return whole


def carry(distribution: str, folder: Path) -> None:
    """Copy the files of an installed distribution, compiled libraries included; no scripts, no byte code."""
    found = importlib.metadata.distribution(distribution)
    for file in found.files or ():
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found.locate_file(file), target)


def fingerprint(folder: Path) -> str:
    """Name a build by its content: another one is unpacked beside it."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def main() -> None:
    """Build both and say where they are."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    target.mkdir(parents=True, exist_ok=True)
    for made in (build_wheel(target), build_zipapp(target)):
        print(f"{made} ({made.stat().st_size // 1024} kB)")  # noqa: T201


if __name__ == "__main__":
    main()
