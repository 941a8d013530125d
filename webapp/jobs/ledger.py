"""The nightly comparison of the stored files with the ledger of signatures (domain.md §5, Records)."""

from typing import Final

from webapp.core.ledger_checks import CarriedSignature, FileRole, Finding, FindingKind, compare
from webapp.jobs.context import JobContext, JobResult
from webapp.queries.ledger_rows import ledger_head
from webapp.queries.stored_files import known_signatures, ledger_entries, stored_files
from webapp.services.ledger import first_broken_row
from webapp.services.ledger_checks import Outcome, ReadFile, keep_outcome, note_files, read_file

CHUNK: Final = 100


def reconcile(context: JobContext) -> JobResult:
    """Read every file of the ward once. Interrupted, it begins again and knows what it had read."""
    ward_id, ports = context.ward_id, context.ports
    started_at = ports.clock.now()
    with context.reading() as session:
        # In this order: a signature that is stored meanwhile is then missing on no side.
        head = ledger_head(session, ward_id)
        files = stored_files(session, ward_id)
        entries = ledger_entries(session, ward_id)
        known = known_signatures(session, ward_id)
        broken = first_broken_row(session, ward_id)
    findings = [] if broken is None else [Finding(kind=FindingKind.CHAIN_BROKEN, sequence=broken)]
    carried: dict[str, tuple[CarriedSignature, ...]] = {}
    looked = {file.sha256 for file in files if file.role is not FileRole.PAPER}
    once = list({file.sha256: file for file in files}.values())
    read: list[ReadFile] = []
    for number, file in enumerate(once, 1):
        one = read_file(
            file,
            entries=entries,
            known=known.get(file.sha256),
            look=file.sha256 in looked,
            files=ports.files,
            signing=ports.signing,
        )
        carried[file.sha256] = one.carried
        findings += one.findings
        read.append(one)
        if len(read) == CHUNK or number == len(once):
            with context.transaction() as session:
                note_files(session, ward_id, read, clock=ports.clock)
            read = []
        context.progress(number, len(once))
    unread = {finding.sha256 for finding in findings}
    findings += [
        finding
        for finding in compare(files, carried, entries, known_to=head[0])
        # The file itself is named already: its signatures could not be looked at.
        if finding.kind is not FindingKind.SIGNATURE_MISSING or finding.sha256 not in unread
    ]
    outcome = Outcome(
        started_at=started_at,
        head=head,
        files=len(once),
        signatures=len({one.sha256 for ones in carried.values() for one in ones}),
        rows=len(entries),
        findings=findings,
    )
    with context.transaction() as session:
        keep_outcome(session, ward_id, outcome, clock=ports.clock)
    return JobResult(result={"files": outcome.files, "rows": outcome.rows, "findings": len(findings)})
