"""A phone's visit through `POST /api/v1/visits`, against a bare Flask endpoint that inserts its JSON body.

Ours is `phs serve` with its defaults: bearer token, shape, permission, checks, revision, adult lines, facts, audit
chain, receipt; its background work waits, as with a worker of its own. The peer (bare_visits, `/json`) reads the same
body and inserts it into one JSON column. Servers, engine, commit and turns as in bench_visits.

Four connections send to one of the two, then to the other, in turn; visits a second.

- full outboxes: ours gets twenty visits in a request, as the phone sends what waits; the bound of issue 3 is judged on
  this ratio. The peer gets each visit in a request of its own, for it knows nothing else;
- one by one: a request for each visit at both; one at a time, and processor time in this process: for information.

usage: python -m tests.benchmarks.bench_api [requests]
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

from tests.benchmarks.bare_visits import bare_app, make_tables
from tests.benchmarks.bench_visits import (
    DATABASES,
    WARM_UP,
    Pair,
    Post,
    at_once,
    four_at_once,
    in_process,
    send,
    serving,
)
from tests.benchmarks.phones import Phone, ward_of_phones
from webapp.factory import build_wiring, create_app
from webapp.models.database import make_engine, make_sessions
from webapp.settings import Settings

WANTED = 0.7
"""The issue's bound: at least this share of the bare endpoint's visits a second."""

PHONES, VISITS, TOGETHER, TURNS = 16, 110, 20, 3


def pairs(phones: Sequence[Phone]) -> Iterator[Pair]:
    """Give each visit for the bare endpoint and for ours, phone after phone in turn, before the clock runs."""
    for bodies in zip(*(phone.bodies for phone in phones), strict=True):
        for phone, body in zip(phones, bodies, strict=True):
            yield (
                Post(path="/json", body=body, headers={"Content-Type": "application/json"}, wanted=201),
                Post(path="/api/v1/visits", body=body, headers=phone.headers, wanted=201),
            )


def bundles(visits: Sequence[Post]) -> list[Post]:
    """Put twenty visits of each phone into a request."""
    mine: dict[str, list[bytes]] = {}
    for post in visits:
        mine.setdefault(post.headers["Authorization"], []).append(post.body)
    kind = {"Content-Type": "application/json"}
    return [
        Post(
            path="/api/v1/visits/bundle",
            body=b'{"visits":[' + b",".join(bodies[start : start + TOGETHER]) + b"]}",
            headers={"Authorization": token, **kind},
            wanted=200,
        )
        for token, bodies in mine.items()
        for start in range(0, len(bodies), TOGETHER)
    ]


def full_outboxes(bare: HTTPConnection, ours: HTTPConnection, ready: Iterator[Pair]) -> tuple[float, float]:
    """Give the medians of visits a second over some turns."""
    rates = []
    for _turn in range(TURNS):
        turn = list(islice(ready, PHONES * TOGETHER))
        together = bundles([visit for _, visit in turn])
        rates.append((at_once(bare, [plain for plain, _ in turn]), at_once(ours, together) / len(together) * len(turn)))
    return statistics.median(plain for plain, _ in rates), statistics.median(visit for _, visit in rates)


def one_at_a_time(bare: HTTPConnection, ours: HTTPConnection, ready: Sequence[Pair]) -> tuple[float, float]:
    """Give the medians in milliseconds; the two take turns, so what else happens hits both."""
    times = [(send(bare, plain), send(ours, visit)) for plain, visit in ready][WARM_UP:]
    plain, visit = (statistics.median(column) for column in zip(*times, strict=True))
    return plain, visit


def report(database: str, what: str, bare: float, ours: float, ratio: float) -> None:
    """Print one comparison for people and one line for programs."""
    print(f"{database:12} {what:30} {bare:10.2f} {ours:10.2f} {ratio:8.2f}")
    result = {"bench": "api", "database": database, "what": what, "bare": round(bare, 3), "visit": round(ours, 3)}
    print(json.dumps(result | {"ratio": round(ratio, 3), "wanted_ratio": WANTED}), flush=True)


def run(database: str, url: str, requests: int) -> float:
    """Measure on one database and give the ratio that is judged."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(data_dir=folder, database_url=url, log_level="ERROR")
        ready = pairs(ward_of_phones(settings, phones=PHONES, visits=VISITS))
        engine = make_engine(url)
        stack.callback(engine.dispose)
        make_tables(engine)
        sessions = make_sessions(engine)
        app = create_app(wiring=build_wiring(settings, sessions), sessions=sessions)
        cpu = in_process(bare_app(engine), app, ready)
        phs = str(Path(sys.executable).with_name("phs"))
        environment = {"PHS_DATA_DIR": str(folder), "PHS_DATABASE_URL": url, "PHS_WORKER": "false"}
        peer = ["-m", "tests.benchmarks.bare_visits", url, str(settings.threads)]
        bare = stack.enter_context(serving(peer, {}, folder))
        ours = stack.enter_context(serving([phs, "serve", "--host", "127.0.0.1", "--port", "0"], environment, folder))
        alone = one_at_a_time(bare, ours, list(islice(ready, requests + WARM_UP)))
        together = four_at_once(bare, ours, ready)
        full = full_outboxes(bare, ours, ready)
    report(database, "full outboxes, visits/s", *full, ratio := full[1] / full[0])
    report(database, "one by one, visits/s", *together, together[1] / together[0])
    report(database, "one at a time, ms", *alone, alone[0] / alone[1])
    report(database, "processor time, ms", *cpu, cpu[0] / cpu[1])
    return ratio


def main(requests: int = 300) -> int:
    """Measure on both databases; 1 when the bound is missed on one."""
    print(f"{'database':12} {'':30} {'bare':>10} {'visit':>10} {'speed':>8}")
    ratios = []
    for name, database in DATABASES.items():
        with database() as url:
            ratios.append(run(name, url, requests))
    return int(min(ratios) < WANTED)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
