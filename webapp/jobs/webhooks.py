"""Sending messages to webhooks: each at least once, under one id, later and later while the receiver fails."""

from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from webapp.core.jobs import JobKind
from webapp.core.webhooks import Posted, WebhookSender, headers, message
from webapp.jobs.context import JobContext, JobResult, Ports
from webapp.models.database import unit_of_work
from webapp.queries.places import list_wards
from webapp.queries.webhooks import DueDelivery, due_deliveries, has_deliveries_due
from webapp.services.jobs import NewJob, enqueue
from webapp.services.webhook_messages import collect_events, note_try, take_delivery


def queue_webhooks(sessions: sessionmaker[Session], ports: Ports) -> None:
    """Turn what happened into messages, and queue their sending where some are due; once a minute.

    A busy ward would otherwise leave a job a minute that finds nothing to do.
    """
    if ports.outward.webhooks is None:
        return
    now = ports.clock.now()
    with sessions() as session:
        wards = [ward.ward_id for ward in list_wards(session)]
    order = NewJob(kind=JobKind.WEBHOOKS, dedupe_key=f"webhooks:{now:%Y-%m-%dT%H:%M}")
    for ward_id in wards:
        with unit_of_work(sessions, ward_id) as session:
            collect_events(session, ward_id, clock=ports.clock)
            if has_deliveries_due(session, ward_id, now):
                enqueue(session, order, ward_id=ward_id, created_by=None, clock=ports.clock)


def send_webhooks(context: JobContext) -> JobResult:
    """Send what is due. An address that fails gets nothing more in this round, so that one cannot hold up the others.

    Killed between sending and noting, a message goes out again under the same id.
    """
    sender, clock = context.ports.outward.webhooks, context.ports.clock
    if sender is None:
        return JobResult(result={"sent": 0, "failed": 0})
    with context.reading() as session:
        due = due_deliveries(session, context.ward_id, clock.now())
    sent, failed = 0, set[UUID]()
    for number, one in enumerate(due, 1):
        if one.webhook_id not in failed and (posted := _try(context, sender, one)) is not None:
            sent += posted.trouble is None
            failed |= {one.webhook_id} if posted.trouble else set()
        context.progress(number, len(due))
    return JobResult(result={"sent": sent, "failed": len(failed)})


def _try(context: JobContext, sender: WebhookSender, one: DueDelivery) -> Posted | None:
    """Make one try between two short transactions; None when another worker has the message."""
    ports = context.ports
    with context.transaction() as session:
        if not take_delivery(session, context.ward_id, one.delivery_id, clock=ports.clock):
            return None
    body = message(one.told, ports.outward.base_url)
    secret = ports.cipher.unseal(one.secret).decode()
    posted = sender.post(one.url, body, headers(secret, one.delivery_id, ports.clock.now(), body))
    with context.transaction() as session:
        note_try(session, context.ward_id, one.delivery_id, posted, clock=ports.clock)
    return posted
