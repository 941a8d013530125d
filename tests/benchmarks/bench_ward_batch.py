"""The ward's own batch: a leader signs fifty documents with one PIN, one core against two.

The real thing but the browser, from the moment the key is open: signing session, each document read from the store, its
place found, signed with picture and timestamp (B-T, the demo ward's own service), validated whole, and stored with
version, step, ledger row and audit event in a transaction of its own, on SQLite on a memory disk.
``one core`` does all in this
process (`PHS_SIGNING_WORKERS=0`), ``two cores`` beside it as on any machine with two (empty).

As in bench_signing_batch two processes that share nothing sign half of the documents each in the same turn, each with a
ward of its own: what two cores are worth at that moment. The batch is judged on what it reaches of that, times two.

usage: python -m tests.benchmarks.bench_ward_batch [rounds] [documents]
"""

import json
import logging
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import ClassVar

from sqlalchemy import func, select

from signing.appearance import draw_demo_signature
from signing.trust.demo_pki import DemoPki, Holder, make_demo_pki
from tests.benchmarks.bench_signing_batch import cpu_of
from tests.benchmarks.signing_bench import Figures
from tests.documents import Desk, make_desk
from tests.pdfs import plan_pdf
from tests.trust_lists import add_anchor
from tests.world import make_world
from webapp.core.access import Role
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.jobs import JobStatus
from webapp.core.ports import KeyAccess
from webapp.core.signing_batches import MOST, BatchKind
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.clock import SystemClock
from webapp.gateways.files import FolderStore
from webapp.gateways.signing import SigningRoom
from webapp.jobs.context import Ports
from webapp.jobs.signing import SigningHands
from webapp.models import schema
from webapp.models.database import make_engine, make_sessions
from webapp.models.signing import SignatureLedger
from webapp.queries.signing_batches import get_batch
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.services.signing_batches import BatchItem, Typed, open_for_batch, order_batch
from webapp.settings import Settings

WANTED = 1.8
AGENCY = "Ủy ban nhân dân phường Thử Nghiệm"
NAME = "Người leader"


@dataclass
class Ward:
    """A ward with a leader, who has a key; `rooms` by the number of processes beside this one."""

    desk: Desk
    pki: DemoPki
    ports: Ports
    rooms: dict[int | None, SigningRoom]

    def submitted(self, count: int) -> list[BatchItem]:
        """Give documents that wait for the leader."""
        ids = [self.desk.upload(content=plan_pdf(), abstract=f"Văn bản {number}") for number in range(count)]
        for document_id in ids:
            self.desk.submit(document_id)
        return [BatchItem(document_id=each, base=self.desk.base(each)) for each in ids]

    def sign(self, items: list[BatchItem], workers: int | None) -> Figures:
        """Sign them in one batch; milliseconds per document."""
        room, desk = self.rooms[workers], self.desk
        hands = SigningHands(desk.sessions, self.ports, room)
        actor, pin = desk.actor(Role.LEADER), self.pki.keys["leader"].pin
        ports = {"clock": desk.clock, "files": desk.files}
        with desk.sessions.begin() as session:
            job_id = order_batch(session, BatchKind.SIGN, items, actor=actor, clock=desk.clock)
        with desk.sessions() as session:
            typed, release = Typed(pin=pin), session.rollback
            key = open_for_batch(
                session,
                BatchKind.SIGN,
                typed,
                actor=actor,
                signing=room,
                release=release,
                **ports,  # type: ignore[arg-type]
            )
        processes = room._benches
        before, wall = cpu_of(processes), time.perf_counter()
        hands.start(job_id, actor=actor, key=key)
        hands.wait(job_id, 600)
        wall, cpu = time.perf_counter() - wall, cpu_of(processes) - before
        with desk.reading() as session:
            batch = get_batch(session, actor, job_id, now=desk.clock.now())
        assert (batch.status, batch.done) == (JobStatus.DONE, len(items)), batch.error
        return Figures(cpu * 1000 / len(items), wall * 1000 / len(items))

    def signatures(self) -> tuple[int, int]:
        """Count signatures in the ledger, and documents that have one."""
        documents = SignatureLedger.document_id
        with self.desk.reading() as session:
            rows = session.execute(select(func.count(), func.count(documents.distinct()))).one()
        return rows[0], rows[1]


