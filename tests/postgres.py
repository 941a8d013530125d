"""A PostgreSQL cluster of the tests' own, in a temporary folder, thrown away afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


class Cluster:
    """Starts `postgres` on a free loopback port; as root it runs as the user `postgres`, which refuses to be root."""

    def __init__(self, *, durable: bool = False) -> None:
        """`durable` syncs commits to the disk, as benchmarks must and tests need not."""
        self.folder = Path(tempfile.mkdtemp(prefix="phs-pg-"))
        self.bin = self._find_bin()
        self.as_root = os.geteuid() == 0
        if self.as_root:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "phs", "--no-sync", "-E", "UTF8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        options += " -c max_connections=200" + ("" if durable else " -c fsync=off")
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "-l", str(self.folder / "log"), "start"
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://phs@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _find_bin() -> Path:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if found:
            return found[-1].parent
        on_path = shutil.which("initdb")
        if on_path is None:
            msg = "PostgreSQL is not installed: `apt-get install postgresql` (the tests run on both databases)"
            raise RuntimeError(msg)
        return Path(on_path).parent

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        if self.as_root:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
