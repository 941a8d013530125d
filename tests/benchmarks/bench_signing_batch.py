"""Signing many documents: one core against two, requests of a B-LT batch, memory of a large scan.

The same visible stamp as in bench_signing, from file to file on a memory disk, the key in this process. ``one core``
signs everything here; ``two workers`` prepare, embed and prove in processes of their own. CPU is that of all processes.

Two cores of a shared machine are seldom two whole ones: a loop that shares nothing runs there 1.6 to 2 times as fast in
two processes. So the same documents are also signed, in the same turn, by ``two that share nothing``: processes with
half of the documents and a key each, which is all that the machine can do and what no server may do. The batch is
judged on what it reaches of that, times two: its gain on two whole cores.

usage: python -m tests.benchmarks.bench_signing_batch [rounds] [documents]
"""

import json
import logging
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import ClassVar

from signing import Level, SignRequest, Surroundings, open_pkcs12
from signing.batch import sign_batch
from signing.batch_pool import WorkerPool
from signing.sign.desk import BatchItem
from signing.sign.revocation import FetchedRevocation
from signing.timestamps import HttpTimestamper
from signing.trust import load_certificates, load_trust
from tests.benchmarks.signing_bench import Desk, Figures, make_desk
from tests.signing.authority import authority

ROOT = Path(__file__).parents[2]
WANTED = 1.8
WANTED_MEGABYTES = 100
DIFFERENT = 40
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Bench:
    """What is signed with what."""

    desk: Desk
    items: Sequence[BatchItem]

    def run(self, pool: WorkerPool | None) -> Figures:
        """Sign all once."""
        around = Surroundings(trust=self.desk.trust, revalidate=False)
        with open_pkcs12(self.desk.key.path, self.desk.key.pin) as signer:
            before = cpu_of(pool)
            wall = time.perf_counter()
            results = list(sign_batch(self.items, signer, around, pool=pool))
            wall, cpu = time.perf_counter() - wall, cpu_of(pool) - before
        assert all(result.error is None for result in results)
        return Figures(cpu * 1000 / len(self.items), wall * 1000 / len(self.items))


def cpu_of(pool: WorkerPool | None) -> float:
    """Seconds of this process and of the workers."""
    used = time.process_time()
    for process in pool.processes() if pool is not None else ():
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        used += (int(fields[11]) + int(fields[12])) / TICK
    return used


def make_bench(folder: Path, count: int) -> Bench:
    desk = make_desk(folder, DIFFERENT)
    out = desk.out_for("batch")
    items = [
        BatchItem(name=str(n), pdf=desk.documents[n % DIFFERENT], request=desk.request(), target=out / f"{n}.pdf")
        for n in range(count)
    ]
    return Bench(desk, items)


class Half:
    """A process of its own that signs half of the documents as one core does, beside another one."""

    bench: ClassVar[Bench]
    together: ClassVar[Barrier]

    @classmethod
    def begin(cls, folder: str, count: int, together: Barrier) -> None:
        """Make key and documents, once a process."""
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
        cls.bench = make_bench(Path(tempfile.mkdtemp(dir=folder)), count)
        cls.together = together

    @classmethod
    def sign(cls) -> tuple[float, float]:
        """Wait for the other, sign, and give when that began and ended on the machine's clock."""
        cls.together.wait(60)
        wall = cls.bench.run(None).wall_ms * len(cls.bench.items) / 1000
        return (ended := time.perf_counter()) - wall, ended


