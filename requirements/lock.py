"""Write the lock files from pyproject.toml: versions and hashes, no registry addresses."""

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text())
UV = Path(sys.executable).with_name("uv")


def compile_lock(target: str, wanted: list[str], *, constraint: str | None = None) -> None:
    """Resolve `wanted` for every platform from Python 3.11 on and write requirements/`target`."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "wanted.in"
        source.write_text("\n".join(wanted))
        command = [str(UV), "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
        command += ["--no-emit-index-url", "--no-annotate", str(source), "-o", str(HERE / target)]
        command += ["-c", str(HERE / constraint)] if constraint else []
        subprocess.run(command, check=True, env={**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make lock"})


BUILD = PROJECT["build-system"]["requires"] + ["editables>=0.5"]
RUN = PROJECT["project"]["dependencies"] + BUILD
compile_lock("run.txt", RUN)
compile_lock("dev.txt", RUN + PROJECT["dependency-groups"]["dev"], constraint="run.txt")
compile_lock("uv.txt", ["uv"], constraint="dev.txt")
