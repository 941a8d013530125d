"""What a ward's signatures stand on: its trust list and lists of revoked certificates, time stamps, and the level."""

from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from signing import Level, Surroundings
from signing.fetching import RevocationFetcher
from signing.preserve import Means
from signing.timestamps import Timestamper
from webapp.core.errors import SigningRefused
from webapp.core.ports import Clock
from webapp.core.signature_levels import DEFAULT_LEVEL, WITH_REVOCATION, SignatureLevel
from webapp.gateways.acts import Ground, trust_of
from webapp.gateways.elsewhere import Later
from webapp.gateways.own_revocation import OwnRevocation
from webapp.gateways.preserving import ArchiveRoom
from webapp.gateways.stamping import OwnTimestamper
from webapp.gateways.trust_material import enrolled_certificates, read_trust
from webapp.settings import Settings


class Grounds:
    """Gives what signing and preserving draw on, ward by ward."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._settings = settings
        self._sessions = sessions
        self._clock = clock
        self.timestamper = OwnTimestamper(settings, clock)

    def ground(self, ward_id: UUID, wanted: SignatureLevel) -> Ground:
        """Give what a signature of that level stands on."""
        return Ground(wanted=wanted, material=read_trust(self._sessions, ward_id), now=self._clock.now())

    def surroundings(
        self,
        ward_id: UUID,
        wanted: SignatureLevel,
        fetcher: RevocationFetcher | None = None,
        *,
        later: bool = False,
    ) -> Surroundings:
        """Give what a signature of that level draws on where the key is elsewhere. Raises as `stamper`."""
        stamper, found = self.stamper(wanted, later=later), self.fetcher_for(ward_id, wanted, fetcher)
        return self.ground(ward_id, wanted).surroundings(stamper, found)

    def stamper(self, wanted: SignatureLevel, *, later: bool = False) -> Timestamper | None:
        """Give the time-stamping service, none for B-B; `later`: one that gives no stamp for now.

        Raises SigningRefused (`no_timestamper`).
        """
        if wanted is SignatureLevel.B_B:
            return None
        stamper = self.timestamper.get()
        return Later(stamper.token_room) if later else stamper

    def fetcher_for(
        self, ward_id: UUID, wanted: SignatureLevel, fetcher: RevocationFetcher | None
    ) -> RevocationFetcher | None:
        """Give the fetcher of a batch, or a new one, where the level asks for revocation data."""
        return (fetcher or self.fetcher(ward_id)) if wanted in WITH_REVOCATION else None

    def means(self, ward_id: UUID, *, stamps: bool = True) -> Means:
        """Give what preserving draws on."""
        material = read_trust(self._sessions, ward_id)
        return Means(
            trust=trust_of(material),
            timestamper=self.timestamper.get() if stamps else None,
            crls=material.revocation_lists,
            fetcher=self.fetcher(ward_id),
            now=self._clock.now(),
        )

    def archive_room(self, ward_id: UUID) -> ArchiveRoom:
        """Give what preserves; without a time-stamping service it still looks ahead, and refuses to archive."""
        try:
            means = self.means(ward_id)
        except SigningRefused:
            means = self.means(ward_id, stamps=False)
        return ArchiveRoom(means, self._clock, year=self._settings.preserve_until)

    def fetcher(self, ward_id: UUID) -> RevocationFetcher | None:
        """Give a fetcher for a batch; None where the setting does not allow to ask."""
        if not self._settings.revocation_fetch:
            return None
        material = read_trust(self._sessions, ward_id)
        return OwnRevocation(
            (*material.anchors, *material.intermediates), enrolled_certificates(self._sessions, ward_id)
        )


def level_elsewhere(surroundings: Surroundings, wanted: SignatureLevel) -> Level:
    """Give the level to prepare for a key elsewhere: as `sign_at`, for the key is asked once."""
    return Level.B_LT if wanted is DEFAULT_LEVEL and surroundings.crls else Level(wanted.value)
