"""The ward's door to the signing room; what it draws on is in grounds.py, keys in keys.py, checks in checks.py."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from signing import SigningError, Surroundings, TrustStore
from signing.beside import Services
from signing.errors import AlreadySigned, RevocationDataMissing, TimestampFailed
from signing.fields import check_place, list_fields, list_signatures, open_pdf, page_count
from signing.prepare import prepare_document
from signing.sign.prechecks import check_certificate, check_document
from webapp.core.copies import ScanFacts
from webapp.core.documents import SERVER_KEYS, KeystoreKind
from webapp.core.ports import (
    AgencySigning,
    Clock,
    CornerSigning,
    EmbeddedSignature,
    KeyAccess,
    KeyDescription,
    KeyPlace,
    PdfFacts,
    PersonSigning,
    PreparedFile,
    SideBySide,
    SignedFile,
)
from webapp.core.prepared_signings import KeyElsewhere, StampPending, UnfinishedSigning
from webapp.core.signature_levels import DEFAULT_LEVEL, SignatureLevel
from webapp.core.signature_places import PlacingFacts, SeenPlace
from webapp.gateways import acts, elsewhere, pictures
from webapp.gateways.benches import Benches, here
from webapp.gateways.checks import Checks
from webapp.gateways.grounds import Grounds, level_elsewhere
from webapp.gateways.keys import Keys, OpenKey, describe
from webapp.gateways.placing import placed, placing_facts
from webapp.gateways.preserving import ArchiveRoom
from webapp.gateways.received import read_received
from webapp.gateways.refusals import refusals
from webapp.gateways.signed_files import PERSON_FIELD, check_person, person_field, signed_file, told
from webapp.gateways.small_stamps import scan_facts
from webapp.gateways.trust_material import read_trust
from webapp.settings import Settings


class SigningRoom:
    """Implements core.ports.SigningGateway on the `signing` package."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._keys = Keys(settings)
        self._grounds = Grounds(settings, sessions, clock)
        self._checks = Checks(settings.verify_seconds)
        self._benches = Benches(settings.signing_workers)
        self.do = here  # where the slow part of an act is done

    @contextmanager
    def side_by_side(self, documents: int) -> Iterator[SideBySide]:
        """Give a room whose files are worked on in processes beside this one, where that is worth it."""
        if not self._benches.worth(documents):
            yield SideBySide(signing=self, lanes=1)
            return
        room = copy(self)
        room.do = self._benches.do
        with self._benches.open():
            yield SideBySide(signing=room, lanes=self._benches.count)

    def inspect(self, pdf: bytes) -> PdfFacts:
        """Look at an upload."""
        with refusals():
            opened = open_pdf(pdf)
            nobody = TrustStore.nobody()
            check_document(opened.reader, pdf, trust=nobody, crls=(), now=self._clock.now(), field=PERSON_FIELD)
            signed = [field for field in list_fields(opened.reader) if field.filled]
            return PdfFacts(pages=page_count(opened.reader), signatures=len(signed), size=len(pdf))

    def prepare(self, pdf: bytes, *, verify_url: str, short_code: str) -> PreparedFile:
        """Add QR, short code and number field; a file that is signed already is kept as it is."""
        with refusals(), pictures.PDFIUM:
            try:
                prepared = prepare_document(pdf, verify_url=verify_url, short_code=short_code)
            except AlreadySigned:
                return PreparedFile(content=pdf)
            return PreparedFile(content=prepared.data, printed_symbol=prepared.symbol.lstrip("/"))

    def sign_person(self, pdf: bytes, order: PersonSigning, *, ward_id: UUID) -> SignedFile:
        """Sign between title and printed name; where the name is not printed the picture says who and when."""
        return self._sign(pdf, order, ward_id=ward_id)

    def placing(self, pdf: bytes, name: str) -> PlacingFacts:
        """Look where a person's picture may stand."""
        with refusals():
            return placing_facts(pdf, name)

    def check_place(self, pdf: bytes, place: SeenPlace) -> None:
        """Refuse a place that is off the page or taken."""
        with refusals():
            check_place(pdf, placed(place))

    def fill_number(self, pdf: bytes, *, notation: str, issued_on: dt.date) -> bytes:
        """Fill number and date fields; a file signed elsewhere has none and is kept as it is."""
        with refusals():
            return self.do(acts.number, pdf, notation, issued_on)

    def sign_agency(self, pdf: bytes, order: AgencySigning, *, ward_id: UUID) -> SignedFile:
        """Seal a third over the left of the person's picture, whose signature must be valid."""
        return self._sign(pdf, order, ward_id=ward_id)

    def sign_corner(self, pdf: bytes, order: CornerSigning, *, ward_id: UUID) -> SignedFile:
        """Sign as the agency at the top right of page 1."""
        return self._sign(pdf, order, ward_id=ward_id)

    def inspect_scan(self, pdf: bytes) -> ScanFacts:
        """Measure the pictures of a scan."""
        self.inspect(pdf)
        with refusals():
            return scan_facts(pdf)

    def check_raw(self, unfinished: UnfinishedSigning) -> None:
        """Check a raw signature before anything is done with it."""
        with refusals():
            elsewhere.check_raw(unfinished)

    def complete(self, unfinished: UnfinishedSigning, *, ward_id: UUID) -> SignedFile:
        """Stamp, embed and check what was signed on another computer, or is waiting for its stamp."""
        with refusals():
            wanted = SignatureLevel(unfinished.value.get(elsewhere.WANTED, DEFAULT_LEVEL.value))
            surroundings = self._grounds.surroundings(ward_id, wanted)
            try:
                signed, under = elsewhere.complete_elsewhere(unfinished, surroundings, wanted)
            except (TimestampFailed, RevocationDataMissing) as error:
                # Neither is the key's fault: what it made is kept, and only the rest is asked for again.
                raise StampPending(unfinished, english=error.en) from error
            if under:
                check_person(signed.report, under)
            return signed_file(signed)

    def check_received(
        self, base: bytes, pdf: bytes, *, certificate: bytes, sealing: bool, ward_id: UUID
    ) -> SignedFile:
        """Check what another signing tool made of `base`."""
        with refusals():
            material = read_trust(self._sessions, ward_id)
            around = Surroundings(trust=acts.trust_of(material), crls=material.revocation_lists, now=self._clock.now())
            signed, report = read_received(base, pdf, certificate, around, seconds=self._checks.seconds)
            if sealing:
                check_person(report, person_field(base).name)
            return signed

    def describe_key(self, key: KeyAccess) -> KeyDescription:
        """Open a key once; on another computer, or in a token without its PIN, there are certificates to look at."""
        if key.kind not in SERVER_KEYS or (key.kind is KeystoreKind.PKCS11 and not key.secret):
            with refusals():
                found = elsewhere.describe_elsewhere(key, Surroundings(now=self._clock.now()))
                return KeyDescription(certificate=told(found), certificates=key.certificates, location=key.location)
        with refusals(), self._keys.open(key) as signer:
            check_certificate(signer.certificate, signer.chain, crls=(), now=self._clock.now())
            return KeyDescription(
                certificate=describe(signer.certificate),
                certificates=tuple(each.dump() for each in (signer.certificate, *signer.chain)),
                location=key.location,
            )

    def key_places(self) -> Sequence[KeyPlace]:
        """Give the places that are configured."""
        return self._keys.places()

    def find_keys(self, place: KeyPlace, holder: str) -> Sequence[KeyDescription]:
        """Look for keys there."""
        with refusals():
            return self._keys.find(place, holder)

    def send_code(self, location: Mapping[str, str]) -> None:
        """Have a one-time code sent."""
        with refusals():
            self._keys.send_code(location)

    def open_key(self, key: KeyAccess, *, ward_id: UUID) -> OpenKey:
        """Open a key and keep it open."""
        material = read_trust(self._sessions, ward_id)
        with refusals():
            opened = self._keys.hold(key, trust=acts.trust_of(material))
            opened.fetcher = self._grounds.fetcher(ward_id)
            signer, crls = opened.signer, material.revocation_lists
            try:
                check_certificate(signer.certificate, signer.chain, crls=crls, now=self._clock.now())
            except SigningError:
                opened.close()
                raise
            return opened

    def count_pages(self, pdf: bytes) -> int:
        """Count the pages."""
        return pictures.count_pages(pdf)

    def page_image(self, pdf: bytes, page: int, *, width: int) -> bytes:
        """Draw a page."""
        return pictures.draw_page(pdf, page, width=width)

    def tidy_picture(self, content: bytes) -> bytes:
        """Re-encode a picture."""
        return pictures.tidy_picture(content)

    def draw_signature(self, name: str) -> bytes:
        """Draw a plain picture of a name."""
        return pictures.draw_signature(name)

    def list_signatures(self, pdf: bytes) -> list[EmbeddedSignature]:
        """Name the signatures."""
        with refusals():
            return [EmbeddedSignature(field=one.field, sha256=one.sha256) for one in list_signatures(pdf)]

    def preserver(self, *, ward_id: UUID) -> ArchiveRoom:
        """Read the ward's trust list once for the run."""
        return self._grounds.archive_room(ward_id)

    def verify(self, pdf: bytes, *, ward_id: UUID | None) -> dict[str, Any]:
        """Check in a child process; a ward's own file that was checked just now is not checked again."""
        material = read_trust(self._sessions, ward_id)
        if ward_id is None:
            return self._checks.check(pdf, material, now=self._clock.now())
        return self._checks.check_again(pdf, material, now=self._clock.now())

    def _sign(self, pdf: bytes, order: acts.Order, *, ward_id: UUID) -> SignedFile:
        """Sign with a key that this process can reach; for any other key, raise KeyElsewhere with what is prepared."""
        key, wanted = order.key, order.level
        opened = key.opened if isinstance(key.opened, OpenKey) else None
        fetcher = opened.fetcher if opened else None
        later = not isinstance(order, PersonSigning) and order.stamp_later
        with refusals():
            if key.kind not in SERVER_KEYS or (opened and opened.at_once):
                surroundings = self._grounds.surroundings(ward_id, wanted, fetcher, later=later)
                raise KeyElsewhere(_prepared(pdf, order, opened, surroundings))
            ground = self._grounds.ground(ward_id, wanted)
            stamper = self._grounds.stamper(wanted, later=later)  # missed before the key is opened with a PIN
            fetcher = self._grounds.fetcher_for(ward_id, wanted, fetcher)
            with self._keys.open(key, trust=acts.trust_of(ground.material)) as signer:
                services = Services(signer=signer, timestamper=stamper, fetcher=fetcher)
                return self.do(acts.sign, pdf, _without_key(order), ground, services=services)


def _prepared(pdf: bytes, order: acts.Order, opened: OpenKey | None, surroundings: Surroundings) -> UnfinishedSigning:
    """Prepare for a key that this process cannot reach, or that signs several at once."""
    key, asked = order.key, acts.asked_of(pdf, order)
    if opened and opened.at_once:
        able = " ".join(mechanism.value for mechanism in opened.signer.mechanisms)
        key = replace(key, location={**key.location, "mechanisms": able})
    best = replace(asked.request, level=level_elsewhere(surroundings, order.level))
    stays = elsewhere.kept_beside(asked.under, order.level)
    return elsewhere.prepare_elsewhere(pdf, best, key, surroundings, stays=stays)


def _without_key(order: acts.Order) -> acts.Order:
    """Give an order that says nothing of the key: that stays in this process."""
    return replace(order, key=KeyAccess(kind=order.key.kind))
