"""A ward sends at one hour: 60 phones with 50 visits each in one minute, through `phs serve` with its defaults.

Each phone has its own token and its own keep-alive connection and sends one visit every 1.2 seconds, the phones spread
over that time. Bounds (issue 3): no error, 3 000 rows, 95 of 100 answers within a second, on SQLite and on a PostgreSQL
that syncs its commits. Server, phones and database share the machine.

usage: python -m tests.benchmarks.bench_soak [phones] [visits] [seconds]
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from itertools import repeat
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from tests.benchmarks.bench_visits import DATABASES, serving
from tests.benchmarks.phones import Phone, ward_of_phones
from tests.benchmarks.ten_exports import ten_exports, visits_in
from webapp.models.database import make_engine
from webapp.models.surveys import Visit, VisitRevision
from webapp.settings import Settings

WANTED = 1.0
"""Seconds within which 95 of 100 visits have their receipt."""

Sent = tuple[float, str]
"""Seconds until the answer was read, and the status (or the error)."""


def send_all(phone: Phone, address: HTTPConnection, place: float, seconds: float) -> list[Sent]:
    """Send a phone's visits one by one, spread over `seconds`; `place` in 0…1 says where in its turn it begins."""
    connection = HTTPConnection(address.host, address.port, timeout=30)
    turn = seconds / len(phone.bodies)
    begun = time.monotonic() + place * turn
    sent = []
    for number, body in enumerate(phone.bodies):
        time.sleep(max(0.0, begun + number * turn - time.monotonic()))
        started = time.perf_counter()
        status = _post(connection, phone, body)
        sent.append((time.perf_counter() - started, status))
    connection.close()
    return sent


def _post(connection: HTTPConnection, phone: Phone, body: bytes) -> str:
    try:
        connection.request("POST", "/api/v1/visits", body, phone.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        connection.close()
        return type(error).__name__
    return str(answer.status)


def soak(address: HTTPConnection, phones: Sequence[Phone], seconds: float) -> tuple[list[Sent], float]:
    """Let all phones send at once; give what became of each visit, and the seconds it took together."""
    places = [number / len(phones) for number in range(len(phones))]
    started = time.monotonic()
    with ThreadPoolExecutor(len(phones)) as threads:
        sent = list(threads.map(send_all, phones, repeat(address), places, repeat(seconds)))
    return [one for of_phone in sent for one in of_phone], time.monotonic() - started


def stored(url: str) -> tuple[int, int]:
    """Count visits and revisions."""
    engine = make_engine(url)
    with engine.connect() as connection:
        visits, revisions = (
            connection.scalar(select(func.count()).select_from(table)) or 0 for table in (Visit, VisitRevision)
        )
    engine.dispose()
    return visits, revisions


def run(database: str, url: str, *, phones: int, visits: int, seconds: float) -> bool:
    """Soak one database, print what came out, and tell whether the bounds were kept."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(data_dir=folder, database_url=url)
        ready = ward_of_phones(settings, phones=phones, visits=visits)
        before = stored(url)
        environment = {"PHS_DATA_DIR": str(folder), "PHS_DATABASE_URL": url}
        phs = str(Path(sys.executable).with_name("phs"))
        address = stack.enter_context(
            serving([phs, "serve", "--host", "127.0.0.1", "--port", "0"], environment, folder)
        )
        sent, took = soak(address, ready, seconds)
        after = stored(url)
        result = _told(database, sent, took, tuple(now - then for now, then in zip(after, before, strict=True)))
        print(json.dumps(result), flush=True)  # before the exports: what was measured is not lost with them
        exported = [
            (kind, round(taken, 2), visits_in(kind, content)) for kind, taken, content in ten_exports(settings, address)
        ]
    print(json.dumps({"bench": "soak", "database": database, "exports": exported}), flush=True)
    whole = all(found == after[0] for _kind, _taken, found in exported)
    sound = result["errors"] == 0 and result["rows"] == len(sent) == phones * visits
    return whole and sound and result["p95_ms"] < WANTED * 1000


def _told(database: str, sent: Sequence[Sent], took: float, stored_now: tuple[int, ...]) -> dict[str, Any]:
    """Count what became of the visits that were sent."""
    statuses = Counter(status for _, status in sent)
    cuts = statistics.quantiles([taken for taken, _ in sent], n=100)
    return {
        "bench": "soak",
        "database": database,
        "load": os.getloadavg()[0],
        "visits": len(sent),
        "errors": len(sent) - statuses["201"],
        "statuses": dict(statuses),
        "rows": stored_now[0],
        "revisions": stored_now[1],
        "seconds": round(took, 1),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p95_ms": round(cuts[94] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "wanted_p95_ms": WANTED * 1000,
    }


def main(phones: int = 60, visits: int = 50, seconds: int = 60) -> int:
    """Soak both databases; 1 when a bound is missed on one."""
    kept = []
    for name, database in DATABASES.items():
        with database() as url:
            kept.append(run(name, url, phones=phones, visits=visits, seconds=seconds))
    return int(not all(kept))


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:4])))
