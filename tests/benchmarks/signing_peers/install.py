"""Bring the peers of the signing benchmark to ``build/peers``, once; who cannot be had is named with the reason.

Pinned names from npm, PyPI and Debian. Nothing of this is needed to run the program or its tests.

usage: python -m tests.benchmarks.signing_peers.install
"""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(__file__).parents[3] / "build" / "peers"
NPM = {
    "@documenso/pdf-sign": "0.1.0",
    "@libpdf/core": "0.4.2",
    "@pdf-lib/fontkit": "1.1.1",
    "@signpdf/placeholder-pdf-lib": "3.3.0",
    "@signpdf/signer-p12": "3.3.0",
    "@signpdf/signpdf": "3.3.0",
    "@signpdf/utils": "3.3.0",
    "node-forge": "1.4.3",
    "pdf-lib": "1.17.1",
}
PYPI = ["endesive==3.0.1", "pypdf==6.21.4"]
DEBIAN = ["libpdfbox2-java", "libbcpkix-java", "libcommons-logging-java"]
JARS = ["pdfbox2", "fontbox2", "bcpkix", "bcprov", "bcutil", "commons-logging"]


@dataclass(frozen=True)
class Peer:
    """``command``: what signs the documents of a job file; None, with ``reason``, where it is not to be had."""

    name: str
    note: str
    command: list[str] | None
    reason: str = ""


def all_peers() -> list[Peer]:
    """Install what is missing and return every peer."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    node = {
        "@signpdf/signpdf 3.3.0": (
            "signpdf",
            "no ESS attribute, so no PAdES; spoils Vietnamese names in certificates (node-signpdf issue 89)",
        ),
        "@libpdf/core 0.4.2": ("libpdf", "stamp drawn on the page"),
        "@documenso/pdf-sign 0.1.0": ("documenso", "stamp by pdf-lib, CMS in Rust; no ESS attribute, so no PAdES"),
    }
    found = [_try(name, note, lambda which=which: _node(which)) for name, (which, note) in node.items()]
    found.append(_try("endesive 3.0.1", "adbe.pkcs7.detached, so no PAdES", _endesive))
    found.append(_try("PDFBox 2.0.27 + Bouncy Castle", "warm JVM", _pdfbox))
    return found


def _try(name: str, note: str, build: Callable[[], list[str]]) -> Peer:
    try:
        return Peer(name, note, build())
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        return Peer(name, note, None, " ".join(str(detail).split())[-200:])


def _run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=600)


def _node(which: str) -> list[str]:
    if shutil.which("npm") is None:
        raise RuntimeError("npm is not installed")
    folder = FOLDER / "node"
    wanted = json.dumps({"private": True, "dependencies": NPM}, indent=1)
    package = folder / "package.json"
    if not package.exists() or package.read_text() != wanted or not (folder / "node_modules").exists():
        folder.mkdir(exist_ok=True)
        package.write_text(wanted)
        _run("npm", "install", "--no-audit", "--no-fund", "--silent", cwd=folder)
    shutil.copyfile(HERE / "node_peer.mjs", folder / "node_peer.mjs")
    return ["node", str(folder / "node_peer.mjs"), which]


def _endesive() -> list[str]:
    folder = FOLDER / "endesive"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYPI)
        # oscrypto 1.3.0 does not know OpenSSL versions with two digits at the end, such as 3.0.19
        for module in folder.glob("lib/*/site-packages/oscrypto/_openssl/_libcrypto_*.py"):
            text = module.read_text()
            module.write_text(text.replace(r"(\\d\\.\\d\\.\\d[a-z]*)", r"(\\d\\.\\d\\.\\d+[a-z]*)"))
        (folder / ".ready").touch()
    return [str(python), str(HERE / "endesive_peer.py")]


def _pdfbox() -> list[str]:
    if shutil.which("javac") is None:
        raise RuntimeError("javac is not installed (apt-get install openjdk-17-jdk-headless)")
    jars = [Path("/usr/share/java") / f"{name}.jar" for name in JARS]
    if not all(jar.exists() for jar in jars):
        if os.geteuid() != 0:
            raise RuntimeError(f"apt-get install {' '.join(DEBIAN)}")
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN)
    path = ":".join(map(str, jars))
    folder = FOLDER / "java"
    folder.mkdir(exist_ok=True)
    _run("javac", "-nowarn", "-cp", path, "-d", str(folder), str(HERE / "PdfBoxPeer.java"))
    return ["java", "-Xmx1g", "-cp", f"{path}:{folder}", "PdfBoxPeer"]


def main() -> int:
    """Say what is there."""
    for peer in all_peers():
        print(f"{peer.name:32} {'ready' if peer.command else 'not to be had: ' + peer.reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
