"""Turning a Word file into PDF with LibreOffice: alone in a folder, without network, macros, or time without end.

Nothing of the person who runs the server is in reach of the program: home, profile and temporary files lie in a
folder that is thrown away, and its fonts are the house's own under the name that documents ask for.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from webapp.core.word_files import WordRefused

BEAT_SECONDS: Final = 0.2
MEMORY_KIB: Final = 3 * 1024 * 1024
"""Address space, of which the program uses a tenth: it maps much more than it touches."""
FILE_BLOCKS: Final = 400 * 1024
"""Largest file it may write, in blocks of 512 bytes: 200 MiB."""
OFFICE: Final = ("soffice", "libreoffice")
# Tagged PDF/A-2b without comments; the page is what counts.
_FILTER: Final = (
    'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},"UseTaggedPDF":{"type":"boolean",'
    '"value":"true"},"ExportNotes":{"type":"boolean","value":"false"},"ExportBookmarks":{"type":"boolean",'
    '"value":"false"}}'
)
_OPTIONS: Final = {
    ("Office.Common/Security/Scripting", "MacroSecurityLevel"): "3",
    ("Office.Common/Security/Scripting", "DisableMacrosExecution"): "true",
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks"): "true",
    ("Office.Common/Security/Scripting", "DisableActiveContent"): "true",
    ("Office.Common/Misc", "UseLocking"): "false",
    ("Office.Writer/Content/Update", "Link"): "0",
    ("Inet/Settings", "ooInetProxyType"): "2",
    ("Inet/Settings", "ooInetHTTPProxyName"): "127.0.0.1",
    ("Inet/Settings", "ooInetHTTPProxyPort"): "9",
    ("Inet/Settings", "ooInetHTTPSProxyName"): "127.0.0.1",
    ("Inet/Settings", "ooInetHTTPSProxyPort"): "9",
}


def find_office(wanted: str) -> str | None:
    """Give the program's path: the one that is set, or what is installed; `no` switches it off."""
    if wanted.lower() == "no":
        return None
    return next((found for name in ([wanted] if wanted else OFFICE) if (found := shutil.which(name))), None)


@cache
def without_network() -> tuple[str, ...]:
    """Give what starts a program in a network of its own, with nobody in it; empty where the system does not let us."""
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        path = shutil.which(command[0])
        if path is None:
            return ()
        tried = subprocess.run([path, command[1], "true"], capture_output=True, check=False, timeout=10)  # noqa: S603 - our own words
        if tried.returncode == 0:
            return (path, command[1])
    return ()


def office_to_pdf(office: str, docx: bytes, *, seconds: float, beat: Callable[[], None]) -> bytes:
    """Convert; `beat` is called several times a second and may raise to stop. Raises WordRefused: slow, failed."""
    with tempfile.TemporaryDirectory(prefix="phs-word-") as name, ExitStack() as stack:
        folder = Path(name)
        for inner in ("home", "out", "tmp", "profile/user"):
            (folder / inner).mkdir(parents=True, mode=0o700)
        (folder / "van-ban.docx").write_bytes(docx)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_options(), encoding="utf-8")
        (folder / "fonts.conf").write_text(_fonts(folder, stack), encoding="utf-8")
        _run(_command(office, folder, seconds), folder, seconds=seconds, beat=beat)
        made = folder / "out" / "van-ban.pdf"
        if not made.is_file() or made.is_symlink():
            raise WordRefused("failed")
        return made.read_bytes()


def _command(office: str, folder: Path, seconds: float) -> list[str]:
    """Let a shell set the limits and become the program: code between fork and exec may hang under threads."""
    limits = f"ulimit -v {MEMORY_KIB}; ulimit -f {FILE_BLOCKS}; ulimit -c 0; ulimit -t {int(seconds) + 5}"
    return [
        *without_network(),
        "/bin/sh",
        "-c",
        f'{limits}; exec "$@"',
        "sh",
        office,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nologo",
        "--convert-to",
        _FILTER,
        "--outdir",
        str(folder / "out"),
        str(folder / "van-ban.docx"),
    ]


def _run(command: list[str], folder: Path, *, seconds: float, beat: Callable[[], None]) -> None:
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    with _started(command, folder, environment) as process:
        ends = time.monotonic() + seconds
        while process.poll() is None:
            if time.monotonic() > ends:
                raise WordRefused("slow")
            beat()
            time.sleep(BEAT_SECONDS)
        if process.returncode != 0:
            raise WordRefused("failed")


@contextlib.contextmanager
def _started(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run it in a session of its own; whatever happens, all of its processes end with the block."""
    process = subprocess.Popen(  # noqa: S603 - no shell reads the file's name or content
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _options() -> str:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>"
        for (path, name), value in _OPTIONS.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>'
    )


def _fonts(folder: Path, stack: ExitStack) -> str:
    """Give the house's font under the name that documents ask for, the machine's own for everything else."""
    own = [stack.enter_context(as_file(files(room) / "resources" / "fonts")) for room in ("webapp", "signing")]
    folders = "".join(f"<dir>{path}</dir>" for path in (*own, "/usr/share/fonts", "/usr/local/share/fonts"))
    return (
        f'<?xml version="1.0"?><fontconfig>{folders}<cachedir>{folder / "tmp"}</cachedir><alias binding="same"><family>'
        "Times New Roman</family><prefer><family>Tinos</family></prefer></alias></fontconfig>"
    )
