"""The opinion of pyHanko's own command line, in a process of its own, with nothing but the root and the file."""

import subprocess
import sys
from pathlib import Path

SAYS_YES = ("INTACT:TRUSTED", "UNTOUCHED", "ACCEPTABLE_MODIFICATIONS")


def pyhanko_says(signed: Path, root: Path, *, revocation_inside: bool) -> list[str]:
    """Give a line for each signature; a file that is not accepted fails here.

    `revocation_inside`: the file must stand by itself, with the lists it carries (`adesverify`); without, revocation is
    not asked about, for the throw-away authority has no address to ask.
    """
    command = [sys.executable, "-c", "from pyhanko.cli import launch; launch()", "sign"]
    command += ["adesverify"] if revocation_inside else ["validate", "--no-revocation-check"]
    command += ["--trust", str(root), "--trust-replace", str(signed)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=signed.parent)
    assert told.returncode == 0, told.stdout + told.stderr
    lines = told.stdout.splitlines()
    for line in lines:
        assert SAYS_YES[0] in line, line
        assert any(word in line for word in SAYS_YES[1:]), line
    return lines