@contextmanager
def two_halves(folder: str, count: int) -> Iterator[ProcessPoolExecutor]:
    """Start two processes that share nothing."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, fresh, Half.begin, (folder, count // 2, fresh.Barrier(2))) as halves:
        yield halves


def side_by_side(halves: ProcessPoolExecutor, count: int) -> float:
    """Milliseconds a document until both halves are signed."""
    times = [half.result() for half in [halves.submit(Half.sign) for _half in range(2)]]
    return (max(ended for _began, ended in times) - min(began for began, _ended in times)) * 1000 / count


def scaling(rounds: int, count: int) -> dict[str, float]:
    """Print what two workers bring."""
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        WorkerPool(2) as pool,
        two_halves(folder, count) as halves,
    ):
        bench = make_bench(Path(folder), count)
        bench.run(None)
        bench.run(pool)
        side_by_side(halves, count)
        rows = [(bench.run(None), bench.run(pool), side_by_side(halves, count)) for _round in range(rounds)]
    ratio = statistics.median(one.wall_ms / two.wall_ms for one, two, _apart in rows)
    share = statistics.median(one.cpu_ms / two.cpu_ms for one, two, _apart in rows)
    machine = statistics.median(one.wall_ms / apart for one, _two, apart in rows)
    whole = statistics.median(apart / two.wall_ms for _one, two, apart in rows)
    ones, twos, aparts = zip(*rows, strict=True)
    for name, column in (("one core, this process", ones), ("two workers and this process", twos)):
        wall = statistics.median(figures.wall_ms for figures in column)
        cpu = statistics.median(figures.cpu_ms for figures in column)
        print(f"{name:32} {wall:8.2f} ms wall, {cpu:8.2f} ms CPU a document")
    print(f"{'two that share nothing':32} {statistics.median(aparts):8.2f} ms wall")
    print(f"two cores bring {ratio:.2f} x by the clock (wanted {WANTED}), {2 * share:.2f} x by CPU used")
    print(f"the machine's two cores are worth {machine:.2f}; on two whole ones that is {2 * whole:.2f} x")
    told = {"wall_ratio": ratio, "cpu_ratio": 2 * share, "machine_ratio": machine, "whole_cores_ratio": 2 * whole}
    return {name: round(figure, 2) for name, figure in told.items()}


def requests(count: int = 10) -> dict[str, int]:
    """Print what a B-LT batch asks of an authority that others wrote."""
    with tempfile.TemporaryDirectory() as folder, authority(Path(folder)) as other, WorkerPool(2) as pool:
        around = Surroundings(
            timestamper=HttpTimestamper(other.tsa_url, timeout=60),
            trust=load_trust([other.root()]),
            raise_level=FetchedRevocation(extra=load_certificates([other.root()])),
            revalidate=False,
        )
        desk = make_desk(Path(folder) / "desk", count)
        request = SignRequest(level=Level.B_LT, place=desk.request().place, stamp=desk.request().stamp)
        items = [BatchItem(name=path.name, pdf=path, request=request) for path in desk.documents]
        with open_pkcs12(other.key_file("4711"), "4711") as signer:
            results = list(sign_batch(items, signer, around, pool=pool))
        assert all(result.error is None for result in results)
        asked = dict(Counter(path.split("/")[2] for path in other.asked))
    print(f"B-LT, {count} documents, requests: {asked}")
    return asked


def memory(megabytes: int = 74) -> dict[str, float]:
    """Print what a scan takes."""
    with tempfile.TemporaryDirectory() as folder:
        desk = make_desk(Path(folder), 1)
        command = [sys.executable, "-m", "tests.signing.big_scan", folder, str(megabytes)]
        command += [str(desk.key.path), desk.key.pin, str(Path(folder) / "pki" / "trust")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    told = json.loads(done.stdout)
    print(f"{megabytes} MB scan: {told['peak_mb']:.0f} MB at most, {told['wall_s']:.1f} s, {told['cpu_s']:.1f} s CPU")
    return {"peak_mb": round(told["peak_mb"], 1), "cpu_s": round(told["cpu_s"], 2)}


def main(rounds: int = 15, count: int = 200) -> int:
    """Measure all three; 1 when a bound is missed."""
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    scaled, asked, scan = scaling(rounds, count), requests(), memory()
    print(json.dumps({"bench": "signing_batch", "scaling": scaled, "requests": asked, "scan": scan}))
    right = asked == {"tsa": 10, "ocsp": 1, "crls": 1}
    return int(scaled["whole_cores_ratio"] < WANTED or not right or scan["peak_mb"] > WANTED_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
