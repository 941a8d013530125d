"""What `phs ledger` does with the ward's own database and files."""

from webapp.cli.edge import load_program, told
from webapp.cli.wards import choose_ward
from webapp.cli.worker import make_worker
from webapp.core.jobs import JobKind
from webapp.models.database import unit_of_work
from webapp.queries.ledger_checks import last_check
from webapp.services.jobs import NewJob, enqueue
from webapp.services.ledger import make_checkpoint


@told
def write_ward_checkpoint(ward_code: str | None, *, brief: bool) -> bytes:
    """Give the checkpoint of a ward."""
    program = load_program()
    with program.sessions() as session:
        ward = choose_ward(session, ward_code)
    with unit_of_work(program.sessions, ward.ward_id) as session:
        return make_checkpoint(session, ward.ward_id, clock=program.wiring.clock, brief=brief)


@told
def reconcile_ward(ward_code: str | None) -> tuple[str, bool]:
    """Compare a ward's files with its ledger now; give the outcome in words and whether everything fits."""
    program = load_program()
    with program.sessions() as session:
        ward = choose_ward(session, ward_code)
    before = program.wiring.clock.now()
    with unit_of_work(program.sessions, ward.ward_id) as session:
        order = NewJob(kind=JobKind.LEDGER)
        enqueue(session, order, ward_id=ward.ward_id, created_by=None, clock=program.wiring.clock)
    worker = make_worker(program)
    while worker.run_once():
        pass
    with unit_of_work(program.sessions, ward.ward_id) as session:
        check = last_check(session, ward.ward_id)
    if check is None or check.finished_at < before:
        return "Chưa đối chiếu xong: việc này đang ở tiến trình khác.", False
    outcome = f"{check.findings} chỗ không khớp" if check.findings else "khớp"
    text = f"{check.files} tệp, {check.signatures} chữ ký, {check.rows} dòng sổ: {outcome}."
    return text, check.findings == 0
