"""The real server with the tests' own clock and cipher: `python -m tests.web.api.fixed_server url folder`."""

import socket
import sys
from dataclasses import replace
from pathlib import Path

from waitress.server import create_server

from tests.fakes import FixedClock
from webapp.factory import build_wiring, create_app
from webapp.gateways.cipher import AesGcmCipher
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings


def serve(url: str, folder: Path) -> None:
    """Listen on a free port, say which, and serve until terminated."""
    settings = Settings(data_dir=folder, database_url=url, secret_key="test", log_level="ERROR")
    sessions, clock = make_sessions(make_engine(url)), FixedClock()
    wiring = replace(build_wiring(settings, sessions), clock=clock, cipher=AesGcmCipher(bytes(range(32))))
    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(create_app(wiring=wiring, sessions=sessions), sockets=[listener], threads=8)
    print(f"port {listener.getsockname()[1]}", flush=True)
    server.run()


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
