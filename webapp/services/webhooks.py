"""Programs that are told what happened: adding, choosing, switching on and off, asking for a test or a repetition."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.events import AuditTag
from webapp.core.ids import new_id
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.webhooks import CHOICES, DeliveryStatus, WebhookEvent, WebhookSender, check_url, new_secret
from webapp.models.audit import ChainHead
from webapp.models.webhooks import Webhook, WebhookDelivery
from webapp.services.audit import record
from webapp.services.jobs import NewJob, enqueue

MOST: Final = 10
STOPPED: Final = N_("Địa chỉ này đang tắt. Hãy bật lại trước khi gửi.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWebhook:
    """An address to tell, and of what."""

    url: str
    events: Collection[WebhookEvent]


def add_webhook(
    session: Session,
    command: AddWebhook,
    *,
    actor: Actor,
    clock: Clock,
    cipher: PersonalDataCipher,
    sender: WebhookSender,
) -> tuple[UUID, str]:
    """Add an address; give its id and its secret, which is shown this once. It is told of what happens from now on.

    Raises InvalidInput for an address that may not be called.
    """
    require(actor, Permission.WEBHOOK_MANAGE)
    problems = check_url(command.url)
    if not problems and (why := sender.refusal(command.url)) is not None:
        problems.append(Problem("url", why))
    problems += _without_events(command.events)
    if not problems:
        problems += _too_many(session, actor.ward_id)
    if problems:
        raise InvalidInput(problems)
    secret = new_secret()
    row = Webhook(
        ward_id=actor.ward_id,
        id=new_id(),
        url=command.url,
        secret=cipher.seal(secret.encode()),
        events=_values(command.events),
        read_to=audit_head(session, actor.ward_id),
        made_at=clock.now(),
        made_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    record(session, AuditTag.WEBHOOK_CHANGE, actor=actor, clock=clock, subject=row.id, change="add", events=row.events)
    return row.id, secret


def choose_events(
    session: Session, webhook_id: UUID, events: Collection[WebhookEvent], *, actor: Actor, clock: Clock
) -> None:
    """Tell an address of these events from now on. Raises NotFound, InvalidInput."""
    row = _locked(session, actor, webhook_id)
    if problems := _without_events(events):
        raise InvalidInput(problems)
    row.events = _values(events)
    record(session, AuditTag.WEBHOOK_CHANGE, actor=actor, clock=clock, subject=row.id, change="events", to=row.events)


def switch_webhook(session: Session, webhook_id: UUID, *, on: bool, actor: Actor, clock: Clock) -> None:
    """Switch an address on or off. What happens while it is off it is never told. Raises NotFound, InvalidInput."""
    row = _locked(session, actor, webhook_id)
    if on is (row.stopped_at is None):
        return
    if on and (problems := _too_many(session, actor.ward_id)):
        raise InvalidInput(problems)
    row.stopped_at = None if on else clock.now()
    row.read_to = audit_head(session, actor.ward_id) if on else row.read_to
    change = "on" if on else "off"
    record(session, AuditTag.WEBHOOK_CHANGE, actor=actor, clock=clock, subject=row.id, change=change)


def send_test(session: Session, webhook_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Send a message that tells of nothing. Raises NotFound, WrongState when it is off."""
    row = _locked(session, actor, webhook_id)
    if row.stopped_at is not None:
        raise WrongState(STOPPED)
    record(session, AuditTag.WEBHOOK_TEST, actor=actor, clock=clock, subject=row.id)
    now = clock.now()
    session.add(
        WebhookDelivery(
            ward_id=actor.ward_id,
            id=new_id(),
            webhook_id=row.id,
            event=WebhookEvent.TEST,
            audit_sequence=audit_head(session, actor.ward_id),
            subject_id=row.id,
            happened_at=now,
            status=DeliveryStatus.WAITING,
            next_try_at=now,
            made_at=now,
        )
    )
    session.flush()
    _send_soon(session, actor, clock)


def resend_delivery(session: Session, delivery_id: UUID, *, actor: Actor, clock: Clock) -> UUID:
    """Send a message once more under the same id, whatever became of it; give the address's id.

    Raises NotFound, WrongState when the address is off.
    """
    require(actor, Permission.WEBHOOK_MANAGE)
    row = session.get(WebhookDelivery, (actor.ward_id, delivery_id), with_for_update=True)
    if row is None:
        raise NotFound
    if session.get_one(Webhook, (actor.ward_id, row.webhook_id)).stopped_at is not None:
        raise WrongState(STOPPED)
    row.status, row.tries, row.next_try_at = DeliveryStatus.WAITING, 0, clock.now()
    record(session, AuditTag.WEBHOOK_RESEND, actor=actor, clock=clock, subject=row.id)
    _send_soon(session, actor, clock)
    return row.webhook_id


def audit_head(session: Session, ward_id: UUID) -> int:
    """Give the number of the newest audit row."""
    wanted = select(ChainHead.sequence).where(ChainHead.ward_id == ward_id, ChainHead.chain == "audit")
    return session.scalar(wanted) or 0


def _locked(session: Session, actor: Actor, webhook_id: UUID) -> Webhook:
    require(actor, Permission.WEBHOOK_MANAGE)
    row = session.get(Webhook, (actor.ward_id, webhook_id), with_for_update=True)
    if row is None:
        raise NotFound
    return row


def _send_soon(session: Session, actor: Actor, clock: Clock) -> None:
    enqueue(session, NewJob(kind=JobKind.WEBHOOKS), ward_id=actor.ward_id, created_by=None, clock=clock)


def _values(events: Collection[WebhookEvent]) -> list[str]:
    return [event.value for event in CHOICES if event in events]


def _without_events(events: Collection[WebhookEvent]) -> list[Problem]:
    return [] if _values(events) else [Problem("events", N_("Hãy chọn ít nhất một việc."))]


def _too_many(session: Session, ward_id: UUID) -> list[Problem]:
    active = select(func.count()).where(Webhook.ward_id == ward_id, Webhook.stopped_at.is_(None))
    if (session.scalar(active) or 0) < MOST:
        return []
    return [Problem("url", N_("Đã có %(most)s địa chỉ đang dùng. Hãy tắt bớt."), {"most": MOST})]
