"""The ward's door to the signing room; beside it only pictures.py of this floor knows the `signing` package."""

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from signing import Level, SigningError, SignRequest, Surroundings, TrustStore, sign_pdf
from signing.appearance import person_stamp, seal_stamp
from signing.errors import AlreadySigned, FieldNotFound, RevocationDataMissing, TimestampFailed, TimestampPending
from signing.fields import FieldInfo, check_place, list_fields, list_signatures, open_pdf, page_count, place_seal
from signing.keystores import load_pkcs12
from signing.model import Code, FileReport, SignedPdf
from signing.prepare import fill_number, number_text, prepare_document
from signing.protocol import RawSigner
from signing.sign.prechecks import check_certificate, check_document
from signing.timestamps import HttpTimestamper, LocalTimestamper, SeveralTimestampers, Timestamper
from webapp.core.copies import ScanFacts
from webapp.core.documents import SERVER_KEYS, KeystoreKind
from webapp.core.errors import N_, SigningRefused
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
    SignedFile,
)
from webapp.core.prepared_signings import KeyElsewhere, StampPending, UnfinishedSigning
from webapp.core.signature_places import PlacingFacts, SeenPlace
from webapp.gateways import elsewhere, pictures
from webapp.gateways.checks import Checks, trust_of
from webapp.gateways.keys import Keys, OpenKey, describe, told
from webapp.gateways.placing import person_place, placed, placing_facts
from webapp.gateways.received import read_received
from webapp.gateways.small_stamps import corner_request, initials_request, scan_facts
from webapp.gateways.trust_material import read_trust
from webapp.settings import Settings

PERSON_FIELD: Final = "NguoiKy"
AGENCY_FIELD: Final = "CoQuan"
INITIALS_FIELD: Final = "KyNhay"