def make_ward(folder: Path) -> Ward:
    """Make the ward in an empty folder."""
    settings = Settings(
        data_dir=folder, database_url=f"sqlite:///{folder / 'ward.db'}", secret_key="bench", log_level="ERROR"
    )
    engine = make_engine(settings.url)
    schema.upgrade(engine)
    sessions, clock, cipher = make_sessions(engine), SystemClock(), AesGcmCipher(bytes(range(32)))
    world = make_world(sessions, cipher, clock)
    leader = Holder(slug="leader", common_name=NAME, organization=AGENCY, title="Chủ tịch")
    agency = Holder(slug="agency", common_name=AGENCY, organization=AGENCY)
    pki = make_demo_pki(folder / "authority", [leader], agency, now=clock.now())
    (folder / "pki").mkdir()
    shutil.copy(pki.tsa.path, folder / "pki" / "tsa.p12")
    (folder / "pki" / "tsa.pin").write_text(pki.tsa.pin)
    add_anchor(sessions, world.ward_id, pki.root.read_bytes(), clock.now())
    rooms = {
        workers: SigningRoom(settings.model_copy(update={"signing_workers": workers}), sessions, clock)
        for workers in (0, None)
    }
    files = FolderStore(folder / "files")
    desk = make_desk(sessions, world, clock, files, rooms[0])
    actor, key = desk.actor(Role.LEADER), pki.keys["leader"]
    access = KeyAccess(kind=KeystoreKind.PKCS12, content=key.path.read_bytes(), secret=key.pin)
    command = EnrolKeystore(
        key=access, owner=KeystoreOwner.PERSON, account_id=actor.account_id, picture=draw_demo_signature(NAME)
    )
    with sessions.begin() as session:
        enrol_keystore(session, command, actor=actor, **desk.ports)  # type: ignore[arg-type]
    ports = Ports(clock=clock, files=files, cipher=cipher, signing=rooms[0])
    return Ward(desk, pki, ports, rooms)


class Half:
    """A process of its own with half of the documents in a ward of its own."""

    ward: ClassVar[Ward]
    together: ClassVar[Barrier]
    items: ClassVar[list[BatchItem]]

    @classmethod
    def begin(cls, folder: str, together: Barrier) -> None:
        """Make the ward, once a process."""
        quiet()
        cls.ward = make_ward(Path(tempfile.mkdtemp(dir=folder)))
        cls.together = together

    @classmethod
    def prepare(cls, count: int) -> None:
        """Have documents wait; the other process does so at the same time."""
        cls.items = cls.ward.submitted(count)
        cls.together.wait(120)

    @classmethod
    def sign(cls) -> tuple[float, float]:
        """Wait for the other, sign, and give when that began and ended on the machine's clock."""
        cls.together.wait(60)
        wall = cls.ward.sign(cls.items, 0).wall_ms * len(cls.items) / 1000
        return (ended := time.perf_counter()) - wall, ended


@contextmanager
def two_halves(folder: str) -> Iterator[ProcessPoolExecutor]:
    """Start two processes that share nothing."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, fresh, Half.begin, (folder, fresh.Barrier(2))) as halves:
        yield halves


def apart(halves: ProcessPoolExecutor, count: int) -> float:
    """Milliseconds a document until both halves are signed."""
    for half in [halves.submit(Half.prepare, count // 2) for _half in range(2)]:
        half.result()
    times = [half.result() for half in [halves.submit(Half.sign) for _half in range(2)]]
    return (max(ended for _began, ended in times) - min(began for began, _ended in times)) * 1000 / count


def quiet() -> None:
    """Hear nothing of pyHanko's."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)


def main(rounds: int = 9, count: int = MOST) -> int:
    """Measure; 1 when the bound is missed."""
    quiet()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])  # "two cores" is two on any machine
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        two_halves(folder) as halves,
    ):
        ward = make_ward(Path(tempfile.mkdtemp(dir=folder)))
        ward.sign(ward.submitted(count), 0)
        cold = ward.sign(ward.submitted(count), None)
        apart(halves, count)
        rows = []
        for _round in range(rounds):
            one, two = (ward.sign(ward.submitted(count), workers) for workers in (0, None))
            rows.append((one, two, apart(halves, count)))
        made, documents = ward.signatures()
        assert made == documents == count * (2 + 2 * rounds)
        workers = ward.rooms[None]._benches.count
    for name, place in (("one core", 0), (f"two cores, {workers} processes beside this one", 1)):
        wall = statistics.median(row[place].wall_ms for row in rows)
        cpu = statistics.median(row[place].cpu_ms for row in rows)
        print(f"{name:40} {wall:8.1f} ms wall, {cpu:8.1f} ms CPU a document")
    print(f"{'two that share nothing':40} {statistics.median(row[2] for row in rows):8.1f} ms wall")
    clock = statistics.median(one.wall_ms / two.wall_ms for one, two, _apart in rows)
    used = 2 * statistics.median(one.cpu_ms / two.cpu_ms for one, two, _apart in rows)
    machine = statistics.median(one.wall_ms / both for one, _two, both in rows)
    whole = 2 * statistics.median(both / two.wall_ms for _one, two, both in rows)
    first = statistics.median(one.wall_ms for one, _two, _apart in rows) / cold.wall_ms
    print(f"two cores bring {clock:.2f} x by the clock (wanted {WANTED}), {used:.2f} x by CPU used")
    print(f"the machine's two cores are worth {machine:.2f}; on two whole ones that is {whole:.2f} x")
    print(f"the first batch of a day, whose processes are started: {first:.2f} x by the clock")
    told = {
        "wall_ratio": clock,
        "cpu_ratio": used,
        "machine_ratio": machine,
        "whole_cores_ratio": whole,
        "first_batch_ratio": first,
    }
    print(json.dumps({"bench": "ward_batch"} | {name: round(figure, 2) for name, figure in told.items()}))
    return int(whole < WANTED)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
