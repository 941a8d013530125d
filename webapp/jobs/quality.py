"""The quality check of a round: read everything, compute, store in pieces, then let the new run count."""

from uuid import UUID

from webapp.analytics.quality import check_round
from webapp.jobs.context import JobContext, JobResult
from webapp.queries.quality_source import households_by_group, quality_visits, twin_households
from webapp.services.quality import (
    CHUNK,
    add_figures,
    add_findings,
    begin_run,
    delete_some,
    finish_run,
    other_runs,
)


def check_quality(context: JobContext) -> JobResult:
    """Check one round. Interrupted, it leaves an unfinished run that the next one deletes."""
    round_id, ward_id = UUID(context.payload["round_id"]), context.ward_id
    clock = context.ports.clock
    with context.reading() as session:
        visits = list(quality_visits(session, ward_id, round_id, cipher=context.ports.cipher))
        twins, households = twin_households(session, ward_id), households_by_group(session, ward_id)
    context.progress(1, 3)
    result = check_round(ward_id, visits, twins, households)
    context.progress(2, 3)
    with context.transaction() as session:
        run_id = begin_run(session, ward_id, round_id, visits=result.visits, clock=clock)
        add_figures(session, ward_id, run_id, result.figures)
    for start in range(0, len(result.findings), CHUNK):
        with context.transaction() as session:
            add_findings(session, ward_id, run_id, result.findings[start : start + CHUNK], first=start + 1)
    with context.transaction() as session:
        finish_run(session, ward_id, run_id, clock=clock)
    _delete_others(context, round_id, run_id)
    context.progress(3, 3)
    return JobResult(result={"visits": result.visits, "findings": len(result.findings)})


def _delete_others(context: JobContext, round_id: UUID, run_id: UUID) -> None:
    with context.reading() as session:
        old = other_runs(session, context.ward_id, round_id, run_id)
    for other in old:
        left = True
        while left:
            with context.transaction() as session:
                left = delete_some(session, context.ward_id, other)
