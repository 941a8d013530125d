"""`phs worker`: background work in a process of its own; `phs serve` uses the same in a thread."""

import datetime as dt
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from webapp.cli.edge import Program, load_program
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.schedule import queue_due
from webapp.jobs.worker import Worker

STOP_SECONDS = 10


def make_worker(program: Program) -> Worker:
    """Give a worker with the program's gateways."""
    wiring = program.wiring
    return Worker(
        program.sessions,
        Ports(
            clock=wiring.clock,
            files=wiring.files,
            cipher=wiring.cipher,
            signing=wiring.signing,
            outward=wiring.outward,
        ),
        standard_registry(wiring.signing, wiring.word),
        schedule=queue_due,
        lease=dt.timedelta(seconds=program.settings.job_lease_seconds),
    )


@contextmanager
def background(program: Program) -> Iterator[None]:
    """Work in a thread while the block runs; at its end the job in hand goes back to the queue."""
    worker = make_worker(program)
    thread = threading.Thread(target=worker.run, name="phs-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop.set()
        thread.join(STOP_SECONDS)


@click.command()
@click.option("--once", is_flag=True, help="Làm hết việc đang chờ rồi kết thúc.")
def worker(once: bool) -> None:
    """Làm các việc chạy nền (xuất dữ liệu, kiểm tra chất lượng, dọn tệp cũ)."""
    working = make_worker(load_program())
    if once:
        while working.run_once():
            pass
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: working.stop.set())
    click.echo("Đang chờ việc. Nhấn Ctrl+C để dừng.")
    working.run()
