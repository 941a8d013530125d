"""Leaders' page, indicator page, rounds, a round's progress, group list: 100 000 households against 1 000.

Two demo wards with the same number of groups stand in two SQLite files, each behind the real application in a process
of its own; requests go through its test client, the two wards taking turns. Compared is the server's time. Goal: ratio
≤ 1.1.

usage: python -m tests.benchmarks.bench_pages [rounds] [large] [small]; PHS_BENCH_DIR keeps the two wards for next time
"""

import datetime as dt
import gc
import json
import multiprocessing
import os
import secrets
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import func, select

from seeds.demo.loading import load_demo
from seeds.demo.scene import DemoPorts, DemoSize
from webapp.core.access import Role
from webapp.core.surveys import RoundStatus
from webapp.factory import build_wiring, create_app
from webapp.models import schema
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.database import make_engine, make_sessions
from webapp.models.households import Household
from webapp.models.surveys import SurveyRound
from webapp.queries.accounts import token_hash
from webapp.settings import Settings

GOAL = 1.1
# So that also the page of what is left is full in the small ward.
GROUPS = 10


class Ward:
    """One demo ward in its own file, and a logged-in client for it."""

    def __init__(self, folder: Path, households: int) -> None:
        settings = Settings(
            data_dir=folder,
            database_url=f"sqlite:///{folder}/bench.db",
            rate_limits=False,
            log_level="ERROR",
            secret_key="bench",
        )
        self.sessions = make_sessions(make_engine(settings.url))
        wiring = build_wiring(settings, self.sessions)
        if not (folder / "ready").exists():
            schema.upgrade(self.sessions.kw["bind"])
            ports = DemoPorts(
                settings=settings, sessions=self.sessions, clock=wiring.clock, cipher=wiring.cipher, files=wiring.files
            )
            load_demo(ports, DemoSize(households=households, groups=GROUPS, documents=False))
            (folder / "ready").touch()
        self.app = create_app(wiring=wiring, sessions=self.sessions)
        self.group_id = self._largest_group()
        leader, head = self._log_in(Role.LEADER), self._log_in(Role.GROUP_HEAD)
        self.pages = {
            "leaders' page": (leader, "/adoption/"),
            "indicator page": (leader, "/adoption/indicators/esignature_adults"),
            "rounds": (leader, "/surveys/rounds"),
            "progress of a round": (leader, f"/surveys/rounds/{self._open_round()}"),
            "group list, left": (head, "/surveys/"),
            "group list, all": (head, "/surveys/?tab=all"),
            "staff's group list": (self._log_in(Role.STATISTICIAN), f"/surveys/?group={self.group_id}"),
        }

    def _largest_group(self) -> UUID:
        with self.sessions() as session:
            counted = select(Household.group_id).group_by(Household.group_id).order_by(func.count().desc()).limit(1)
            return session.scalars(counted).one()

    def _open_round(self) -> UUID:
        with self.sessions() as session:
            return session.scalars(select(SurveyRound.id).where(SurveyRound.status == RoundStatus.OPEN)).one()

    def _log_in(self, role: Role) -> FlaskClient:
        """Log in as a leader, or as the head of the largest group."""
        token, now = secrets.token_urlsafe(16), dt.datetime.now(dt.UTC)
        wanted = RoleGrant.group_id == self.group_id if role is Role.GROUP_HEAD else RoleGrant.role == role
        with self.sessions.begin() as session:
            grant = session.scalars(select(RoleGrant).where(RoleGrant.role == role, wanted)).first()
            assert grant is not None
            session.get_one(Account, grant.account_id).must_change_password = False
            session.add(
                LoginSession(
                    account_id=grant.account_id,
                    ward_id=grant.ward_id,
                    token_sha256=token_hash(token),
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + dt.timedelta(hours=8),
                )
            )
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return client

    def time(self, page: str) -> float:
        """Give the milliseconds of one request."""
        client, path = self.pages[page]
        started = time.perf_counter()
        response = client.get(path)
        taken = (time.perf_counter() - started) * 1000
        assert response.status_code == 200, (page, response.status_code, response.location)
        return taken


def serve(pipe: Connection, folder: Path, households: int) -> None:
    """Answer questions for one ward until nobody asks any more: a page's name gives its milliseconds."""
    ward = Ward(folder, households)
    if hasattr(os, "sched_setaffinity"):  # both on one core: two cores of a shared machine are not equally fast
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    gc.collect()
    gc.freeze()
    pipe.send(list(ward.pages))
    while page := pipe.recv():
        pipe.send(ward.time(page))


def measure(small: Connection, large: Connection, pages: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Time every page in both wards, taking turns; gives lower quartiles in milliseconds and their ratio.

    Both do the same work, so what a shared machine adds lies in the upper half of the times and says nothing.
    """

    def ask(pipe: Connection, page: str) -> float:
        pipe.send(page)
        taken: float = pipe.recv()
        return taken

    result = {}
    for page in pages:
        for _warm in range(3):
            ask(small, page)
            ask(large, page)
        smalls, larges = [], []
        for number in range(rounds):
            turns = [(small, smalls), (large, larges)]
            for pipe, times in turns if number % 2 else reversed(turns):
                times.append(ask(pipe, page))
        low, high = (statistics.quantiles(times, n=4)[0] for times in (smalls, larges))
        result[page] = {"small_ms": round(low, 2), "large_ms": round(high, 2), "ratio": round(high / low, 3)}
    return result


def main(rounds: int = 100, large: int = 100_000, small: int = 1_000) -> int:
    """Measure, print a table and one JSON line; 1 when a page misses the goal."""
    kept = os.environ.get("PHS_BENCH_DIR")
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        pipes, processes = [], []
        for households in (small, large):
            folder = Path(kept or temporary) / f"ward-{households}"
            folder.mkdir(parents=True, exist_ok=True)
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs, folder, households), daemon=True)
            process.start()
            pipes.append(ours)
            processes.append(process)
        pages, _same = (pipe.recv() for pipe in pipes)
        result = measure(pipes[0], pipes[1], pages, rounds)
        for pipe, process in zip(pipes, processes, strict=True):
            pipe.send("")
            process.join()
    print(f"{'page':20} {f'{small} households, ms':>24} {f'{large} households, ms':>26} {'ratio':>7}")
    for page, row in result.items():
        print(f"{page:20} {row['small_ms']:24.2f} {row['large_ms']:26.2f} {row['ratio']:7.3f}")
    print(json.dumps({"bench": "pages", "rounds": rounds, "wanted_ratio": GOAL, "pages": result}))
    return int(any(row["ratio"] > GOAL for row in result.values()))


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:4])))
