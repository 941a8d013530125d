"""Letters: the morning's reminder to who wants it, and the code that shows that an address is read."""

import logging
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from webapp.core.errors import N_, WrongState
from webapp.core.jobs import JobKind
from webapp.core.periods import WARD_ZONE
from webapp.core.reminders import Letter, Mailer, MailFailed, code_letter, is_morning, morning_letter
from webapp.jobs.context import JobContext, JobResult, Ports
from webapp.models.database import unit_of_work
from webapp.queries.places import list_wards
from webapp.queries.reminders import Recipient, recipients
from webapp.queries.round_state import round_state
from webapp.queries.waiting import When, find_waiting
from webapp.services.jobs import NewJob, enqueue
from webapp.services.reminder_letters import end_day, note_trouble, take_letter
from webapp.services.reminders import make_code

log = logging.getLogger(__name__)


def queue_letters(sessions: sessionmaker[Session], ports: Ports) -> None:
    """Queue the letters that are due, on working mornings; a letter that failed is due again after a while."""
    now, today = ports.clock.now(), ports.clock.today()
    if ports.outward.mail is None or not is_morning(now.astimezone(WARD_ZONE)):
        return
    with sessions() as session:
        wards = [ward.ward_id for ward in list_wards(session)]
    order = NewJob(kind=JobKind.LETTERS, dedupe_key=f"letters:{now:%Y-%m-%dT%H:%M}")
    for ward_id in wards:
        with unit_of_work(sessions, ward_id) as session:
            if recipients(session, ward_id, now, today):
                enqueue(session, order, ward_id=ward_id, created_by=None, clock=ports.clock)


def send_letters(context: JobContext) -> JobResult:
    """Write to everybody whose letter is due. When the server itself fails, the others wait as long as the first."""
    mail, clock = context.ports.outward.mail, context.ports.clock
    if mail is None:
        return JobResult(result={"sent": 0, "failed": 0})
    with context.reading() as session:
        due = recipients(session, context.ward_id, clock.now(), clock.today())
    counts, down = {"sent": 0, "failed": 0}, None
    for number, one in enumerate(due, 1):
        account_id = one.actor.account_id
        with context.transaction() as session:
            mine = take_letter(session, context.ward_id, account_id, clock=clock)
        if mine:
            trouble = down or _send_one(context, mail, one)
            down = trouble if trouble is not None and trouble.everybody else None
            counts["sent" if trouble is None else "failed"] += 1
            _note(context, account_id, trouble)
        context.progress(number, len(due))
    return JobResult(result=counts)


def _send_one(context: JobContext, mail: Mailer, one: Recipient) -> MailFailed | None:
    """Send a letter if something waits; give what went wrong."""
    letter = _letter(context, one)
    try:
        if letter is not None:
            mail.send(letter)
    except MailFailed as error:
        log.warning("letter not sent: %s", error)
        return error
    return None


def _note(context: JobContext, account_id: UUID, trouble: MailFailed | None) -> None:
    with context.transaction() as session:
        if trouble is None:
            end_day(session, context.ward_id, account_id, context.ports.clock.today())
        else:
            note_trouble(session, context.ward_id, account_id, trouble.trouble)


def _letter(context: JobContext, one: Recipient) -> Letter | None:
    ports = context.ports
    today = ports.clock.today()
    when = When(now=ports.clock.now(), today=today, idle_days=ports.outward.idle_days)
    with context.reading() as session:
        state = round_state(session, one.actor, today)
        waiting = find_waiting(session, one.actor, state, when)
    page = f"{ports.outward.base_url.rstrip('/')}/waiting"
    return morning_letter(one.email, one.name, waiting, page=page, key=f"{one.actor.account_id}.{today.isoformat()}")


def send_code(context: JobContext) -> JobResult:
    """Make a code and send it; the code is in no job. A server that does not take it is tried again by the queue."""
    mail, account_id = context.ports.outward.mail, UUID(context.payload["account_id"])
    if mail is None:
        raise WrongState(N_("Máy chủ chưa nối với máy chủ thư (PHS_SMTP_URL)."))
    with context.transaction() as session:
        ports = context.ports
        made = make_code(session, context.ward_id, account_id, clock=ports.clock, cipher=ports.cipher)
    if made is None:
        return JobResult(result={"sent": 0})
    try:
        mail.send(code_letter(*made, key=f"{context.lease.job_id}.{context.lease.attempts}"))
    except MailFailed as error:
        with context.transaction() as session:
            note_trouble(session, context.ward_id, account_id, error.trouble)
        raise
    with context.transaction() as session:
        note_trouble(session, context.ward_id, account_id, None)
    return JobResult(result={"sent": 1})
