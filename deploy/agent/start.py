"""First file of phs-agent.pyz: unpack what compiled libraries need to lie on a disk, then start the agent.

Plain Python of an old kind on purpose: it must be able to say what is wrong on any machine.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import sys
import sysconfig
import tempfile
import zipfile

HERE = pathlib.Path(sys.argv[0]).resolve()


def cache_folder() -> pathlib.Path:
    """Return where this person's programs keep what can be made again."""
    home = pathlib.Path.home()
    if sys.platform == "win32":
        return pathlib.Path(os.environ.get("LOCALAPPDATA", home)) / "phs-agent"
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "phs-agent"


def unpack(archive: zipfile.ZipFile, made: dict) -> pathlib.Path:
    """Unpack once; a second start at the same moment, or one that was cut off, does no harm."""
    target = cache_folder() / made["build"]
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = pathlib.Path(tempfile.mkdtemp(dir=target.parent))
    for name in archive.namelist():
        if name.startswith("site/"):
            archive.extract(name, part)
    try:
        (part / "site").rename(target)
    except OSError:
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def start() -> int:
    """Check that this file fits the machine, then hand over."""
    with zipfile.ZipFile(HERE) as archive:
        made = json.loads(archive.read("made.json"))
        mine = {"python": list(sys.version_info[:2]), "platform": sysconfig.get_platform()}
        if made["python"] != mine["python"] or made["platform"] != mine["platform"]:
            text = "Tệp này dành cho Python {}.{} trên {}; máy này là Python {}.{} trên {}.\n"
            sys.stderr.write(text.format(*made["python"], made["platform"], *mine["python"], mine["platform"]))
            return 2
        site = unpack(archive, made)
    sys.path.insert(0, str(site))
    from signing.agent.main import main  # noqa: PLC0415  -- it lies in what was just unpacked

    return main()


if __name__ == "__main__":
    sys.exit(start())
