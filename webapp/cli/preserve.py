"""`phs preserve`: look ahead and preserve now; for scripts and for the hand."""

import json
from typing import Any, Final

import click

from webapp.cli.edge import Program, load_program, told
from webapp.cli.wards import choose_ward
from webapp.cli.worker import make_worker
from webapp.core.jobs import JobKind, JobStatus
from webapp.core.preservation import PreservationOrder, PreservationState
from webapp.models.database import unit_of_work
from webapp.models.jobs import Job
from webapp.queries.places import WardRow
from webapp.queries.preservation import PreservationRow, preservation_rows, preservation_summary
from webapp.services.jobs import NewJob, enqueue

OPEN_LEFT: Final = 1
NOT_DONE: Final = 2
MOST: Final = 10_000


@click.command()
@click.option("--ward", "ward_code", help="Mã phường (khi máy chủ có nhiều phường).")
@click.option("--all", "everything", is_flag=True, help="Xem lại mọi tệp, cả những tệp vừa xem.")
@click.option("--look", is_flag=True, help="Chỉ xem, không xin dấu thời gian, không ghi tệp mới.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho chương trình khác đọc.")
@click.pass_context
def preserve(ctx: click.Context, ward_code: str | None, *, everything: bool, look: bool, as_json: bool) -> None:
    """Lưu trữ lâu dài các văn bản đã phát hành, như việc chạy hằng đêm.

    Kết thúc với mã 0 khi mọi tệp bền vững đến năm đã đặt (PHS_PRESERVE_UNTIL), 1 khi còn tệp đến hạn hoặc chưa làm
    được, 2 khi chưa làm xong.
    """
    outcome = _run(ward_code, PreservationOrder(everything=everything, look=look))
    click.echo(json.dumps(outcome, ensure_ascii=False, indent=2) if as_json else _as_text(outcome))
    ctx.exit(NOT_DONE if not outcome["finished"] else 0 if outcome["ok"] else OPEN_LEFT)


@told
def _run(ward_code: str | None, order: PreservationOrder) -> dict[str, Any]:
    program = load_program()
    with program.sessions() as session:
        ward = choose_ward(session, ward_code)
    clock = program.wiring.clock
    with unit_of_work(program.sessions, ward.ward_id) as session:
        job = NewJob(kind=JobKind.PRESERVE, payload=order.payload())
        job_id = enqueue(session, job, ward_id=ward.ward_id, created_by=None, clock=clock)
    worker = make_worker(program)
    while worker.run_once():
        pass
    with unit_of_work(program.sessions, ward.ward_id) as session:
        done = session.get_one(Job, (ward.ward_id, job_id))
        finished, result = done.status is JobStatus.DONE, done.result
    return _outcome(program, ward, finished=finished, result=result)


def _outcome(program: Program, ward: WardRow, *, finished: bool, result: dict[str, Any]) -> dict[str, Any]:
    open_states = (PreservationState.FAILING, PreservationState.DUE)
    with unit_of_work(program.sessions, ward.ward_id) as session:
        summary = preservation_summary(session, ward.ward_id)
        rows = preservation_rows(session, ward.ward_id, open_states, most=MOST)
    return {
        "ok": finished and summary.open == 0,
        "finished": finished,
        "ward": ward.code,
        "until": program.settings.preserve_until,
        "looked_at": result.get("files", 0),
        "archived": result.get("archived", 0),
        "counts": {state.value: count for state, count in summary.counts.items()} | {"unseen": summary.unseen},
        "open": [_told(row) for row in rows],
    }


def _told(row: PreservationRow) -> dict[str, Any]:
    return {
        "document_id": str(row.document_id),
        "notation": row.notation,
        "part": row.part,
        "state": row.state.value,
        "level": row.level,
        "code": row.code,
        "vi": row.reason_vi,
        "en": row.reason_en,
        "failures": row.failures,
    }


def _as_text(outcome: dict[str, Any]) -> str:
    if not outcome["finished"]:
        return "Chưa làm xong: việc này đang ở tiến trình khác, hoặc đã bị ngắt."
    counts = outcome["counts"]
    done = f"Đã xem {outcome['looked_at']} tệp, lưu trữ {outcome['archived']} tệp."
    lines = [done, f"Bền vững đến hết năm {outcome['until']}: {counts['kept']} tệp."]
    for row in outcome["open"]:
        part = f", tệp đính kèm {row['part']}" if row["part"] else ""
        lines.append(f"  {row['notation'] or row['document_id']}{part}: {row['vi'] or row['state']}")
    return "\n".join(lines)
