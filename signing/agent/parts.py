"""What belongs together in one running agent."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from signing.agent.batches import Batches, Fetch
from signing.agent.fetching import fetch
from signing.agent.keys import KeyRing
from signing.agent.notebook import Notebook
from signing.agent.pairing import Pairings
from signing.agent.settings import AgentSettings
from signing.settings import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the doors lead to. ``form_token`` lives as long as the process."""

    settings: AgentSettings
    notebook: Notebook
    pairings: Pairings
    keys: KeyRing
    batches: Batches
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


def make_parts(settings: AgentSettings, *, clock: Callable[[], datetime] = utc_now, fetcher: Fetch = fetch) -> Parts:
    """Put an agent together; its folders are made when they are missing, for their owner alone."""
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.key_folder.mkdir(exist_ok=True, mode=0o700)
    notebook = Notebook(settings.notebook)
    keys = KeyRing(settings, notebook, clock)
    return Parts(
        settings=settings,
        notebook=notebook,
        pairings=Pairings(notebook, clock),
        keys=keys,
        batches=Batches(keys, notebook, clock, fetcher=fetcher),
    )
