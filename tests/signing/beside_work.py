"""What tests/signing/test_beside.py has done in another process."""

import os
import signal
import time

from signing import Level, SignedPdf, SignRequest, Surroundings, TrustStore, sign_pdf
from signing.beside import MOST_SIGNATURES, Services
from signing.fetching import RevocationData
from signing.model import Mechanism
from signing.preserve import Means, raising_with
from signing.trust import load_trust


def sign(
    pdf: bytes, level: Level, anchors: tuple[bytes, ...], crls: tuple[bytes, ...], services: Services
) -> SignedPdf:
    """Sign as in the process that has the key."""
    trust = load_trust(anchors) if anchors else TrustStore.nobody()
    means = Means(trust=trust, timestamper=services.timestamper, crls=crls, fetcher=services.fetcher)
    around = Surroundings(
        timestamper=services.timestamper,
        trust=trust if anchors else None,
        crls=crls,
        raise_level=raising_with(means) if services.fetcher else None,
    )
    return sign_pdf(pdf, services.signer, SignRequest(level=level), around)


def sign_too_often(services: Services) -> int:
    """Ask the key once more than one document may."""
    for _time in range(MOST_SIGNATURES + 1):
        services.signer.sign(b"attributes", Mechanism.RSA_PSS)
    return MOST_SIGNATURES + 1


def ask_revocation(services: Services) -> RevocationData | None:
    """Ask for what nobody fetches."""
    return services.fetcher.data_for([services.signer.certificate]) if services.fetcher else None


def process_of(*_nothing: object) -> int:
    """Say who works."""
    return os.getpid()


def break_down() -> None:
    """Break in a way that nobody named."""
    raise ZeroDivisionError


def refuse(text: str) -> None:
    """Break in a way that was named."""
    raise LookupError(text)


def die() -> None:
    """Die without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def sleep_after_signing(services: Services) -> None:
    """Have something signed and never come back."""
    services.signer.sign(b"attributes", Mechanism.RSA_PSS)
    time.sleep(600)
