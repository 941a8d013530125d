"""Leaders' page, indicator page and group list: server time at 100 000 households against that at 1 000.

Two demo wards with the same number of groups stand in two SQLite files; requests go through the real application and
its test client, the two wards taking turns. Goal (issue "A ward works end to end"): ratio ≤ 1.1.

usage: python -m tests.benchmarks.bench_pages [rounds] [large] [small]; PHS_BENCH_DIR keeps the two wards for next time
"""

import datetime as dt
import gc
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import func, select

from seeds.demo.loading import load_demo
from seeds.demo.scene import DemoPorts, DemoSize
from webapp.core.access import Role
from webapp.factory import build_wiring, create_app
from webapp.models import schema
from webapp.models.accounts import Account, LoginSession, RoleGrant
from webapp.models.database import make_engine, make_sessions
from webapp.models.households import Household
from webapp.queries.accounts import token_hash
from webapp.settings import Settings

GOAL = 1.1
# So that a page of the list is full in the small ward too.
GROUPS = 20
PAGES = {"leaders' page": "/adoption/", "indicator page": "/adoption/indicators/esignature_adults"}


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
        self.client = self._log_in()
        self.pages = PAGES | {"group list": f"/surveys/?group={self._largest_group()}&tab=all"}

    def _log_in(self) -> FlaskClient:
        token, now = secrets.token_urlsafe(16), dt.datetime.now(dt.UTC)
        with self.sessions.begin() as session:
            grant = session.scalars(select(RoleGrant).where(RoleGrant.role == Role.LEADER)).first()
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

    def _largest_group(self) -> str:
        with self.sessions() as session:
            size = func.count()
            counted = select(Household.group_id).group_by(Household.group_id).order_by(size.desc()).limit(1)
            return str(session.scalar(counted))

    def time(self, page: str) -> float:
        """Give the milliseconds of one request."""
        started = time.perf_counter()
        response = self.client.get(self.pages[page])
        taken = (time.perf_counter() - started) * 1000
        assert response.status_code == 200, (page, response.status_code, response.location)
        return taken


def measure(small: Ward, large: Ward, rounds: int) -> dict[str, dict[str, float]]:
    """Time every page in both wards, taking turns; gives medians in milliseconds and the median of paired ratios."""
    result = {}
    for page in small.pages:
        for ward in (small, large):
            for _warm in range(3):
                ward.time(page)
        gc.collect()
        pairs = []
        for number in range(rounds):
            order = (small, large) if number % 2 else (large, small)
            taken = {id(ward): ward.time(page) for ward in order}
            pairs.append((taken[id(small)], taken[id(large)]))
        smalls, larges = zip(*pairs, strict=True)
        result[page] = {
            "small_ms": round(statistics.median(smalls), 2),
            "large_ms": round(statistics.median(larges), 2),
            "ratio": round(statistics.median(larges) / statistics.median(smalls), 3),
        }
    return result


def main(rounds: int = 100, large: int = 100_000, small: int = 1_000) -> int:
    """Measure, print a table and one JSON line; 1 when a page misses the goal."""
    kept = os.environ.get("PHS_BENCH_DIR")
    with tempfile.TemporaryDirectory() as temporary:
        wards = []
        for households in (small, large):
            folder = Path(kept or temporary) / f"ward-{households}"
            folder.mkdir(parents=True, exist_ok=True)
            wards.append(Ward(folder, households))
        result = measure(*wards, rounds)
    print(f"{'page':16} {f'{small} households, ms':>24} {f'{large} households, ms':>26} {'ratio':>7}")
    for page, row in result.items():
        print(f"{page:16} {row['small_ms']:24.2f} {row['large_ms']:26.2f} {row['ratio']:7.3f}")
    print(json.dumps({"bench": "pages", "rounds": rounds, "wanted_ratio": GOAL, "pages": result}))
    return int(any(row["ratio"] > GOAL for row in result.values()))


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:4])))
