"""Messages to webhooks: signed, in order, at least once under one id, later and later, never to who is off."""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.documents import Desk, make_desk
from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from webapp.core.outward import Outward
from webapp.core.webhooks import (
    CHOICES,
    TRIES_MOST,
    DeliveryStatus,
    Posted,
    PostTrouble,
    WebhookEvent,
    headers,
)
from webapp.jobs.context import Ports
from webapp.jobs.handlers import standard_registry
from webapp.jobs.webhooks import queue_webhooks
from webapp.jobs.worker import Worker
from webapp.models.audit import AuditEvent
from webapp.models.jobs import Job
from webapp.models.webhooks import Webhook, WebhookDelivery
from webapp.queries.webhooks import count_failing
from webapp.services.submission import reject_document
from webapp.services.webhook_messages import delete_old_deliveries
from webapp.services.webhooks import (
    MOST,
    AddWebhook,
    add_webhook,
    choose_events,
    resend_delivery,
    send_test,
    switch_webhook,
)

URL = "https://vi-du.vn/nhan"
E = WebhookEvent


class Killed(BaseException):
    """The worker dies."""


class Post:
    """Implements core.webhooks.WebhookSender: keeps messages, answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.deadly = False
        self.sent: list[tuple[str, dict[str, Any], dict[str, str], bytes]] = []

    def refusal(self, url: str) -> str | None:
        return "Địa chỉ này ở mạng nội bộ" if "noi-bo" in url else None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        self.sent.append((url, json.loads(body), dict(headers), body))
        if self.deadly:
            raise Killed
        return Posted(status=self.status, trouble=None if self.status == 200 else PostTrouble.REFUSED)

    @property
    def events(self) -> list[str]:
        return [told["type"] for _url, told, _headers, _body in self.sent]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _url, _told, headers, _body in self.sent]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def ports(ports: Ports, post: Post) -> Ports:
    return replace(ports, outward=Outward(webhooks=post, base_url="http://localhost:8000"))


@pytest.fixture
def desk(sessions: sessionmaker[Session], world: World, ports: Ports) -> Desk:
    desk = make_desk(sessions, world, ports.clock, ports.files, ports.signing)
    desk.enrol_all()
    return desk


def add(desk: Desk, ports: Ports, *events: WebhookEvent, url: str = URL, role: Role = Role.ADMIN) -> str:
    assert ports.outward.webhooks is not None
    with desk.sessions.begin() as session:
        _id, secret = add_webhook(
            session,
            AddWebhook(url=url, events=events or CHOICES),
            actor=desk.actor(role),
            clock=desk.clock,
            cipher=ports.cipher,
            sender=ports.outward.webhooks,
        )
    return secret


def work(desk: Desk, ports: Ports) -> None:
    worker = Worker(desk.sessions, ports, standard_registry())
    while worker.run_once():
        pass


def minute(desk: Desk, ports: Ports, clock: FixedClock, **later: float) -> None:
    clock.move(**(later or {"minutes": 1}))
    queue_webhooks(desk.sessions, ports)
    work(desk, ports)


def row(desk: Desk) -> WebhookDelivery:
    with desk.reading() as session:
        return session.scalars(select(WebhookDelivery)).one()


def test_events_arrive_in_order_signed_and_without_words_of_the_document(
    desk: Desk, ports: Ports, clock: FixedClock, post: Post
) -> None:
    desk.until("published", abstract="Trước khi có địa chỉ")
    secret = add(desk, ports)
    document_id = desk.until("published", abstract="Bí mật của phường")
    rejected = desk.until("awaiting_signature")
    with desk.sessions.begin() as session:
        reject_document(session, rejected, "sai", actor=desk.actor(Role.LEADER), clock=desk.clock)
    minute(desk, ports, clock)
    assert post.events == [
        "document.submitted",
        "document.signed",
        "document.numbered",
        "document.sealed",
        "document.published",
        "document.submitted",
        "document.rejected",
    ]
    _url, told, sent, body = post.sent[0]
    assert told["data"]["url"] == f"http://localhost:8000/documents/{document_id}"
    assert "Bí mật" not in body.decode()
    assert sent == headers(secret, sent["webhook-id"], clock.now(), body)
    assert len(set(post.ids)) == 7
    desk.upload()  # an act that nobody is told of leaves no job
    minute(desk, ports, clock)
    assert len(post.sent) == 7
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_what_was_rolled_back_is_never_told(desk: Desk, ports: Ports, clock: FixedClock, post: Post) -> None:
    add(desk, ports)
    document_id = desk.until("awaiting_signature")
    minute(desk, ports, clock)
    with desk.sessions() as session:
        reject_document(session, document_id, "sai", actor=desk.actor(Role.LEADER), clock=desk.clock)
        session.rollback()
    minute(desk, ports, clock)
    assert post.events == ["document.submitted"]


def test_a_worker_killed_while_sending_sends_again_under_the_same_id(
    desk: Desk, ports: Ports, clock: FixedClock, post: Post
) -> None:
    add(desk, ports, E.DOCUMENT_SIGNED)
    desk.until("signed")
    post.deadly = True
    with pytest.raises(Killed):
        minute(desk, ports, clock)
    post.deadly = False
    minute(desk, ports, clock, minutes=5)
    assert len(post.sent) == 2
    assert len(set(post.ids)) == 1
    assert (row(desk).status, row(desk).tries) == (DeliveryStatus.DELIVERED, 2)


def test_two_jobs_at_once_send_a_message_once(desk: Desk, ports: Ports, clock: FixedClock, post: Post) -> None:
    add(desk, ports, E.DOCUMENT_SIGNED)
    desk.until("signed")
    clock.move(minutes=1)
    queue_webhooks(desk.sessions, ports)

    class Nested(Post):
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
            clock.move(minutes=1)
            queue_webhooks(desk.sessions, ports)
            work(desk, replace(ports, outward=replace(ports.outward, webhooks=post)))
            return super().post(url, body, headers)

    outer = Nested()
    work(desk, replace(ports, outward=replace(ports.outward, webhooks=outer)))
    assert len(outer.sent) + len(post.sent) == 1


def test_only_chosen_events_are_told_and_an_address_that_is_off_hears_nothing(
    desk: Desk, ports: Ports, clock: FixedClock, post: Post
) -> None:
    add(desk, ports, E.DOCUMENT_SIGNED)
    desk.until("published")
    minute(desk, ports, clock)
    assert post.events == ["document.signed"]
    admin, webhook_id = desk.actor(Role.ADMIN), row(desk).webhook_id
    with desk.sessions.begin() as session:
        choose_events(session, webhook_id, [E.DOCUMENT_PUBLISHED], actor=admin, clock=clock)
        switch_webhook(session, webhook_id, on=False, actor=admin, clock=clock)
    desk.until("published")
    minute(desk, ports, clock)
    assert len(post.sent) == 1
    with pytest.raises(WrongState), desk.sessions.begin() as session:
        send_test(session, webhook_id, actor=admin, clock=clock)
    with pytest.raises(WrongState), desk.sessions.begin() as session:
        resend_delivery(session, row(desk).id, actor=admin, clock=clock)
    with desk.sessions.begin() as session:
        switch_webhook(session, webhook_id, on=True, actor=admin, clock=clock)
    desk.until("published")
    minute(desk, ports, clock)
    assert post.events == ["document.signed", "document.published"]


def test_a_receiver_that_fails_is_tried_again_ever_later_given_up_and_shown_until_something_arrives(
    desk: Desk, ports: Ports, clock: FixedClock, post: Post
) -> None:
    post.status = 500
    add(desk, ports, E.DOCUMENT_SIGNED)
    desk.until("signed")
    minute(desk, ports, clock)
    assert (row(desk).status, row(desk).tries, row(desk).answer_status) == (DeliveryStatus.WAITING, 1, 500)
    waits = []
    while (due := row(desk).next_try_at) is not None:
        waits.append(due - clock.now())
        minute(desk, ports, clock, seconds=waits[-1].total_seconds())
    assert waits == sorted(waits)
    assert (len(post.sent), row(desk).status) == (TRIES_MOST, DeliveryStatus.FAILED)
    with desk.reading() as session:
        assert count_failing(session, desk.world.ward_id) == 1
    post.status = 200
    with desk.sessions.begin() as session:
        resend_delivery(session, row(desk).id, actor=desk.actor(Role.ADMIN), clock=desk.clock)
    work(desk, ports)
    assert row(desk).status is DeliveryStatus.DELIVERED
    assert len(set(post.ids)) == 1
    with desk.reading() as session:
        assert count_failing(session, desk.world.ward_id) == 0


def test_an_address_that_fails_does_not_hold_up_the_others(
    desk: Desk, ports: Ports, clock: FixedClock, post: Post
) -> None:
    class Half(Post):
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
            self.status = 500 if "hong" in url else 200
            return super().post(url, body, headers)

    half = Half()
    add(desk, ports, url="https://hong.vn/")
    add(desk, ports)
    desk.until("published")
    minute(desk, replace(ports, outward=replace(ports.outward, webhooks=half)), clock)
    assert sorted(url for url, *_rest in half.sent) == ["https://hong.vn/", *[URL] * 5]


def test_a_test_message_is_sent_at_once(desk: Desk, ports: Ports, clock: FixedClock, post: Post) -> None:
    add(desk, ports, E.DOCUMENT_SIGNED)
    with desk.sessions.begin() as session:
        webhook_id = session.scalars(select(Webhook.id)).one()
        send_test(session, webhook_id, actor=desk.actor(Role.ADMIN), clock=clock)
    work(desk, ports)
    assert post.events == ["webhook.test"]
    minute(desk, ports, clock)
    assert len(post.sent) == 1


def test_the_secret_is_unreadable_in_the_database_and_in_no_job_or_audit_row(
    desk: Desk, ports: Ports, clock: FixedClock
) -> None:
    secret = add(desk, ports)
    desk.until("published")
    minute(desk, ports, clock)
    with desk.reading() as session:
        hook = session.scalars(select(Webhook)).one()
        assert secret.encode() not in hook.secret
        assert ports.cipher.unseal(hook.secret).decode() == secret
        told = [str(one.payload) + str(one.result) for one in session.scalars(select(Job))]
        told += [str(one.detail) for one in session.scalars(select(AuditEvent))]
    assert told
    assert not [one for one in told if secret in one or URL in one]


@pytest.mark.parametrize(
    ("url", "events"), [("vi-du.vn", CHOICES), ("https://noi-bo/", CHOICES), (URL, ()), (URL, (E.TEST,))]
)
def test_what_may_not_be_added_is_refused(desk: Desk, ports: Ports, url: str, events: Collection[WebhookEvent]) -> None:
    assert ports.outward.webhooks is not None
    with pytest.raises(InvalidInput), desk.sessions.begin() as session:
        add_webhook(
            session,
            AddWebhook(url=url, events=events),
            actor=desk.actor(Role.ADMIN),
            clock=desk.clock,
            cipher=ports.cipher,
            sender=ports.outward.webhooks,
        )


def test_only_the_administrator_adds_addresses_only_the_own_wards_are_found_and_no_more_than_ten(
    desk: Desk, ports: Ports
) -> None:
    with pytest.raises(NotAllowed):
        add(desk, ports, role=Role.CLERK)
    for _again in range(MOST):
        add(desk, ports)
    with pytest.raises(InvalidInput):
        add(desk, ports)
    stranger = replace(desk.actor(Role.ADMIN), ward_id=desk.world.accounts[Role.ADMIN])
    with desk.sessions.begin() as session:
        webhook_id = session.scalars(select(Webhook.id).limit(1)).one()
        with pytest.raises(NotFound):
            switch_webhook(session, webhook_id, on=False, actor=stranger, clock=desk.clock)


def test_the_log_is_kept_for_a_year_and_what_waits_longer(
    desk: Desk, ports: Ports, clock: FixedClock, post: Post
) -> None:
    add(desk, ports, E.DOCUMENT_SIGNED, E.DOCUMENT_NUMBERED)
    desk.until("numbered")
    minute(desk, ports, clock)
    with desk.sessions.begin() as session:
        first = session.scalars(select(WebhookDelivery).limit(1)).one()
        first.status, first.next_try_at = DeliveryStatus.WAITING, clock.now() + dt.timedelta(days=900)
    for days, left in ((365, 2), (40, 1)):
        clock.move(days=days)
        with desk.sessions.begin() as session:
            delete_old_deliveries(session, desk.world.ward_id, clock=clock)
            assert session.scalar(select(func.count()).select_from(WebhookDelivery)) == left
