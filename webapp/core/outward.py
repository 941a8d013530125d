"""The doors to the outside; None where the ward has not opened one."""

from dataclasses import dataclass
from typing import Final

from webapp.core.reminders import Mailer
from webapp.core.webhooks import WebhookSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """Who is told of what happens here, the address under which people reach this program, and what letters count."""

    mail: Mailer | None = None
    webhooks: WebhookSender | None = None
    base_url: str = ""
    idle_days: int = 45


CLOSED: Final = Outward()
