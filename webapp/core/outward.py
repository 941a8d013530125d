"""The doors to the outside; None where the ward has not opened one."""

from dataclasses import dataclass
from typing import Final

from webapp.core.webhooks import WebhookSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """Who is told of what happens here, and the address under which people reach this program."""

    webhooks: WebhookSender | None = None
    base_url: str = ""


CLOSED: Final = Outward()