class SigningRoom:
    """Implements core.ports.SigningGateway on the `signing` package."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._settings = settings
        self._sessions = sessions
        self._clock = clock
        self._keys = Keys(settings)
        self._timestamper: Timestamper | None = None
        self._lock = threading.Lock()
        self._checks = Checks(settings.verify_seconds)

    def inspect(self, pdf: bytes) -> PdfFacts:
        """Look at an upload."""
        with _refusals():
            opened = open_pdf(pdf)
            nobody = TrustStore.nobody()
            check_document(opened.reader, pdf, trust=nobody, crls=(), now=self._clock.now(), field=PERSON_FIELD)
            signed = [field for field in list_fields(opened.reader) if field.filled]
            return PdfFacts(pages=page_count(opened.reader), signatures=len(signed), size=len(pdf))

    def prepare(self, pdf: bytes, *, verify_url: str, short_code: str) -> PreparedFile:
        """Add QR, short code and number field; a file that is signed already is kept as it is."""
        with _refusals(), pictures.PDFIUM:
            try:
                prepared = prepare_document(pdf, verify_url=verify_url, short_code=short_code)
            except AlreadySigned:
                return PreparedFile(content=pdf)
            return PreparedFile(content=prepared.data, printed_symbol=prepared.symbol.lstrip("/"))

    def sign_person(self, pdf: bytes, order: PersonSigning, *, ward_id: UUID) -> SignedFile:
        """Sign between title and printed name; where the name is not printed the picture says who and when."""
        with _refusals():
            if order.initials:
                return _signed_file(self._sign(pdf, initials_request(pdf, order), order.key, ward_id=ward_id))
            place, printed = person_place(pdf, order.signer_name, order.place)
            picture = order.picture or pictures.draw_signature(order.signer_name)
            request = SignRequest(
                field=order.field,
                place=place,
                stamp=person_stamp(picture, with_text=not printed),
                name=order.signer_name,
            )
            return _signed_file(self._sign(pdf, request, order.key, ward_id=ward_id))

    def placing(self, pdf: bytes, name: str) -> PlacingFacts:
        """Look where a person's picture may stand."""
        with _refusals():
            return placing_facts(pdf, name)

    def check_place(self, pdf: bytes, place: SeenPlace) -> None:
        """Refuse a place that is off the page or taken."""
        with _refusals():
            check_place(pdf, placed(place))

    def fill_number(self, pdf: bytes, *, notation: str, issued_on: dt.date) -> bytes:
        """Fill number and date fields; a file signed elsewhere has none and is kept as it is."""
        with _refusals(), pictures.PDFIUM:
            try:
                return fill_number(pdf, number_text(pdf, notation), issued_on=issued_on)
            except FieldNotFound:
                return pdf

    def sign_agency(self, pdf: bytes, order: AgencySigning, *, ward_id: UUID) -> SignedFile:
        """Seal a third over the left of the person's picture, whose signature must be valid."""
        with _refusals():
            person = _person_field(pdf)
            if person is None:
                raise SigningRefused(
                    "person_missing",
                    N_("Văn bản chưa có chữ ký của người có thẩm quyền nên không được đóng dấu."),
                    english="The authorised person has not signed yet, so the agency must not.",
                )
            place = stamp = None
            if order.picture is not None and person.place is not None:
                place, stamp = place_seal(person.place, pdf), seal_stamp(order.picture)
            request = SignRequest(field=AGENCY_FIELD, place=place, stamp=stamp, name=order.agency_name)
            signed = self._sign(pdf, request, order.key, ward_id=ward_id, under=person.name)
            _check_person(signed.report, person.name)
            return _signed_file(signed)

    def sign_corner(self, pdf: bytes, order: CornerSigning, *, ward_id: UUID) -> SignedFile:
        """Sign as the agency at the top right of page 1."""
        with _refusals():
            return _signed_file(self._sign(pdf, corner_request(pdf, order), order.key, ward_id=ward_id))

    def inspect_scan(self, pdf: bytes) -> ScanFacts:
        """Measure the pictures of a scan."""
        self.inspect(pdf)
        with _refusals():
            return scan_facts(pdf)

    def check_raw(self, unfinished: UnfinishedSigning) -> None:
        """Check a raw signature before anything is done with it."""
        with _refusals():
            elsewhere.check_raw(unfinished)

    def complete(self, unfinished: UnfinishedSigning, *, ward_id: UUID) -> SignedFile:
        """Stamp, embed and check what was signed on another computer, or is waiting for its stamp."""
        with _refusals():
            try:
                signed, under = elsewhere.complete_elsewhere(unfinished, self._surroundings(ward_id))
            except TimestampFailed as error:
                raise StampPending(unfinished, english=error.en) from error
            if under:
                _check_person(signed.report, under)
            return _signed_file(signed)

    def check_received(
        self, base: bytes, pdf: bytes, *, certificate: bytes, sealing: bool, ward_id: UUID
    ) -> SignedFile:
        """Check what another signing tool made of `base`."""
        with _refusals():
            material = read_trust(self._sessions, ward_id)
            around = Surroundings(trust=trust_of(material), crls=material.revocation_lists, now=self._clock.now())
            signed, report = read_received(base, pdf, certificate, around, seconds=self._settings.verify_seconds)
            person = _person_field(base)
            if sealing:
                _check_person(report, person.name if person else "")
            return signed

    def describe_key(self, key: KeyAccess) -> KeyDescription:
        """Open a key once; on another computer, or in a token without its PIN, there are certificates to look at."""
        if key.kind not in SERVER_KEYS or (key.kind is KeystoreKind.PKCS11 and not key.secret):
            with _refusals():
                found = elsewhere.describe_elsewhere(key, Surroundings(now=self._clock.now()))
                return KeyDescription(certificate=told(found), certificates=key.certificates, location=key.location)
        with _refusals(), self._keys.open(key) as signer:
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
        with _refusals():
            return self._keys.find(place, holder)

    def send_code(self, location: Mapping[str, str]) -> None:
        """Have a one-time code sent."""
        with _refusals():
            self._keys.send_code(location)

    def open_key(self, key: KeyAccess, *, ward_id: UUID) -> OpenKey:
        """Open a key and keep it open."""
        material = read_trust(self._sessions, ward_id)
        with _refusals():
            opened = self._keys.hold(key, trust=trust_of(material))
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
        with _refusals():
            return [EmbeddedSignature(field=one.field, sha256=one.sha256) for one in list_signatures(pdf)]

    def verify(self, pdf: bytes, *, ward_id: UUID | None) -> dict[str, Any]:
        """Check in a child process; a ward's own file that was checked just now is not checked again."""
        material = read_trust(self._sessions, ward_id)
        if ward_id is None:
            return self._checks.check(pdf, material, now=self._clock.now())
        return self._checks.check_again(pdf, material, now=self._clock.now())

    def _sign(self, pdf: bytes, request: SignRequest, key: KeyAccess, *, ward_id: UUID, under: str = "") -> SignedPdf:
        surroundings = self._surroundings(ward_id)
        if key.kind not in SERVER_KEYS:
            best = _with_level(request, Level.B_LT if surroundings.crls else Level.B_T)
            raise KeyElsewhere(elsewhere.prepare_elsewhere(pdf, best, key, surroundings, under=under))
        with self._keys.open(key, trust=surroundings.trust) as signer:
            try:
                return _at_the_best_level(pdf, signer, request, surroundings)
            except TimestampPending as error:
                raise StampPending(elsewhere.kept(error.unfinished, under=under), english=error.en) from error

    def _surroundings(self, ward_id: UUID) -> Surroundings:
        material = read_trust(self._sessions, ward_id)
        return Surroundings(
            timestamper=self._own_timestamper(),
            trust=trust_of(material),
            crls=material.revocation_lists,
            now=self._clock.now(),
        )

    def _own_timestamper(self) -> Timestamper:
        """Give the one time-stamping client of this process. A signature without a time stamp is never made."""
        with self._lock:
            if self._timestamper is None:
                self._timestamper = self._make_timestamper()
            return self._timestamper

    def _make_timestamper(self) -> Timestamper:
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


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in the domain's words what the room refuses; its texts hold no PIN, path or name."""
    try:
        yield
    except SigningError as error:
        raise SigningRefused(error.code, error.vi, english=error.en) from error


