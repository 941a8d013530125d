"""Sending a household visit through the real stack, against bare Flask apps that only insert.

Ours is `phs serve` itself with its defaults: waitress, cookie session, CSRF, permission, checks, revision, adult lines,
facts, audit chain, request log; its background work waits, as with a worker of its own. The peers (bare_visits) are
Flask and one insert of the same text, and Flask and the same visit stored in rows by the object mapper. Each runs in
its own process, all under waitress with as many threads, with the same engine on the same database and the same commit
(SQLite: WAL with full syncing; PostgreSQL: synchronous), and all answer with a redirect. A visit is the check page's
POST; the peers get the same body.

- one at a time: one keep-alive connection to each, request by request in turn; the bound is judged on the ratio of the
  medians against the peer with one row; the one that stores the same visit stands beside it for information;
- the floor (for information, on SQLite): the libraries of a page and the statements of a visit, and no work of ours
  (replayed_visits), against the peer with one row in the same way;
- four at once: four connections send to one of the two, then to the other, in turn; ratio of requests a second;
- processor time (for information): both applications called in this process, without server, client and waiting.

usage: python -m tests.benchmarks.bench_visits [requests]
"""

import gc
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from werkzeug.test import run_wsgi_app

from tests.benchmarks.bare_visits import bare_app, make_tables
from tests.benchmarks.replayed_visits import copy_database, record
from tests.benchmarks.visit_desk import Desk, contents, environ_of, open_desk
from tests.postgres import Cluster
from webapp.models.database import make_engine
from webapp.settings import Settings

WANTED = 0.6
"""The issue's bound: at least this share of the bare app's speed."""

WARM_UP = 30
TURNS, CONNECTIONS, PER_CONNECTION = 6, 4, 12
IN_PROCESS = 60
SERVER_START = 180.0
"""Seconds a server may take to come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request, ready to be sent."""

    path: str
    body: bytes
    headers: dict[str, str]
    wanted: int = 303


Pair = tuple[Post, Post]
"""The same visit for the bare app and for ours. The second peer gets the first post at another path."""

SAME_VISIT = "/visits"


