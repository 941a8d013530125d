"""The one time-stamping client of a process: the services that are set, or the demo ward's own key."""

import threading
from pathlib import Path

from signing.keystores import load_pkcs12
from signing.timestamps import HttpTimestamper, LocalTimestamper, SeveralTimestampers, Timestamper
from webapp.core.errors import N_, SigningRefused
from webapp.core.ports import Clock
from webapp.settings import Settings


class OwnTimestamper:
    """Makes the client when it is first needed and keeps it: a new one asks its service twice."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._made: Timestamper | None = None
        self._lock = threading.Lock()

    def get(self) -> Timestamper:
        """Give the client. Raises SigningRefused (`no_timestamper`): nothing falls back to a missing timestamp."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Timestamper:
        if self._settings.tsa_url:
            timeout = self._settings.tsa_timeout
            return SeveralTimestampers(
                [HttpTimestamper(url, timeout=timeout, tries=2) for url in self._settings.tsa_url.split()]
            )
        folder = Path(self._settings.data_dir) / "pki"
        try:
            key, pin = (folder / "tsa.p12").read_bytes(), (folder / "tsa.pin").read_text().strip()
        except FileNotFoundError as error:
            raise SigningRefused(
                "no_timestamper",
                N_("Chưa cài đặt dịch vụ dấu thời gian nên chưa ký được. Hãy báo quản trị (PHS_TSA_URL)."),
                english="No time-stamping service is configured, so nothing can be signed (PHS_TSA_URL).",
            ) from error
        return LocalTimestamper(load_pkcs12(key, pin), clock=self._clock.now)
