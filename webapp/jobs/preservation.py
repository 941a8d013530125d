"""The night's look at published files: will they verify in the year asked for, and what is due."""

from webapp.core.preservation import MOST_FAILURES, SERVICE_AWAY, order_of
from webapp.jobs.context import JobContext, JobResult
from webapp.queries.preservation import files_to_look_at
from webapp.services.preservation import keep_look, look_at


def preserve(context: JobContext) -> JobResult:
    """Take the files one by one, each in a transaction of its own; interrupted, what is done is not done again.

    A time-stamping service that is away is not asked for every file: the others are only looked at.
    """
    ports, order = context.ports, order_of(context.payload)
    with context.reading() as session:
        waiting = files_to_look_at(
            session, context.ward_id, ports.clock.now(), document_id=order.document_id, everything=order.everything
        )
    preserver = ports.signing.preserver(ward_id=context.ward_id)
    archived = refused = away = 0
    for number, file in enumerate(waiting, 1):
        act = not order.look and away < MOST_FAILURES
        looked = look_at(file, preserver, files=ports.files, clock=ports.clock, act=act)
        with context.transaction() as session:
            kept = keep_look(session, context.ward_id, looked, clock=ports.clock, files=ports.files)
        archived += bool(kept and looked.content)
        refused += looked.refused is not None
        if looked.refused is not None and looked.code in SERVICE_AWAY:
            away += 1
        elif looked.content is not None:
            away = 0
        context.progress(number, len(waiting))
    return JobResult(result={"files": len(waiting), "archived": archived, "refused": refused})
