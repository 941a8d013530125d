"""What is due, and what is due every night, queued once a ward and night whoever asks and however often."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, sessionmaker

from webapp.core.jobs import JobKind
from webapp.jobs.context import Ports
from webapp.jobs.reminders import queue_letters
from webapp.jobs.webhooks import queue_webhooks
from webapp.models.database import unit_of_work
from webapp.queries.places import list_wards
from webapp.services.jobs import NewJob, enqueue
from webapp.services.quality import nightly_checks
from webapp.services.unstamped import queue_due_stamps

WARD_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT_FROM: Final = dt.time(2, 0)


def queue_due(sessions: sessionmaker[Session], ports: Ports) -> None:
    """Queue what is due: timestamps that were missing, every minute; the night's work once a night."""
    with sessions() as session:
        wards = [ward.ward_id for ward in list_wards(session)]
    for ward_id in wards:
        with unit_of_work(sessions, ward_id) as session:
            queue_due_stamps(session, ward_id, clock=ports.clock)
    queue_webhooks(sessions, ports)
    queue_letters(sessions, ports)
    queue_nightly(sessions, ports)


def queue_nightly(sessions: sessionmaker[Session], ports: Ports) -> None:
    """Queue the day's work for every ward, from two in the morning on or when the machine is switched on later.

    A second call on the same day finds it queued already.
    """
    here = ports.clock.now().astimezone(WARD_ZONE)
    if here.time() < NIGHT_FROM:
        return
    with sessions() as session:
        wards = [ward.ward_id for ward in list_wards(session)]
    for ward_id in wards:
        with unit_of_work(sessions, ward_id) as session:
            day = here.date().isoformat()
            tidying = NewJob(kind=JobKind.RETENTION, dedupe_key=f"retention:{day}")
            comparing = NewJob(kind=JobKind.LEDGER, dedupe_key=f"ledger:{day}")
            preserving = NewJob(kind=JobKind.PRESERVE, dedupe_key=f"preserve:{day}")
            for order in (tidying, comparing, preserving, *nightly_checks(session, ward_id, day)):
                enqueue(session, order, ward_id=ward_id, created_by=None, clock=ports.clock)
