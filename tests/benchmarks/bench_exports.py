"""Memory and speed of exports: 10 000 and 100 000 visits as CSV, JSON and XLSX, on SQLite and PostgreSQL.

Run: `python -m tests.benchmarks.bench_exports [--database-url postgresql+psycopg://…] [--visits 10000 100000]`. Each
export runs in a process of its own, so that its peak memory (resident set) is its own. Goal: CSV and JSON of ten times
the visits take no more than 1.2 times the memory; a workbook is made by a job and may take more.
"""

import argparse
import datetime as dt
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from tests.extra_questions import FORM
from tests.fakes import FixedClock
from tests.survey_answers import family
from tests.world import World, make_world
from webapp.analytics.survey_files import csv_pieces, json_pieces, survey_workbook
from webapp.core.export_extra import ExtraColumns
from webapp.core.exports import ExportOrder, ExportTable
from webapp.core.extra_questions import ExtraFormStatus
from webapp.core.ids import new_id
from webapp.core.surveys import HouseholdStatus, VisitOutcome
from webapp.core.visit_content import VisitContent
from webapp.gateways.cipher import AesGcmCipher, open_cipher
from webapp.models import schema
from webapp.models.database import make_engine, make_sessions
from webapp.models.extra_forms import ExtraFormRow
from webapp.models.households import Household
from webapp.queries.export_rows import extra_columns, stream_visits
from webapp.services.visit_rows import RevisionFacts, insert_visits, visit_rows

KINDS = ("csv", "json", "xlsx")
GOAL_GROWTH = 1.2


def fill(sessions: sessionmaker[Session], visits: int, cipher: AesGcmCipher) -> UUID:
    """Make a ward with so many visited households, each with answers to extra questions."""
    clock = FixedClock()
    world = make_world(sessions, cipher, clock)
    with sessions.begin() as session:
        session.add(
            ExtraFormRow(
                ward_id=world.ward_id, id=new_id(), round_id=world.round_id, number=FORM.number,
                status=ExtraFormStatus.ACTIVE, questions=[question.to_json() for question in FORM.questions],
                made_at=clock.now(),
            )
        )  # fmt: skip
    name, address = cipher.encrypt(world.ward_id, "Nguyễn Thị Ánh"), cipher.encrypt(world.ward_id, "12 Lê Lợi")
    dice = random.Random(5)
    for start in range(0, visits, 2_000):
        _fill_some(sessions, world, range(start, min(start + 2_000, visits)), (name, address), dice, clock.today())
    return world.ward_id


def _fill_some(
    sessions: sessionmaker[Session],
    world: World,
    numbers: range,
    person: tuple[bytes, bytes],
    dice: random.Random,
    day: dt.date,
) -> None:
    group_id = world.group_ids[0]
    homes = [
        {
            "ward_id": world.ward_id, "id": new_id(), "group_id": group_id, "number": 1_000 + number,
            "head_name": person[0], "address": person[1], "identity_token": number.to_bytes(8, "big"),
            "status": HouseholdStatus.ACTIVE, "registered_on": day,
        }
        for number in numbers
    ]  # fmt: skip
    facts = RevisionFacts(
        ward_id=world.ward_id,
        group_id=group_id,
        made_at=FixedClock().now(),
        made_by=next(iter(world.accounts.values())),
        extra_form=FORM.number,
    )
    with sessions.begin() as session:
        session.execute(insert(Household), homes)
        insert_visits(
            session,
            (
                visit_rows(
                    VisitContent(
                        visit_id=new_id(),
                        round_id=world.round_id,
                        household_id=home["id"],
                        outcome=VisitOutcome.INTERVIEWED,
                        visited_on=day,
                        answers=family(iot_connections=dice.randint(0, 9)),
                        extra={"may_tinh": dice.randint(0, 9), "dich_vu": ["dat_dai"], "cuoc": "165.5"},
                    ),
                    facts,
                    {},
                )
                for home in homes
            ),
        )


def export(url: str, ward_id: UUID, kind: str, keys: Path) -> dict[str, float]:
    """Export everything in this process; give bytes, seconds and peak memory in MiB."""
    sessions = make_sessions(make_engine(url))
    bind = sessions.kw["bind"].execution_options(sqlite_deferred=True)
    order, began = ExportOrder(names=True), time.perf_counter()
    with sessions(bind=bind) as session:
        extra = extra_columns(session, ward_id, order)
        visits = stream_visits(session, ward_id, order, cipher=open_cipher(keys))
        size = sum(len(piece) for piece in _pieces(kind, visits, order, extra))
    seconds = time.perf_counter() - began
    return {"bytes": size, "seconds": seconds, "mib": _peak_mib()}


def _peak_mib() -> float:
    """Give the most resident memory of this process; getrusage would begin with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def _pieces(kind: str, visits: Iterator, order: ExportOrder, extra: ExtraColumns) -> Iterator[bytes]:
    if kind == "csv":
        yield from csv_pieces(visits, ExportTable.VISITS, order, extra=extra)
    elif kind == "json":
        yield from json_pieces(visits, order, extra=extra)
    else:
        yield survey_workbook(visits, order, extra=extra)


def measure(url: str, sizes: list[int]) -> dict[str, dict[int, dict[str, float]]]:
    """Fill a database of each size and export it in processes of their own."""
    found: dict[str, dict[int, dict[str, float]]] = {kind: {} for kind in KINDS}
    for size in sizes:
        with tempfile.TemporaryDirectory() as keys, _database(url) as own:
            engine = make_engine(own)
            schema.upgrade(engine)
            ward_id = fill(make_sessions(engine), size, open_cipher(Path(keys)))
            engine.dispose()
            for kind in KINDS:
                program = [sys.executable, "-m", "tests.benchmarks.bench_exports"]
                command = [*program, "--one", own, str(ward_id), kind, keys]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found[kind][size] = row = json.loads(done.stdout)
                print(
                    f"  {kind:5}{size:8} visits  {row['seconds']:6.1f} s  {size / row['seconds']:8.0f} visits/s"
                    f"  peak {row['mib']:6.0f} MiB  file {row['bytes'] / 2**20:6.1f} MiB",
                    flush=True,
                )
    return found


class _database:  # noqa: N801 - used as a with statement
    """A fresh database: a file, or a database of its own on the server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> str:
        if not self.url:
            self.folder = tempfile.TemporaryDirectory()
            return f"sqlite:///{Path(self.folder.name) / 'bench.db'}"
        self.name = f"bench_exports_{new_id().hex[:12]}"
        self._tell(f"CREATE DATABASE {self.name}")
        return make_url(self.url).set(database=self.name).render_as_string(hide_password=False)

    def __exit__(self, *_error: object) -> None:
        if not self.url:
            self.folder.cleanup()
        else:
            self._tell(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _tell(self, order: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(order))
        engine.dispose()


def main() -> int:
    """Measure and judge growth of memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database-url", default="")
    parser.add_argument("--visits", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--one", nargs=4, default=None)
    options, _rest = parser.parse_known_args()
    if options.one:
        url, ward_id, kind, keys = options.one
        print(json.dumps(export(url, UUID(ward_id), kind, Path(keys))))
        return 0
    print("postgresql" if options.database_url else "sqlite", flush=True)
    found = measure(options.database_url, options.visits)
    small, large = options.visits[0], options.visits[-1]
    growth = {kind: rows[large]["mib"] / rows[small]["mib"] for kind, rows in found.items()}
    print("  memory, largest ÷ smallest: " + ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in growth.items()))
    print(json.dumps({"exports": found, "growth": growth}))
    return int(max(growth["csv"], growth["json"]) > GOAL_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
