"""The nightly tidying of a ward."""

from webapp.jobs.context import JobContext, JobResult
from webapp.services.retention import delete_old_jobs, due_files, forget_file
from webapp.services.webhook_messages import delete_old_deliveries


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
    return JobResult(result={"files": len(due), "jobs": jobs})
