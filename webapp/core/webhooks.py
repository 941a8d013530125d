"""Telling other programs what happened, as the Standard Webhooks specification (standardwebhooks.com) has it.

A message carries identifiers and the address of a page: no person, no abstract, nothing of a household.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from webapp.core.errors import N_, Problem
from webapp.core.events import AuditTag

ID_HEADER: Final = "webhook-id"
TIME_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how every such secret begins
SECRET_BYTES: Final = 32
WAITS: Final = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 1440))
TRIES_MOST: Final = len(WAITS) + 1
URL_MOST: Final = 500
WRONG_URL: Final = N_("Địa chỉ chưa đúng. Ví dụ: https://vi-du.gov.vn/nhan-tin")


class WebhookEvent(StrEnum):
    """What a program may be told of."""

    DOCUMENT_SUBMITTED = "document.submitted"
    DOCUMENT_SIGNED = "document.signed"
    DOCUMENT_REJECTED = "document.rejected"
    DOCUMENT_NUMBERED = "document.numbered"
    DOCUMENT_SEALED = "document.sealed"
    DOCUMENT_PUBLISHED = "document.published"
    INCOMING_REGISTERED = "incoming.registered"
    INCOMING_ASSIGNED = "incoming.assigned"
    INCOMING_DONE = "incoming.done"
    TIMESTAMP_WAITING = "signing.timestamp_waiting"
    TEST = "webhook.test"


CHOICES: Final = tuple(event for event in WebhookEvent if event is not WebhookEvent.TEST)

# The audit log is the outbox: it has every act, in order, written in the transaction of the act itself.
EVENT_OF: Final[Mapping[str, WebhookEvent]] = {
    AuditTag.DOCUMENT_SUBMIT.value: WebhookEvent.DOCUMENT_SUBMITTED,
    AuditTag.DOCUMENT_SIGN.value: WebhookEvent.DOCUMENT_SIGNED,
    AuditTag.DOCUMENT_REJECT.value: WebhookEvent.DOCUMENT_REJECTED,
    AuditTag.DOCUMENT_NUMBER.value: WebhookEvent.DOCUMENT_NUMBERED,
    AuditTag.DOCUMENT_SEAL.value: WebhookEvent.DOCUMENT_SEALED,
    AuditTag.DOCUMENT_PUBLISH.value: WebhookEvent.DOCUMENT_PUBLISHED,
    AuditTag.INCOMING_REGISTER.value: WebhookEvent.INCOMING_REGISTERED,
    AuditTag.INCOMING_ASSIGN.value: WebhookEvent.INCOMING_ASSIGNED,
    AuditTag.INCOMING_DONE.value: WebhookEvent.INCOMING_DONE,
    AuditTag.SIGNING_UNSTAMPED.value: WebhookEvent.TIMESTAMP_WAITING,
}
_PAGES: Final = {
    "document": "documents/{}",
    "signing": "documents/{}",
    "incoming": "registers/incoming/{}",
    "webhook": "admin/webhooks/{}",
}


class DeliveryStatus(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class PostTrouble(StrEnum):
    """Why a message did not arrive."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    INNER_ADDRESS = "inner_address"
    PLAIN_HTTP = "plain_http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How a try went: the answer's status (None: there was none), and what went wrong (None: nothing)."""

    status: int | None = None
    trouble: PostTrouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a message tells. `sequence` is the event's place in the ward's audit log: receivers can order by it."""

    event: WebhookEvent
    at: dt.datetime
    ward_code: str
    sequence: int
    subject_id: UUID | None


class WebhookSender(Protocol):
    """Posts a message to an address that an administrator typed."""

    def refusal(self, url: str) -> str | None:
        """Give why this address may not be called (a catalogue id); None when it may."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post once; never follows a redirect, never raises for what the network does."""


def new_secret() -> str:
    """Make a signing secret as it is shown: `whsec_` and 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(secret: str, delivery_id: UUID | str, moment: dt.datetime, body: bytes) -> dict[str, str]:
    """Give the three headers: the same id at every try, Unix seconds, and `v1,` with the HMAC-SHA256 in base64.

    Signed is `id.timestamp.body` under the secret's bytes; the time is the try's own, so an old message is no new one.
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    at = str(int(moment.timestamp()))
    mac = hmac.new(key, f"{delivery_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        ID_HEADER: str(delivery_id),
        TIME_HEADER: at,
        SIGNATURE_HEADER: f"v1,{base64.b64encode(mac).decode()}",
    }


def message(told: Told, base_url: str) -> bytes:
    """Give the body; the same at every try. The page asks for a log-in."""
    page = _PAGES[told.event.value.partition(".")[0]].format(told.subject_id)
    content = {
        "type": told.event.value,
        "timestamp": told.at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": {
            "version": 1,
            "ward": told.ward_code,
            "sequence": told.sequence,
            "subject": str(told.subject_id) if told.subject_id else None,
            "url": f"{base_url.rstrip('/')}/{page}" if told.subject_id else None,
        },
    }
    return json.dumps(content, separators=(",", ":")).encode()


def next_try(tries: int) -> dt.timedelta | None:
    """Give how long to wait after so many tries in vain; None: give up."""
    return None if tries >= TRIES_MOST else WAITS[tries - 1]


def check_url(url: str) -> list[Problem]:
    """Give what is wrong with the form of an address."""
    plain = url.isascii() and url.isprintable() and " " not in url and "#" not in url and len(url) <= URL_MOST
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        return [Problem("url", WRONG_URL)]
    if parts.scheme not in {"https", "http"} or not parts.hostname or not port_ok or not plain:
        return [Problem("url", WRONG_URL)]
    if "@" in parts.netloc:
        return [Problem("url", N_("Địa chỉ không được chứa tên và mật khẩu."))]
    return []
