"""A worker in a process of its own, made to be killed: its job makes a group a step, slowly."""

import datetime as dt
import sys
import time
from pathlib import Path

from sqlalchemy.orm import Session

from tests.fake_signing import FakeSigning
from webapp.core.jobs import JobKind
from webapp.gateways.cipher import AesGcmCipher
from webapp.gateways.clock import SystemClock
from webapp.gateways.files import FolderStore
from webapp.jobs.context import JobContext, JobResult, Ports
from webapp.jobs.registry import Registry
from webapp.jobs.worker import Worker
from webapp.models.database import make_engine, make_sessions
from webapp.models.places import ResidentialGroup


def slow(context: JobContext) -> JobResult:
    def step(session: Session, item) -> None:
        session.add(ResidentialGroup(ward_id=context.ward_id, code=f"K{item.number}", name="Tổ", sort_key=101))
        session.flush()
        time.sleep(0.04)  # so that a kill falls into a step as often as between two

    context.each_item(step)
    return JobResult(content=b"all of it", filename="x")


if __name__ == "__main__":
    url, folder = sys.argv[1:]
    registry = Registry()
    registry.register(JobKind.EXPORT, slow)
    clock = SystemClock()
    ports = Ports(
        clock=clock, files=FolderStore(Path(folder)), cipher=AesGcmCipher(bytes(32)), signing=FakeSigning(clock)
    )
    print("ready", flush=True)
    Worker(make_sessions(make_engine(url)), ports, registry, lease=dt.timedelta(seconds=1)).run()
