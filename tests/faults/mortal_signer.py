"""People at the ward's pages who sign with PKCS#12 keys, in a child process that is killed and comes back.

The parent stays. For each line on its standard input it starts a child (after the last one died) and prints the
child's process number. The child leads documents from step to step through the real pages, and prints one line a step
that the page answered as done: document, step.

usage: python -m tests.faults.mortal_signer DATA_DIR DATABASE_URL COOKIES PINS (both JSON by role)
"""

import dataclasses
import json
import os
import sys
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from webapp.core.documents import DocumentStatus
from webapp.factory import build_wiring, create_app
from webapp.gateways.signing import SigningRoom
from webapp.models.database import make_engine, make_sessions
from webapp.models.documents import Document, DocumentVersion
from webapp.settings import Settings

# Which step comes next, and whose it is.
STEPS = {
    DocumentStatus.AWAITING_SIGNATURE: ("sign", "leader"),
    DocumentStatus.SIGNED: ("number", "clerk"),
    DocumentStatus.NUMBERED: ("seal", "clerk"),
    DocumentStatus.SEALED: ("publish", "clerk"),
}


def main(data_dir: str, database_url: str, cookies: str, pins: str) -> None:
    """Build the application once, then obey."""
    settings = Settings(
        data_dir=Path(data_dir), database_url=database_url, log_level="ERROR", secret_key="test", rate_limits=False
    )
    engine = make_engine(settings.url)
    sessions = make_sessions(engine)
    clock = FixedClock()  # the ward of the tests lives on one day
    room = SigningRoom(settings, sessions, clock)
    wiring = dataclasses.replace(build_wiring(settings, sessions), clock=clock, signing=room)
    app = create_app(wiring=wiring, sessions=sessions)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    clients = {role: app.test_client() for role in ("leader", "clerk")}
    for role, value in json.loads(cookies).items():
        clients[role].set_cookie("phs", value)
    # Fonts and modules are loaded here, once: a child that is killed at once must not die of loading them.
    work(sessions, clients, json.loads(pins), steps=len(STEPS))
    print("ready", flush=True)
    child = 0
    for _line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if not child:
            engine.dispose(close=False)
            work(sessions, clients, json.loads(pins))
            os._exit(0)
        print(f"pid {child}", flush=True)


def work(
    sessions: sessionmaker[Session], clients: dict[str, FlaskClient], pins: dict[str, str], *, steps: int | None = None
) -> None:
    """Lead every document as far as it goes, the most advanced first; at most so many steps."""
    while steps is None or steps > 0:
        steps = None if steps is None else steps - 1
        with sessions() as session:
            row = session.execute(
                select(Document.id, Document.status, DocumentVersion.number, DocumentVersion.sha256)
                .join(
                    DocumentVersion,
                    (DocumentVersion.document_id == Document.id) & (DocumentVersion.number == Document.version),
                )
                .where(Document.status.in_(STEPS))
                .order_by(Document.version.desc(), Document.created_at)
                .limit(1)
            ).first()
        if row is None:
            return
        step, role = STEPS[row.status]
        data = {"version": row.number, "sha256": row.sha256} | ({"pin": pins[role]} if step in {"sign", "seal"} else {})
        answer = clients[role].post(f"/documents/{row.id}/{step}", data=data)
        told = f"done {row.id} {step}" if answer.status_code == 303 else f"failed {row.id} {step} {answer.status_code}"
        os.write(1, f"{told}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:5])
