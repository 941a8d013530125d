"""A scan of 200 MB through the real pages: uploaded, signed, sealed, published, verified; memory as multiples of it.

Peaks of the resident memory of this process, in which the application runs, above what it held before each step. The
validator's own process is apart and bounded.

usage: python -m tests.benchmarks.bench_large_files [megabytes]
"""

import ctypes
import datetime as dt
import gc
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from signing.appearance import draw_demo_seal, draw_demo_signature
from signing.trust.demo_pki import Holder, make_demo_pki
from tests.documents import make_desk
from tests.gateways.test_signing_room import AGENCY, Office, trust
from tests.signing.big_scan import peak_megabytes, write_scan
from tests.world import make_world
from webapp.core.access import Role
from webapp.core.documents import KeystoreOwner
from webapp.factory import build_wiring, create_app
from webapp.gateways.signing import SigningRoom
from webapp.models import schema
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings

WANTED = 2.5
"""What comes in, what goes out, and some for the program."""


class Scan:
    """A ward with keys, a scan, and people at their pages."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.path = folder / "scan.pdf"
        write_scan(self.path, megabytes)
        url = f"sqlite:///{folder}/ward.db"
        settings = Settings(
            data_dir=folder / "instance", database_url=url, max_upload_mb=500, secret_key="bench", log_level="ERROR"
        )
        schema.upgrade(engine := make_engine(url))
        self.sessions = make_sessions(engine)
        wiring = build_wiring(settings, self.sessions)
        self.clock = wiring.clock
        self.world = make_world(self.sessions, wiring.cipher, self.clock)
        people = [Holder(slug="leader", common_name="Người leader", organization=AGENCY)]
        agency = Holder(slug="agency", common_name=AGENCY, organization=AGENCY)
        pki = make_demo_pki(folder / "pki", people, agency, now=self.clock.now())
        (settings.data_dir / "pki").mkdir(parents=True, exist_ok=True)
        shutil.copy(pki.tsa.path, settings.data_dir / "pki" / "tsa.p12")
        (settings.data_dir / "pki" / "tsa.pin").write_text(pki.tsa.pin)
        trust(self.sessions, self.world, pki)
        assert isinstance(wiring.signing, SigningRoom)
        desk = make_desk(self.sessions, self.world, self.clock, wiring.files, wiring.signing)
        self.office = Office(desk, pki, wiring.signing)
        self.office.enrol(Role.LEADER, KeystoreOwner.PERSON, "leader", draw_demo_signature("Người leader"))
        self.office.enrol(Role.CLERK, KeystoreOwner.AGENCY, "agency", draw_demo_seal("Phường"))
        self.app = create_app(wiring=wiring, sessions=self.sessions)
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.document: UUID | None = None

    def login(self, role: Role) -> FlaskClient:
        client = self.app.test_client()
        token = self.world.open_session(self.sessions, role, self.clock.now(), dt.timedelta(hours=1))
        with client.session_transaction() as cookie:
            cookie.update(_user_id=token, _fresh=True)
        return client

    def upload(self) -> TestResponse:
        facts = self.office.desk.facts()
        with self.path.open("rb") as scan:
            data = {
                "type_code": "KH",
                "abstract": "Bản quét lớn",
                "signer_id": str(facts.signer_id),
                "capacity": "TM.",
                "recipients": "Lưu",
                "department_id": str(facts.department_id),
                "content": (scan, "scan.pdf"),
            }
            answer = self.login(Role.OFFICER).post("/documents/new", data=data, content_type="multipart/form-data")
        self.document = UUID(answer.location.rsplit("/", 1)[-1])
        return answer

    def act(self, role: Role, name: str, pin: str = "") -> TestResponse:
        assert self.document
        base = self.office.desk.base(self.document)
        data = {"version": str(base.version), "sha256": base.sha256, "pin": pin}
        return self.login(role).post(f"/documents/{self.document}/{name}", data=data)

    def check(self) -> TestResponse:
        sealed = max((self.path.parent / "instance" / "files").glob("??/*"), key=lambda path: path.stat().st_size)
        with sealed.open("rb") as file:
            answer = self.app.test_client().post(
                "/kiem-tra", data={"content": (file, "a.pdf")}, content_type="multipart/form-data"
            )
        assert "Hợp lệ" in answer.text
        return answer


def step(name: str, work: Callable[[], TestResponse], megabytes: int) -> float:
    """Print what one step takes; return it as a multiple of the file."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before, started = peak_megabytes(), time.perf_counter()
    answer = work()
    taken, seconds = (peak_megabytes() - before) / megabytes, time.perf_counter() - started
    assert answer.status_code < 400, answer.text
    print(f"{name:10} {taken:5.2f} x the file at most, {seconds:5.1f} s")
    return round(taken, 2)


def main(megabytes: int = 200) -> int:
    """Measure each step; 1 when one takes more than its bound."""
    with tempfile.TemporaryDirectory() as folder:
        scan = Scan(Path(folder), megabytes)
        pins = {slug: scan.office.pki.keys[slug].pin for slug in ("leader", "agency")}
        steps: dict[str, Callable[[], TestResponse]] = {
            "upload": scan.upload,
            "submit": lambda: scan.act(Role.OFFICER, "submit"),
            "sign": lambda: scan.act(Role.LEADER, "sign", pins["leader"]),
            "number": lambda: scan.act(Role.CLERK, "number"),
            "seal": lambda: scan.act(Role.CLERK, "seal", pins["agency"]),
            "publish": lambda: scan.act(Role.CLERK, "publish"),
            "verify": scan.check,
        }
        taken = {name: step(name, work, megabytes) for name, work in steps.items()}
    print(json.dumps({"bench": "large_files", "megabytes": megabytes, "multiples": taken}))
    return int(max(taken.values()) > WANTED)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
