"""The nightly tidying of a ward."""

import datetime as dt
from typing import Final

from webapp.jobs.context import JobContext, JobResult
from webapp.queries.file_names import every_ward, names_in_ward
from webapp.services.retention import delete_old_jobs, due_files, forget_file
from webapp.services.webhook_messages import delete_old_deliveries

# A file is stored a moment before its row is committed; nothing that stores files runs for two days.
SWEEP_AFTER: Final = dt.timedelta(days=2)


def tidy(context: JobContext) -> JobResult:
    """Delete files, jobs and messages to webhooks whose time is over."""
    with context.reading() as session:
        due = due_files(session, context.ward_id, clock=context.ports.clock)
    for number, file in enumerate(due, 1):
        context.ports.files.delete(file.sha256)
        with context.transaction() as session:
            forget_file(session, context.ward_id, file)
        context.progress(number, len(due))
    with context.transaction() as session:
        jobs = delete_old_jobs(session, context.ward_id, clock=context.ports.clock)
        delete_old_deliveries(session, context.ward_id, clock=context.ports.clock)
    return JobResult(result={"files": len(due), "jobs": jobs, "swept": _sweep(context)})


def _sweep(context: JobContext) -> int:
    """Put files aside that no ward names; the store is everybody's, so one ward's night does it for all."""
    with context.reading() as session:
        wards = every_ward(session)
    if context.ward_id != wards[0]:
        return 0
    named: set[str] = set()
    for ward_id in wards:
        with context.reading(ward_id) as session:
            named |= names_in_ward(session, ward_id)
    return context.ports.files.sweep(named, before=context.ports.clock.now() - SWEEP_AFTER)
