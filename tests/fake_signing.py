"""A signing room without cryptography: it writes plain lines behind the file, in the order a real one would."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

from webapp.core.copies import ScanFacts, ScannedPage
from webapp.core.documents import SERVER_KEYS, KeystoreKind
from webapp.core.errors import N_, NotFound, SigningRefused
from webapp.core.ports import (
    AgencySigning,
    CertificateInfo,
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
from webapp.core.preservation import Prospect
from webapp.core.signature_levels import SignatureLevel
from webapp.core.signature_places import PlacingFacts, SeenPlace

PDF = b"%PDF-1.7\nplain\n"
PIN = "73914628"
CODE = "204816"
RAW = b"what a key elsewhere signed"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e3660000"
    "000049454e44ae426082"
)


VERDICTS = {
    "ok": "valid",
    "tampered": "invalid",
    "modified": "invalid",
    "revoked": "invalid",
    "weak_algorithm": "invalid",
    "untrusted": "indeterminate",
    "expired": "indeterminate",
    "status_unknown": "indeterminate",
    "unsigned": "unsigned",
    "unreadable": "unreadable",
}


class FakeKey:
    """An opened key that remembers whether it was forgotten; one at a remote service signs several at once."""

    def __init__(self, room: "FakeSigning", key: KeyAccess) -> None:
        self.secret = key.secret
        self.closed = False
        self.at_once = room.at_once if key.kind is KeystoreKind.CSC else None
        self._room, self._code = room, key.code

    @property
    def uses_code(self) -> bool:
        return "code" in self._room.asked

    def sign_all(self, prepared: Sequence[UnfinishedSigning]) -> list[bytes]:
        if self.secret != PIN:
            raise SigningRefused("wrong_pin", N_("Mã PIN không đúng."))
        if self.uses_code and (self._code in self._room.codes_used or not self._code):
            raise SigningRefused("wrong_code", N_("Mã dùng một lần không đúng hoặc đã hết hạn."))
        self._room.codes_used.add(self._code)
        self._room.authorised.append(len(prepared))
        return [self._room.raw(number) for number, _one in enumerate(prepared)]

    def close(self) -> None:
        self.closed = True


class FakePreserver:
    """A file lasts with a line "archived", unless it was made to end; `refuse` makes archiving fail with that code."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.refuse = ""
        self.asked = 0
        self.stamp_ends = dt.timedelta(days=3650)

    def look_ahead(self, pdf: bytes) -> Prospect:
        if b"\nuntimely" in pdf:
            return self._prospect("b-b", "no_timestamp", None)
        stamps = [line for line in pdf.splitlines() if line.startswith(b"archived ")]
        if not stamps:
            return self._prospect("b-t", "not_provable", self.clock.now() + dt.timedelta(days=900))
        end = dt.datetime.fromisoformat(stamps[-1].split()[1].decode())
        return self._prospect("b-lta", "ended" if end < self.clock.now() else "", end)

    def archive(self, pdf: bytes) -> bytes:
        self.asked += 1
        if self.refuse:
            raise SigningRefused(self.refuse, N_("Không lấy được dấu thời gian."), english="No timestamp.")
        return pdf + f"archived {(self.clock.now() + self.stamp_ends).isoformat()}\n".encode()

    def _prospect(self, level: str, code: str, end: dt.datetime | None) -> Prospect:
        return Prospect(
            level=level,
            lasts=not code,
            year=2035,
            holds_until=end,
            due_at=end - dt.timedelta(days=180) if end else None,
            code=code,
            reason_vi=f"Lý do {code}" if code else "",
            reason_en=f"Reason {code}" if code else "",
        )


