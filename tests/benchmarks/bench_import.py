"""Seconds to import a workbook of 20 000 households through the real pages, from upload to stored and reconciled.

Run: `python -m tests.benchmarks.bench_import [--rows 20000] [--database-url postgresql+psycopg://…]`. Prints the steps,
rows a second and one JSON line. Goal: under 20 s on two cores, encryption, search tokens and facts included.
"""

import argparse
import datetime as dt
import io
import json
import random
import tempfile
import time
from pathlib import Path

import openpyxl
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.web.test_imports import fields_of
from tests.world import World, make_world
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.factory import create_app
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.files import FolderStore
from webapp.gateways.press import TypstPress
from webapp.gateways.signing import SigningRoom
from webapp.gateways.word import WordPrograms
from webapp.models import schema
from webapp.models.database import make_engine, make_sessions
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import Visit
from webapp.settings import Settings
from webapp.web.shared.wiring import Wiring

GOAL_SECONDS = 20.0
GROUPS = 60
HEADINGS = (
    "STT", "Tổ dân phố", "Họ tên chủ hộ", "Địa chỉ", "Số nhân khẩu", "Người lớn", "Người có điện thoại thông minh",
    "CCCD", "VNeID mức 2", "Chữ ký điện tử", "Chữ ký số", "Cáp quang", "Tốc độ", "IoT", "Ngày khảo sát", "Ghi chú",
)  # fmt: skip
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô")
MIDDLE = ("Văn", "Thị", "Đình", "Ngọc", "Minh", "Thanh", "Hữu", "Kim")
GIVEN = ("Ánh", "Bình", "Cường", "Dũng", "Đào", "Hoa", "Lan", "Mai", "Phúc", "Quý", "Sơn", "Tâm", "Ước", "Vân", "Yến")
STREETS = ("Lê Lợi", "Quang Trung", "Phan Đình Phùng", "Trần Phú", "Nguyễn Trãi", "Hùng Vương", "Bà Triệu")


def make_workbook(rows: int, today: dt.date) -> bytes:
    """Make a workbook of invented households with titles and a total row."""
    dice = random.Random(11)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Tổng hợp")
    sheet.append(["PHIẾU TỔNG HỢP SỐ LIỆU HỘ GIA ĐÌNH"])
    sheet.append(HEADINGS)
    sums = [0] * 7
    for number in range(1, rows + 1):
        residents = dice.randint(1, 6)
        adults = dice.randint(1, residents)
        phones, ids = dice.randint(0, adults), dice.randint(adults, residents)
        level, either = min(ids, phones), dice.randint(0, adults)
        counts = (residents, adults, phones, ids, level, either, dice.randint(0, either))
        sums = [total + count for total, count in zip(sums, counts, strict=True)]
        fibre = dice.random() < 0.85
        name = f"{dice.choice(SURNAMES)} {dice.choice(MIDDLE)} {dice.choice(GIVEN)}"
        address = f"{number} Đường {dice.choice(STREETS)}"
        group, day = f"Tổ {number % GROUPS + 1}", today - dt.timedelta(days=dice.randint(0, 15))
        ends = ("có", "300 Mbps") if fibre else ("không", None)
        sheet.append([1_000 + number, group, name, address, *counts, *ends, dice.randint(0, 4), day, None])
    sheet.append(["Tổng cộng", None, None, None, *sums])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_place(folder: Path, url: str) -> tuple[Wiring, sessionmaker[Session], World, FixedClock]:
    """Make an empty ward of sixty groups in a database of its own."""
    settings = Settings(
        data_dir=folder,
        database_url=url or f"sqlite:///{folder / 'bench.db'}",
        rate_limits=False,
        log_level="ERROR",
        secret_key="bench",
    )
    sessions = make_sessions(make_engine(settings.url))
    schema.upgrade(sessions.kw["bind"])
    clock, cipher = FixedClock(), AesGcmCipher(bytes(range(32)))
    world = make_world(sessions, cipher, clock)
    with sessions.begin() as session:
        for n in range(3, GROUPS + 1):
            group = ResidentialGroup(
                ward_id=world.ward_id, id=new_id(), code=f"{n:02d}", name=f"Tổ dân phố {n}", sort_key=n
            )
            session.add(group)
    files = FolderStore(folder / "files")
    signing = SigningRoom(settings, sessions, clock)
    wiring = Wiring(
        settings=settings,
        clock=clock,
        files=files,
        cipher=cipher,
        signing=signing,
        press=TypstPress(),
        word=WordPrograms(settings),
    )
    return wiring, sessions, world, clock


def measure(rows: int, url: str) -> dict[str, object]:
    """Go through the pages once and give seconds a step."""
    with tempfile.TemporaryDirectory() as folder:
        wiring, sessions, world, clock = make_place(Path(folder), url)
        content = make_workbook(rows, clock.today())
        app = create_app(wiring=wiring, sessions=sessions)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        client = app.test_client()
        token = world.open_session(sessions, Role.STATISTICIAN, clock.now(), dt.timedelta(hours=8))
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        steps: dict[str, float] = {}
        start, started_cpu = time.perf_counter(), time.process_time()
        data = {"round_id": str(world.round_id), "file": (io.BytesIO(content), "ho.xlsx")}
        there = client.post("/surveys/imports", data=data, content_type="multipart/form-data")
        steps["upload"] = time.perf_counter() - start
        page = client.get(there.location)
        steps["columns"] = time.perf_counter() - start
        decided = client.post(there.location, data=fields_of(page.text))
        steps["decide"] = time.perf_counter() - start
        check = client.get(decided.location)
        steps["check"] = time.perf_counter() - start
        stored = client.post(decided.location.replace("/check", "/store"))
        steps["store"] = time.perf_counter() - start
        result = client.get(stored.location or decided.location)
        steps["result"] = time.perf_counter() - start
        cpu = time.process_time() - started_cpu
        with sessions() as session:
            visits = session.scalar(select(func.count()).select_from(Visit))
        sessions.kw["bind"].dispose()
    right = check.status_code == 200 and "số liệu khớp" in result.text and visits == rows
    return {
        "bench": "import",
        "database": "postgresql" if url else "sqlite",
        "rows": rows,
        "file_kb": len(content) // 1024,
        "seconds": round(steps["result"], 2),
        "cpu_seconds": round(cpu, 2),
        "rows_per_second": round(rows / steps["result"]),
        "reached_after": {name: round(value, 2) for name, value in steps.items()},
        "goal_seconds": GOAL_SECONDS,
        "met": right and steps["result"] < GOAL_SECONDS,
    }


def main() -> None:
    """Print the measurement as one JSON line; exit status 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    result = measure(arguments.rows, arguments.database_url)
    print(f"{result['rows']} rows in {result['seconds']} s ({result['rows_per_second']} rows/s)")
    print(json.dumps(result))
    raise SystemExit(0 if result["met"] else 1)


if __name__ == "__main__":
    main()