def _at_the_best_level(pdf: bytes, signer: RawSigner, request: SignRequest, surroundings: Surroundings) -> SignedPdf:
    """Embed revocation data when lists are at hand (B-LT), so that strangers can check without asking anybody."""
    if surroundings.crls:
        try:
            return sign_pdf(pdf, signer, _with_level(request, Level.B_LT), surroundings)
        except RevocationDataMissing:
            pass  # the lists at hand are other authorities': B-T, to be raised once they are there
    return sign_pdf(pdf, signer, _with_level(request, Level.B_T), surroundings)


def _with_level(request: SignRequest, level: Level) -> SignRequest:
    return SignRequest(field=request.field, level=level, place=request.place, stamp=request.stamp, name=request.name)


def _person_field(pdf: bytes) -> FieldInfo | None:
    """Give the authorised person's field; another tool names its fields as it likes, but never like our initials."""
    filled = [field for field in list_fields(open_pdf(pdf).reader) if field.filled]
    people = [field for field in filled if not field.name.startswith(INITIALS_FIELD)]
    return next((field for field in people if field.name == PERSON_FIELD), people[0] if people else None)


def _check_person(report: FileReport | None, field: str) -> None:
    """Refuse the seal over a signature that this ward cannot call valid: the seal makes the document the agency's."""
    entries = report.signatures if report else ()
    person = next((entry for entry in entries if entry.field == field), None)
    if person is None or person.code not in {Code.OK, Code.STATUS_UNKNOWN}:
        raise SigningRefused(
            "person_not_valid",
            N_("Chữ ký của người có thẩm quyền không hợp lệ nên không được đóng dấu."),
            english="The authorised person's signature is not valid, so the agency must not sign.",
        )


def _signed_file(signed: SignedPdf) -> SignedFile:
    """Name the whole revision, revocation data behind the signature included: every later file begins with it."""
    return SignedFile(
        content=signed.data,
        signature_sha256=signed.signature_sha256,
        field=signed.field,
        revision_end=len(signed.data),
        revision_sha256=signed.sha256,
        level=signed.level.value,
        claimed_at=signed.claimed_time,
        timestamp_at=signed.timestamp_time,
        certificate=told(signed.certificate),
    )