class FakeSigning:
    """Implements core.ports.SigningGateway.

    `refuse` makes the next signature fail with that code; `code` is the verdict of every check, over signatures whose
    hashes are `found`. `before` is called before each signature with the number of those made. Without `stamps` the
    time-stamping service is away. A remote key asks for what is `asked`, signs `at_once` with one authorisation, and
    gives `raw`; `authorised` tells how many each covered.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.refuse: str | None = None
        self.stamps = True
        self.lanes = 1
        self.signed = 0
        self.places: list[SeenPlace | None] = []
        self.levels: list[SignatureLevel] = []
        self.archive_room = FakePreserver(clock)
        self.opened: list[FakeKey] = []
        self.before: Callable[[int], None] = lambda _number: None
        self.taken = SeenPlace(page=0, x=100, y=700, width=96, height=17)
        self.made: list[SignedFile] = []
        self.code = "ok"
        self.found: list[str] = []
        self.codes_sent: list[str] = []
        self.codes_used: set[str] = set()
        self.asked = "pin code"
        self.at_once = 10
        self.authorised: list[int] = []
        self.raw: Callable[[int], bytes] = lambda _number: RAW
        self.scan = ScanFacts(version=(1, 7), pages=[ScannedPage(dpi=300, cover=1, colour=True)])

    def side_by_side(self, documents: int) -> AbstractContextManager[SideBySide]:
        return nullcontext(SideBySide(self, self.lanes))

    def inspect(self, pdf: bytes) -> PdfFacts:
        if not pdf.startswith(b"%PDF-"):
            raise SigningRefused("document_unreadable", N_("Tệp không đọc được hoặc không phải là PDF."))
        if b"/Encrypt" in pdf:
            raise SigningRefused("document_encrypted", N_("Tệp PDF có đặt mật khẩu."))
        return PdfFacts(pages=2, signatures=pdf.count(b"\nsigned "), size=len(pdf))

    def prepare(self, pdf: bytes, *, verify_url: str, short_code: str) -> PreparedFile:
        symbol = next((line[7:] for line in pdf.decode("latin-1").splitlines() if line.startswith("symbol ")), "")
        return PreparedFile(content=pdf + f"prepared {verify_url} {short_code}\n".encode(), printed_symbol=symbol)

    def sign_person(self, pdf: bytes, order: PersonSigning, *, ward_id: UUID) -> SignedFile:
        self.places.append(order.place)
        self.levels.append(order.level)
        word = "initialled" if order.initials else "signed"
        return self._sign(pdf, order.key, f"{word} {order.signer_name}", order.field)

    def sign_corner(self, pdf: bytes, order: CornerSigning, *, ward_id: UUID) -> SignedFile:
        self.levels.append(order.level)
        if b"broken" in pdf:
            raise SigningRefused("document_locked", N_("Chữ ký trước đã khóa văn bản, không cho ký thêm."))
        return self._sign(pdf, order.key, f"corner {'; '.join(order.lines)}", order.field, later=order.stamp_later)

    def inspect_scan(self, pdf: bytes) -> ScanFacts:
        self.inspect(pdf)
        return self.scan

    def placing(self, pdf: bytes, name: str) -> PlacingFacts:
        place = SeenPlace(page=0, x=300, y=200, width=150, height=62)
        return PlacingFacts(suggested=place, printed=True, taken=(self.taken,), sizes=((595.0, 842.0), (595.0, 842.0)))

    def check_place(self, pdf: bytes, place: SeenPlace) -> None:
        if place.page > 1 or place.x < 0 or place.x + place.width > 595 or place.y < 0:
            raise SigningRefused("bad_placement", N_("Vị trí đặt chữ ký không nằm trong trang văn bản."))
        if place.covers(self.taken):
            raise SigningRefused("place_taken", N_("Chỗ đặt chữ ký đè lên chữ ký khác."))

    def fill_number(self, pdf: bytes, *, notation: str, issued_on: dt.date) -> bytes:
        return pdf + f"number {notation} {issued_on.isoformat()}\n".encode()

    def sign_agency(self, pdf: bytes, order: AgencySigning, *, ward_id: UUID) -> SignedFile:
        self.levels.append(order.level)
        if b"\nsigned " not in pdf:
            raise SigningRefused("person_missing", N_("Chưa có chữ ký của người có thẩm quyền."))
        return self._sign(pdf, order.key, f"sealed {order.agency_name}", "CoQuan", later=order.stamp_later)

    def check_raw(self, unfinished: UnfinishedSigning) -> None:
        if unfinished.raw != RAW:
            raise SigningRefused("raw_signature_invalid", N_("Chữ ký không khớp với chứng thư số."))

    def complete(self, unfinished: UnfinishedSigning, *, ward_id: UUID) -> SignedFile:
        self.check_raw(unfinished)
        if self.refuse == "timestamp_failed" or not self.stamps:
            raise StampPending(unfinished)
        key = KeyAccess(kind=KeystoreKind.PKCS12, secret=PIN, content=str(unfinished.value["certificate"]).encode())
        return self._sign(unfinished.pdf, key, str(unfinished.value["line"]), str(unfinished.value["field"]))

    def check_received(
        self, base: bytes, pdf: bytes, *, certificate: bytes, sealing: bool, ward_id: UUID
    ) -> SignedFile:
        line = pdf[len(base) :].decode()
        if not pdf.startswith(base) or not line:
            raise SigningRefused("received_other_document", N_("Tệp gửi về không phải là văn bản đã giao để ký."))
        if line != f"{'sealed' if sealing else 'signed'} {certificate.decode()}\n":
            raise SigningRefused("received_other_signer", N_("Chữ ký được tạo bằng chứng thư số khác."))
        key = KeyAccess(kind=KeystoreKind.PKCS12, secret=PIN, content=certificate)
        return replace(self._sign(base, key, line.rstrip(), "Signature1"), content=pdf)

    def describe_key(self, key: KeyAccess) -> KeyDescription:
        if key.kind is KeystoreKind.PKCS12 and key.secret != PIN:
            raise SigningRefused("wrong_pin", N_("Mã PIN không đúng."))
        content = key.content or key.certificates[0]
        name = content.decode().removeprefix("p12 ")
        certificate = CertificateInfo(
            subject=f"CN={name}",
            common_name=name,
            issuer="CN=Tổ chức chứng thực MẪU",
            serial=hashlib.sha256(content).hexdigest()[:16],
            fingerprint=hashlib.sha256(content).hexdigest(),
            not_before=self.clock.now() - dt.timedelta(days=1),
            not_after=self.clock.now() + dt.timedelta(days=700),
        )
        return KeyDescription(certificate=certificate, certificates=(content,), location=key.location)

    def key_places(self) -> list[KeyPlace]:
        return [KeyPlace(kind=KeystoreKind.CSC, code="xa", name="Dịch vụ ký MẪU")]

    def find_keys(self, place: KeyPlace, holder: str) -> list[KeyDescription]:
        names = {"mot": ["mot"], "hai": ["hai-1", "hai-2"]}.get(holder, [])
        return [
            replace(
                self.describe_key(KeyAccess(kind=place.kind, secret=PIN, content=f"p12 {name}".encode())),
                location={"place": place.code, "credential": name, "asks": self.asked},
            )
            for name in names
        ]

    def send_code(self, location: Mapping[str, str]) -> None:
        self.codes_sent.append(location["credential"])

    def open_key(self, key: KeyAccess, *, ward_id: UUID) -> FakeKey:
        self.describe_key(key)
        self.opened.append(FakeKey(self, key))
        return self.opened[-1]

    def count_pages(self, pdf: bytes) -> int:
        return 2

    def page_image(self, pdf: bytes, page: int, *, width: int) -> bytes:
        if page not in {0, 1}:
            raise NotFound
        return PNG

    def tidy_picture(self, content: bytes) -> bytes:
        if not content.startswith(b"\x89PNG"):
            raise SigningRefused("picture_unreadable", N_("Ảnh không đọc được."))
        return content

    def draw_signature(self, name: str) -> bytes:
        return PNG

    def list_signatures(self, pdf: bytes) -> list[EmbeddedSignature]:
        if not pdf.startswith(b"%PDF-"):
            raise SigningRefused("document_unreadable", N_("Tệp không đọc được hoặc không phải là PDF."))
        return [
            EmbeddedSignature(field=one.field, sha256=one.signature_sha256)
            for one in self.made
            if pdf.startswith(one.content)
        ]

    def preserver(self, *, ward_id: UUID) -> "FakePreserver":
        return self.archive_room

    def verify(self, pdf: bytes, *, ward_id: UUID | None) -> dict[str, Any]:
        return {
            "verdict": VERDICTS[self.code],
            "code": self.code,
            "reasons": [{"code": self.code, "vi": f"Lý do {self.code}", "en": f"Reason {self.code}"}],
            "signatures": [self._entry(value) for value in self.found],
            "checked_at": "2026-11-22T09:00:00+07:00",
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "size": len(pdf),
        }

    def _entry(self, signature_sha256: str) -> dict[str, Any]:
        return {
            "verdict": VERDICTS[self.code],
            "code": self.code,
            "reasons": [],
            "kind": "signature",
            "field": "NguoiKy",
            "signer": "Nguyễn Thị Ánh",
            "organization": "UBND phường",
            "title": "Chủ tịch",
            "issuer": "Tổ chức chứng thực MẪU cấp phát",
            "managing_unit": "Tổ chức chứng thực MẪU",
            "serial": "1f",
            "certificate": {"common_name": "Nguyễn Thị Ánh"},
            "valid_from": "2026-01-01T00:00:00+07:00",
            "valid_to": "2028-12-31T00:00:00+07:00",
            "claimed_time": "2026-11-22T08:00:00+07:00",
            "timestamp_time": "2026-11-22T08:00:05+07:00" if self.code == "ok" else None,
            "timestamp_trusted": self.code == "ok",
            "intact": self.code not in {"tampered", "unreadable"},
            "digest_algorithm": "sha256",
            "key_algorithm": "rsa",
            "key_bits": 2048,
            "level": "b-lt",
            "revocation": {"status": "good" if self.code == "ok" else "unknown", "source": ""},
            "signature_sha256": signature_sha256,
        }

    def _sign(self, pdf: bytes, key: KeyAccess, line: str, field: str, *, later: bool = False) -> SignedFile:
        if key.kind not in SERVER_KEYS or (isinstance(key.opened, FakeKey) and key.opened.at_once):
            value = {"line": line, "field": field, "certificate": key.certificates[0].decode()}
            raise KeyElsewhere(UnfinishedSigning(value=value, pdf=pdf))
        if isinstance(key.opened, FakeKey):
            if key.opened.closed:
                raise SigningRefused("keystore_error", N_("Khóa ký đã đóng."))
            key = replace(key, secret=key.opened.secret)
        certificate = self.describe_key(key).certificate
        self.before(self.signed)
        if self.refuse:
            raise SigningRefused(self.refuse, N_("Chứng thư số đã hết hạn."))
        if later or not self.stamps:
            value = {"line": line, "field": field, "certificate": key.content.decode()}
            raise StampPending(UnfinishedSigning(value=value, pdf=pdf, raw=RAW))
        self.signed += 1
        content = pdf + f"{line}\n".encode()
        sha256 = hashlib.sha256(content).hexdigest()
        made = SignedFile(
            content=content,
            signature_sha256=hashlib.sha256(b"value %d " % self.signed + content).hexdigest(),
            field=field,
            revision_end=len(content),
            revision_sha256=sha256,
            level="b-t",
            claimed_at=self.clock.now(),
            timestamp_at=self.clock.now(),
            certificate=certificate,
        )
        self.made.append(made)
        return made
