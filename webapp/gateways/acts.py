"""What is done to a file when it is signed or numbered, given everything: no database, no settings, no key of its own.

Each act is a function of this module with plain arguments, so that it can be done here or in a process beside this one
(benches.py), which loads this module and little else.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeAlias

from signing import Level, SignRequest, Surroundings, TrustStore, sign_pdf
from signing.appearance import person_stamp, seal_stamp
from signing.beside import Services
from signing.errors import FieldNotFound, RevocationDataMissing, TimestampPending
from signing.fetching import RevocationFetcher
from signing.fields import place_seal
from signing.model import SignedPdf
from signing.prepare import fill_number, number_text
from signing.preserve import Means, raising_with
from signing.protocol import RawSigner
from signing.timestamps import Timestamper
from signing.trust import load_trust
from webapp.core.ports import AgencySigning, CornerSigning, PersonSigning, SignedFile, TrustMaterial
from webapp.core.prepared_signings import StampPending
from webapp.core.signature_levels import DEFAULT_LEVEL, WITH_REVOCATION, SignatureLevel
from webapp.gateways import pictures
from webapp.gateways.elsewhere import kept, kept_beside
from webapp.gateways.placing import person_place
from webapp.gateways.signed_files import check_person, person_field, signed_file
from webapp.gateways.small_stamps import corner_request, initials_request

AGENCY_FIELD: Final = "CoQuan"

Order: TypeAlias = PersonSigning | AgencySigning | CornerSigning


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a signature stands on, as plain values: the level wanted, the ward's trust list, the moment."""

    wanted: SignatureLevel
    material: TrustMaterial
    now: dt.datetime

    def surroundings(self, timestamper: Timestamper | None, fetcher: RevocationFetcher | None) -> Surroundings:
        """Give what the signing room draws on."""
        trust, crls = trust_of(self.material), self.material.revocation_lists
        means = Means(trust=trust, timestamper=timestamper, crls=crls, fetcher=fetcher, now=self.now)
        return Surroundings(
            timestamper=timestamper,
            trust=trust,
            crls=crls,
            now=self.now,
            raise_level=raising_with(means) if self.wanted in WITH_REVOCATION else None,
        )


@lru_cache(maxsize=8)
def trust_of(material: TrustMaterial) -> TrustStore:
    """Parse a ward's anchors and intermediates; the same ones give the same store."""
    return load_trust(material.anchors, intermediates=material.intermediates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the signing room; `under`: the field of the person's signature that a seal goes over."""

    request: SignRequest
    under: str = ""


def person_request(pdf: bytes, order: PersonSigning) -> Asked:
    """Sign between title and printed name; where the name is not printed the picture says who and when."""
    if order.initials:
        return Asked(request=initials_request(pdf, order))
    place, printed = person_place(pdf, order.signer_name, order.place)
    picture = order.picture or pictures.draw_signature(order.signer_name)
    stamp = person_stamp(picture, with_text=not printed)
    return Asked(request=SignRequest(field=order.field, place=place, stamp=stamp, name=order.signer_name))


def agency_request(pdf: bytes, order: AgencySigning) -> Asked:
    """Seal a third over the left of the person's picture. Raises SigningRefused where no person has signed."""
    person = person_field(pdf)
    place = stamp = None
    if order.picture is not None and person.place is not None:
        place, stamp = place_seal(person.place, pdf), seal_stamp(order.picture)
    request = SignRequest(field=AGENCY_FIELD, place=place, stamp=stamp, name=order.agency_name)
    return Asked(request=request, under=person.name)


def agency_corner(pdf: bytes, order: CornerSigning) -> Asked:
    """Sign as the agency at the top right of page 1."""
    return Asked(request=corner_request(pdf, order))


def asked_of(pdf: bytes, order: Order) -> Asked:
    """Give the request that belongs to an order. Raises SigningError, SigningRefused."""
    match order:
        case PersonSigning():
            return person_request(pdf, order)
        case AgencySigning():
            return agency_request(pdf, order)
        case CornerSigning():
            return agency_corner(pdf, order)


def sign(pdf: bytes, order: Order, ground: Ground, services: Services) -> SignedFile:
    """Sign as ordered and check the result. Raises SigningError, SigningRefused, StampPending."""
    asked = asked_of(pdf, order)
    surroundings = ground.surroundings(services.timestamper, services.fetcher)
    try:
        signed = sign_at(pdf, services.signer, asked.request, surroundings, ground.wanted)
    except TimestampPending as error:
        unfinished = kept(error.unfinished, stays=kept_beside(asked.under, ground.wanted))
        raise StampPending(unfinished, english=error.en) from error
    if asked.under:
        check_person(signed.report, asked.under)
    return signed_file(signed)


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


def number(pdf: bytes, notation: str, issued_on: dt.date) -> bytes:
    """Fill number and date fields; a file signed elsewhere has none and is kept as it is."""
    with pictures.PDFIUM:
        try:
            return fill_number(pdf, number_text(pdf, notation), issued_on=issued_on)
        except FieldNotFound:
            return pdf