def pairs(desk: Desk) -> Iterator[Pair]:
    """Make requests, before the clock runs."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, content in contents(desk):
        body = urlencode({"content": content, "csrf_token": desk.csrf_token}).encode()
        yield (
            Post(path="/rows", body=body, headers=form),
            Post(path=path, body=body, headers=form | {"Cookie": desk.cookie}),
        )


@contextmanager
def serving(arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Iterator[HTTPConnection]:
    """Start a server in its own process and give a connection to it; both print their address when they listen."""
    told = folder / f"server-{time.monotonic_ns()}.log"
    with told.open("w") as log:
        server = subprocess.Popen(
            [sys.executable, *arguments], stdout=log, stderr=log, env=os.environ | environment | {"PYTHONUTF8": "1"}
        )
    try:
        deadline = time.monotonic() + SERVER_START
        while not (found := re.search(r"http://localhost:(\d+)", told.read_text())):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(told.read_text())
            time.sleep(0.1)
        connection = HTTPConnection("127.0.0.1", int(found[1]))
        yield connection
        connection.close()
    finally:
        server.terminate()
        server.wait()


def send(connection: HTTPConnection, post: Post) -> float:
    """Send one request and give milliseconds until its answer is read; another status than wanted is a failure."""
    started = time.perf_counter()
    connection.request("POST", post.path, post.body, post.headers)
    answer = connection.getresponse()
    content = answer.read()
    taken = (time.perf_counter() - started) * 1000
    assert answer.status == post.wanted, (answer.status, content[:500])
    return taken


def one_at_a_time(bare: HTTPConnection, ours: HTTPConnection, ready: Sequence[Pair]) -> tuple[float, float, float]:
    """Give the medians of one row, the same visit, and ours. They take turns: what else happens hits all three."""
    times = [
        (send(bare, plain), send(bare, replace(plain, path=SAME_VISIT)), send(ours, visit)) for plain, visit in ready
    ][WARM_UP:]
    row, same, visit = (statistics.median(column) for column in zip(*times, strict=True))
    return row, same, visit


def floor(stack: ExitStack, settings: Settings, desk: Desk, bare: HTTPConnection, posts: Sequence[Pair]) -> None:
    """Print how fast the same statements are behind the same libraries, when nothing of ours is done for them."""
    copy, asked = settings.data_dir / "floor.db", settings.data_dir / "asked"
    copy_database(Path(make_url(settings.url).database or ""), copy)
    record(desk.app, [(visit.path, visit.body, visit.headers) for _plain, visit in posts], asked)
    program = ["-m", "tests.benchmarks.replayed_visits", f"sqlite:///{copy}", str(asked), str(settings.threads)]
    server = stack.enter_context(serving(program, {}, settings.data_dir))
    server.request("GET", "/in")
    entered = server.getresponse()
    cookie, token = entered.headers["Set-Cookie"].split(";")[0], entered.read().decode()
    times = []
    for plain, visit in posts:
        body = urlencode({"content": parse_qs(visit.body.decode())["content"][0], "csrf_token": token}).encode()
        same = replace(plain, path=SAME_VISIT, body=body, headers=plain.headers | {"Cookie": cookie})
        times.append((send(bare, plain), send(server, same)))
    row, least = (statistics.median(column) for column in zip(*times[WARM_UP:], strict=True))
    report("sqlite", "floor: nothing of ours, ms", row, least, row / least)


def at_once(address: HTTPConnection, posts: Sequence[Post]) -> float:
    """Send over several connections of their own at a time and give requests a second."""

    def deliver(mine: Sequence[Post]) -> None:
        connection = HTTPConnection(address.host, address.port)
        for post in mine:
            send(connection, post)
        connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        list(clients.map(deliver, (posts[place::CONNECTIONS] for place in range(CONNECTIONS))))
    return len(posts) / (time.perf_counter() - started)


def four_at_once(bare: HTTPConnection, ours: HTTPConnection, ready: Iterator[Pair]) -> tuple[float, float]:
    """Give the medians of requests a second over some turns."""
    rates = []
    for _turn in range(TURNS):
        turn = list(islice(ready, CONNECTIONS * PER_CONNECTION))
        rates.append((at_once(bare, [plain for plain, _ in turn]), at_once(ours, [visit for _, visit in turn])))
    return statistics.median(plain for plain, _ in rates), statistics.median(visit for _, visit in rates)


def processor_time(app: Flask, posts: Sequence[Post]) -> float:
    """Call the application as WSGI and give milliseconds of processor time a request."""
    made = [environ_of(post.path, post.body, post.headers) for post in posts]
    gc.collect()
    started = time.process_time()
    for environ, post in zip(made, posts, strict=True):
        _body, status, _headers = run_wsgi_app(app, environ, buffered=True)
        assert status.startswith(str(post.wanted)), status
    return (time.process_time() - started) * 1000 / len(posts)


def in_process(bare: Flask, ours: Flask, ready: Iterator[Pair]) -> tuple[float, float]:
    """Give processor time of both, the second time, when they are warm."""
    turns = [list(islice(ready, IN_PROCESS)) for _warm_or_measured in range(2)]
    both = [
        (processor_time(bare, [plain for plain, _ in turn]), processor_time(ours, [visit for _, visit in turn]))
        for turn in turns
    ]
    return both[-1]


def report(database: str, what: str, bare: float, ours: float, ratio: float) -> None:
    """Print one comparison for people and one line for programs."""
    print(f"{database:12} {what:30} {bare:10.2f} {ours:10.2f} {ratio:8.2f}")
    result = {"bench": "visits", "database": database, "what": what, "bare": round(bare, 3), "visit": round(ours, 3)}
    print(json.dumps(result | {"ratio": round(ratio, 3), "wanted_ratio": WANTED}))


def run(database: str, url: str, requests: int) -> float:
    """Measure on one database and give the ratio that is judged."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(data_dir=folder, database_url=url)
        desk = open_desk(settings.model_copy(update={"log_level": "ERROR"}))
        engine = make_engine(url)
        stack.callback(engine.dispose)
        make_tables(engine)
        ready = pairs(desk)
        bare_ms, ours_ms = in_process(bare_app(engine), desk.app, ready)
        phs = str(Path(sys.executable).with_name("phs"))
        peer = ["-m", "tests.benchmarks.bare_visits", url, str(settings.threads)]
        environment = {"PHS_DATA_DIR": str(folder), "PHS_DATABASE_URL": url, "PHS_WORKER": "false"}
        bare = stack.enter_context(serving(peer, {}, folder))
        ours = stack.enter_context(serving([phs, "serve", "--host", "127.0.0.1", "--port", "0"], environment, folder))
        alone = one_at_a_time(bare, ours, list(islice(ready, requests + WARM_UP)))
        together = four_at_once(bare, ours, ready)
        if database == "sqlite":
            floor(stack, settings, desk, bare, list(islice(ready, requests + WARM_UP)))
    report(database, "one at a time, one row, ms", alone[0], alone[2], ratio := alone[0] / alone[2])
    report(database, "one at a time, same visit, ms", alone[1], alone[2], alone[1] / alone[2])
    report(database, "four at once, requests/s", *together, together[1] / together[0])
    report(database, "processor time, ms", bare_ms, ours_ms, bare_ms / ours_ms)
    return ratio


@contextmanager
def postgres() -> Iterator[str]:
    """Give a fresh database on a cluster that syncs its commits."""
    cluster = Cluster(durable=True)
    admin = create_engine(cluster.url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE bench_visits"))
        yield make_url(cluster.url).set(database="bench_visits").render_as_string(hide_password=False)
    finally:
        admin.dispose()
        cluster.stop()


@contextmanager
def sqlite() -> Iterator[str]:
    """Give a fresh file."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.db"


DATABASES: dict[str, Callable[[], Any]] = {"sqlite": sqlite, "postgresql": postgres}


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
