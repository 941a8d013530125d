"""What the domain needs from outside, as protocols. Gateways implement them; the factory chooses."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from webapp.core.copies import ScanFacts
from webapp.core.documents import KeystoreKind
from webapp.core.prepared_signings import UnfinishedSigning
from webapp.core.preservation import Preserver
from webapp.core.signature_levels import DEFAULT_LEVEL, SignatureLevel
from webapp.core.signature_places import PlacingFacts, SeenPlace


class Clock(Protocol):
    """The time. Nothing else asks the operating system."""

    def now(self) -> dt.datetime:
        """Give the moment, aware, UTC."""

    def today(self) -> dt.date:
        """Give the day in the ward (Asia/Ho_Chi_Minh)."""


class FileStore(Protocol):
    """Content-addressed files: the name is the SHA-256 in lower-case hex."""

    def put(self, content: bytes) -> str:
        """Store and give the name; storing the same bytes again changes nothing. Raises StorageFull."""

    def get(self, sha256: str) -> bytes:
        """Give the bytes, checked against their name. Raises NotFound, or Conflict when they were altered."""

    def open(self, sha256: str) -> BinaryIO:
        """Open it for reading from its beginning, checked against its name in pieces; the caller closes it.

        Raises as `get`, which is for what fits into memory.
        """

    def exists(self, sha256: str) -> bool:
        """Tell whether the file is there."""

    def delete(self, sha256: str) -> None:
        """Take a file away; nothing happens when it is not there.

        Only for files that are sealed before they are stored: their names are of one owner, so nobody else loses them.
        """

    def sweep(self, kept: Collection[str], *, before: dt.datetime) -> int:
        """Put aside what was last stored before that moment and is not among `kept`; give how many files that were.

        Work that stored a file and died left it without a row. A month later what was put aside is deleted.
        """


class PaperPress(Protocol):
    """Draws pages for the printer."""

    def press(self, template: str, values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
        """Give the PDF of a template of webapp/resources/print, filled with plain JSON values."""


class WordDesk(Protocol):
    """Writes and reads Word files."""

    def letter(self, values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
        """Give a composed document as .docx, filled with the values of `core.letters.letter_values`."""

    def available(self) -> bool:
        """Tell whether Word files can be turned into PDF on this machine."""

    def program(self) -> str:
        """Say for the administrator what turns them; empty when nothing does."""

    def inspect(self, docx: bytes) -> None:
        """Look through a file without opening it. Raises WordRefused for what is not taken."""

    def convert(self, docx: bytes, *, beat: Callable[[], None]) -> bytes:
        """Turn a file into PDF; `beat` is called while it lasts and may raise to stop it. Raises WordRefused."""


class PersonalDataCipher(Protocol):
    """Keeps heads' names and addresses unreadable in the database (domain.md §4); the key lives outside it."""

    def encrypt(self, ward_id: UUID, text: str, *, like: bytes | None = None) -> bytes:
        """Encrypt (authenticated, bound to the ward) under a new key, or under that of `like` (same household)."""

    def decrypt(self, ward_id: UUID, data: bytes) -> str:
        """Decrypt; empty bytes (erased) read `(đã xóa)`. Raises Conflict when bytes or key are not right."""

    def destroy(self, data: bytes) -> bool:
        """Destroy the key of `data`: what is under it is gone for good. False when it has no key of its own."""

    def token(self, ward_id: UUID, word: str) -> bytes:
        """Give the 8-byte keyed index of one folded word (see core.text.fold)."""

    def seal(self, secret: bytes) -> bytes:
        """Encrypt a secret of the installation that is not of one ward (a TOTP seed)."""

    def unseal(self, data: bytes) -> bytes:
        """Open what `seal` made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateInfo:
    """What the screen shows of a certificate. Times are aware UTC."""

    subject: str
    common_name: str
    issuer: str
    serial: str
    fingerprint: str
    not_before: dt.datetime
    not_after: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDescription:
    """A key as it was found: its certificate, and the chain it brings (DER, the own one first).

    `location` names it for a KeyAccess, with `"asks": "pin code"`: what its owner types to sign.
    """

    certificate: CertificateInfo
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    location: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """Where keys may lie, as the administrator configured it: `code` for a location, `name` for the screen."""

    kind: KeystoreKind
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """A signed revision and what the ledger keeps of it."""

    content: bytes
    signature_sha256: str
    field: str
    revision_end: int
    revision_sha256: str
    level: str
    claimed_at: dt.datetime
    timestamp_at: dt.datetime | None
    certificate: CertificateInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfFacts:
    """What an uploaded PDF is, found without trusting it."""

    pages: int
    signatures: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFile:
    """A file ready to be signed.

    `printed_symbol` begins with what it prints behind the gap for its number (`KH-UBND`); "" when there is none.
    """

    content: bytes
    printed_symbol: str = ""


class OpenedKey(Protocol):
    """A key that was opened once and signs several documents: in memory only, never stored or handed on."""

    @property
    def at_once(self) -> int | None:
        """How many signatures one authorisation covers (a remote service); None: the key signs one by one.

        With a number, an order to sign raises KeyElsewhere, and `sign_all` signs what several of these carried.
        """

    @property
    def uses_code(self) -> bool:
        """Tell whether what was typed is used up by one authorisation: a one-time code."""

    def sign_all(self, prepared: Sequence[UnfinishedSigning]) -> list[bytes]:
        """Give the raw signatures in order, with one authorisation for all. May wait for a person's phone.

        Raises SigningRefused; then none is signed.
        """

    def close(self) -> None:
        """Forget the key. A second call does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAccess:
    """What opens a key for one use; made when it is needed, never stored.

    `secret` is the PIN that its owner alone knows, `code` what a provider sends for one use. `content` is the file of a
    PKCS#12 key; `location` says where another key is: `{"place", "token", "key"}` for a token at the server,
    `{"place", "credential"}` for a remote provider. `certificates` are those it was enrolled with (DER, the own one
    first): a key that signs with another one is refused. `opened`: it is open already, and nothing else is needed.
    """

    kind: KeystoreKind
    secret: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    content: bytes = field(default=b"", repr=False)
    location: Mapping[str, str] = field(default_factory=dict)
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    opened: OpenedKey | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSigning:
    """Order to sign as a person: the authorised one, another beside them, or with initials ("ký nháy").

    `field` names the signature field; the seal goes over the picture of `NguoiKy`. `place` None: where title and
    printed name leave room.
    """

    key: KeyAccess
    signer_name: str
    title: str
    picture: bytes | None
    field: str = "NguoiKy"
    initials: bool = False
    place: SeenPlace | None = None
    level: SignatureLevel = DEFAULT_LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySigning:
    """Order to apply the agency's signature with the seal picture over the person's picture.

    `stamp_later`: raise StampPending with what the key made instead of asking for a timestamp; other files are signed
    with this one, and none is to be finished before all are signed.
    """

    key: KeyAccess
    agency_name: str
    picture: bytes | None
    level: SignatureLevel = DEFAULT_LEVEL
    stamp_later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CornerSigning:
    """Order to apply the agency's signature at the top right of page 1, text only (Decree 30, Appendix I).

    A line may use `{time}`: the signing time in ISO 8601 with Vietnam's zone. `stamp_later` as in AgencySigning.
    """

    key: KeyAccess
    agency_name: str
    lines: tuple[str, ...]
    field: str = "CoQuan"
    level: SignatureLevel = DEFAULT_LEVEL
    stamp_later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSignature:
    """A signature found in a file: its field and the SHA-256 of its value, by which the ledger names it."""

    field: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A door to the signing room behind which `lanes` files may be worked on at the same time, each by a thread."""

    signing: "SigningGateway"
    lanes: int


class SigningGateway(Protocol):
    """The ward's door to the signing room. Every refusal is a SigningRefused with a code and a Vietnamese message.

    With a key on somebody's own computer signing raises KeyElsewhere, which carries what was prepared for it.
    """

    def side_by_side(self, documents: int) -> AbstractContextManager[SideBySide]:
        """Give, for a batch of so many, a door behind which several files may be worked on at the same time."""

    def inspect(self, pdf: bytes) -> PdfFacts:
        """Look at an upload. Refuses what is not a PDF, is encrypted, broken or locked."""

    def prepare(self, pdf: bytes, *, verify_url: str, short_code: str) -> PreparedFile:
        """Add QR, short code and the empty number field, before the first signature."""

    def sign_person(self, pdf: bytes, order: PersonSigning, *, ward_id: UUID) -> SignedFile:
        """Sign as the person, never below the level of the order; the result is validated before it is given back."""

    def placing(self, pdf: bytes, name: str) -> PlacingFacts:
        """Look at the pages, and where the picture of somebody of that name would stand by itself."""

    def check_place(self, pdf: bytes, place: SeenPlace) -> None:
        """Refuse a place that is not on its page, too small, or over a signature or field (`place_taken`)."""

    def fill_number(self, pdf: bytes, *, notation: str, issued_on: dt.date) -> bytes:
        """Fill the number field; the person's signature stays valid."""

    def sign_agency(self, pdf: bytes, order: AgencySigning, *, ward_id: UUID) -> SignedFile:
        """Apply the agency's signature. Refuses a file without the person's valid signature."""

    def sign_corner(self, pdf: bytes, order: CornerSigning, *, ward_id: UUID) -> SignedFile:
        """Apply the agency's signature to an attachment or a copy: no person signs these."""

    def inspect_scan(self, pdf: bytes) -> ScanFacts:
        """Measure the pictures of a scan. Refuses what `inspect` refuses."""

    def check_raw(self, unfinished: UnfinishedSigning) -> None:
        """Refuse a raw signature that is not one of the prepared certificate over the prepared document."""

    def complete(self, unfinished: UnfinishedSigning, *, ward_id: UUID) -> SignedFile:
        """Complete what a `KeyElsewhere` carried, once it is signed. Raises StampPending when only the stamp lacks."""

    def check_received(
        self, base: bytes, pdf: bytes, *, certificate: bytes, sealing: bool, ward_id: UUID
    ) -> SignedFile:
        """Take a file that another tool signed: `base` unchanged, one signature more by `certificate`, nothing else.

        `sealing`: the authorised person's signature in it must be valid, too. Refuses everything else.
        """

    def describe_key(self, key: KeyAccess) -> KeyDescription:
        """Open a key once to see whose it is. Refuses a wrong PIN, an expired or unfit certificate."""

    def key_places(self) -> Sequence[KeyPlace]:
        """Give the remote services and the modules of tokens at the server that may be used here."""

    def find_keys(self, place: KeyPlace, holder: str) -> Sequence[KeyDescription]:
        """Give the usable keys of a place: of a user or credential at a remote service, in the tokens of a module."""

    def send_code(self, location: Mapping[str, str]) -> None:
        """Ask a remote service to send the key's owner a one-time code."""

    def open_key(self, key: KeyAccess, *, ward_id: UUID) -> OpenedKey:
        """Open a key for several signatures; the caller closes it. Refuses what could not sign now."""

    def count_pages(self, pdf: bytes) -> int:
        """Count the pages of a file that was inspected before. Raises NotFound when it cannot be read."""

    def page_image(self, pdf: bytes, page: int, *, width: int) -> bytes:
        """Draw a page (from 0) as PNG, `width` pixels wide, so that people see what they sign. Raises NotFound."""

    def tidy_picture(self, content: bytes) -> bytes:
        """Re-encode a picture of a signature or seal as a small transparent PNG. Refuses what is no picture."""

    def draw_signature(self, name: str) -> bytes:
        """Draw a plain blue signature picture from a name, for somebody who has no scan of their own."""

    def list_signatures(self, pdf: bytes) -> Sequence[EmbeddedSignature]:
        """Give the signatures in a file, in its order, without judging them; document timestamps are left out."""

    def preserver(self, *, ward_id: UUID) -> Preserver:
        """Give what looks ahead and preserves, for one run."""

    def verify(self, pdf: bytes, *, ward_id: UUID | None) -> dict[str, Any]:
        """Give the verdict object (see signing/README.md) in a child process with limits; never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustMaterial:
    """The anchors and revocation lists of one ward, DER."""

    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]
