"""A server that is killed and comes back: the real application behind waitress, in a child of a parent that stays.

The parent holds the listening socket, as a service manager does. For each line on its standard input it starts a child
(after the last one died) and prints the child's process number.

usage: python -m tests.faults.mortal_server DATA_DIR DATABASE_URL [running]

`running`: the clock runs; otherwise the server lives on the one day of the tests' ward.
"""

import dataclasses
import os
import socket
import sys
from pathlib import Path

from waitress.server import create_server

from tests.fakes import FixedClock
from webapp.factory import build_wiring, create_app
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings


def main(data_dir: str, database_url: str, clock: str = "fixed") -> None:
    """Listen, print the port, then obey."""
    settings = Settings(data_dir=Path(data_dir), database_url=database_url, log_level="ERROR", secret_key="test")
    engine = make_engine(settings.url)
    sessions = make_sessions(engine)
    wiring = build_wiring(settings, sessions)
    if clock != "running":
        wiring = dataclasses.replace(wiring, clock=FixedClock())
    app = create_app(wiring=wiring, sessions=sessions)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    child = 0
    for _line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if not child:
            engine.dispose(close=False)
            create_server(app, sockets=[listener], threads=4).run()
        print(child, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
