"""What the ward looks for in a signed file, and what it keeps of a new signature."""

from typing import Final

from signing.fields import FieldInfo, list_fields, open_pdf
from signing.model import CertificateInfo as RoomCertificate
from signing.model import Code, FileReport, SignedPdf
from webapp.core.errors import N_, SigningRefused
from webapp.core.ports import CertificateInfo, SignedFile

PERSON_FIELD: Final = "NguoiKy"
INITIALS_FIELD: Final = "KyNhay"


def person_field(pdf: bytes) -> FieldInfo:
    """Give the authorised person's signature; in a file signed elsewhere the first one. Raises SigningRefused."""
    filled = [field for field in list_fields(open_pdf(pdf).reader) if field.filled]
    people = [field for field in filled if not field.name.startswith(INITIALS_FIELD)]
    if not people:
        raise SigningRefused(
            "person_missing",
            N_("Văn bản chưa có chữ ký của người có thẩm quyền nên không được đóng dấu."),
            english="The authorised person has not signed yet, so the agency must not.",
        )
    return next((field for field in people if field.name == PERSON_FIELD), people[0])


def check_person(report: FileReport | None, field: str) -> None:
    """Refuse the seal over a signature that this ward cannot call valid: the seal makes the document the agency's."""
    entries = report.signatures if report else ()
    person = next((entry for entry in entries if entry.field == field), None)
    if person is None or person.code not in {Code.OK, Code.STATUS_UNKNOWN}:
        raise SigningRefused(
            "person_not_valid",
            N_("Chữ ký của người có thẩm quyền không hợp lệ nên không được đóng dấu."),
            english="The authorised person's signature is not valid, so the agency must not sign.",
        )


def signed_file(signed: SignedPdf) -> SignedFile:
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


def told(room: RoomCertificate) -> CertificateInfo:
    """Say in the ward's terms what the room found."""
    return CertificateInfo(
        subject=room.subject,
        common_name=room.common_name,
        issuer=room.issuer,
        serial=room.serial,
        fingerprint=room.sha256,
        not_before=room.valid_from,
        not_after=room.valid_to,
    )
