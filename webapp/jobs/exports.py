"""A workbook of the survey, made beside the pages: a round of a large ward takes a minute."""

from webapp.analytics.survey_files import survey_workbook
from webapp.core.exports import WARD_ZONE, ExportOrder
from webapp.jobs.context import JobContext, JobResult
from webapp.queries.export_rows import count_visits, extra_columns, stream_visits


def export_workbook(context: JobContext) -> JobResult:
    """Write the ordered workbook; it is kept for seven days."""
    order = ExportOrder.from_json(context.payload)
    with context.reading() as session:
        total = count_visits(session, context.ward_id, order)
    context.progress(0, total)
    rows = 0

    def told(done: int) -> None:
        nonlocal rows
        rows = done
        if done % 100 == 0:
            context.progress(min(done, total), total)

    with context.reading() as session:
        extra = extra_columns(session, context.ward_id, order)
        visits = stream_visits(session, context.ward_id, order, cipher=context.ports.cipher)
        content = survey_workbook(visits, order, extra=extra, told=told)
    day = context.ports.clock.now().astimezone(WARD_ZONE).date()
    return JobResult(result={"rows": rows}, content=content, filename=f"khao-sat-{day.isoformat()}.xlsx")
