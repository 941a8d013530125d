"""The ward's door to the signing room: the only module of webapp that knows the `signing` package."""

from sqlalchemy.orm import Session, sessionmaker

from webapp.core.ports import Clock
from webapp.settings import Settings


class SigningRoom:
    """Implements core.ports.SigningGateway on the `signing` package."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._settings = settings
        self._sessions = sessions
        self._clock = clock
