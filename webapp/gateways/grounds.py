"""What a ward's signatures stand on: its trust list and lists of revoked certificates, time stamps, and the level."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from signing import Level, SignRequest, Surroundings, sign_pdf
from signing.errors import RevocationDataMissing
from signing.fetching import RevocationFetcher
from signing.model import SignedPdf
from signing.preserve import Means, raising_with
from signing.protocol import RawSigner
from webapp.core.errors import SigningRefused
from webapp.core.ports import Clock
from webapp.core.signature_levels import DEFAULT_LEVEL, WITH_REVOCATION, SignatureLevel
from webapp.gateways.checks import trust_of
from webapp.gateways.own_revocation import OwnRevocation
from webapp.gateways.preserving import ArchiveRoom
from webapp.gateways.stamping import OwnTimestamper
from webapp.gateways.trust_material import enrolled_certificates, read_trust
from webapp.settings import Settings

WANTED: Final = "wanted"
"""Name in a stored value: the level that the ward chose, which is never fallen below."""


class Grounds:
    """Gives what signing and preserving draw on, ward by ward."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._settings = settings
        self._sessions = sessions
        self._clock = clock
        self.timestamper = OwnTimestamper(settings, clock)

    def surroundings(
        self, ward_id: UUID, wanted: SignatureLevel = DEFAULT_LEVEL, fetcher: RevocationFetcher | None = None
    ) -> Surroundings:
        """Give what a signature of that level draws on. Raises SigningRefused (`no_timestamper`)."""
        means = self.means(ward_id, fetcher, stamps=wanted is not SignatureLevel.B_B, fetches=wanted in WITH_REVOCATION)
        return Surroundings(
            timestamper=means.timestamper,
            trust=means.trust,
            crls=means.crls,
            now=means.now,
            raise_level=raising_with(means) if wanted in WITH_REVOCATION else None,
        )

    def means(
        self, ward_id: UUID, fetcher: RevocationFetcher | None = None, *, stamps: bool = True, fetches: bool = True
    ) -> Means:
        """Give what preserving draws on; without a fetcher of a batch a new one, if addresses may be asked at all."""
        material = read_trust(self._sessions, ward_id)
        return Means(
            trust=trust_of(material),
            timestamper=self.timestamper.get() if stamps else None,
            crls=material.revocation_lists,
            fetcher=(fetcher or self.fetcher(ward_id)) if fetches else None,
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


def sign_at(
    pdf: bytes, signer: RawSigner, request: SignRequest, surroundings: Surroundings, wanted: SignatureLevel
) -> SignedPdf:
    """Sign at the level wanted, never below it.

    Where the default holds, revocation data are embedded when lists are at hand (B-LT), so that strangers can check
    without asking anybody.
    """
    if wanted is DEFAULT_LEVEL and surroundings.crls:
        try:
            return sign_pdf(pdf, signer, replace(request, level=Level.B_LT), surroundings)
        except RevocationDataMissing:
            pass  # the lists at hand are other authorities': B-T, to be raised once they are there
    return sign_pdf(pdf, signer, replace(request, level=Level(wanted.value)), surroundings)


def level_elsewhere(surroundings: Surroundings, wanted: SignatureLevel) -> Level:
    """Give the level to prepare for a key elsewhere: as `sign_at`, for the key is asked once."""
    return Level.B_LT if wanted is DEFAULT_LEVEL and surroundings.crls else Level(wanted.value)
