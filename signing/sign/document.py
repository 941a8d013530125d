"""``sign_pdf``: one signature into one document."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.general import SigningError as PyHankoError
from pyhanko.sign.signers import PdfSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession

from signing.appearance import StampStyle, style_for
from signing.errors import (
    CertificateUntrusted,
    DocumentNotSignable,
    DocumentUnreadable,
    FieldAlreadyFilled,
    OutputNotValid,
    RevocationDataMissing,
    SigningError,
    TimestamperMissing,
    TimestampFailed,
)
from signing.fields import OpenedPdf, find_field, open_pdf, page_view
from signing.keystores import KeySigner
from signing.levels import NEEDS_TIMESTAMP, metadata_for
from signing.model import (
    CertificateInfo,
    Code,
    FileReport,
    Level,
    SignatureReport,
    SignedPdf,
    SignRequest,
    Verdict,
    iso,
)
from signing.settings import VIETNAM, utc_now
from signing.sign.prechecks import check_certificate, check_document
from signing.sign.revocation import embed_revocation
from signing.timestamps import Timestamper
from signing.trust import TrustStore
from signing.validate import validate_pdf
from signing.validate.structure import BYTE_RANGE
from signing.validate.texts import moment_text

ROOM_SLACK: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What signing draws on besides key and document. ``trust`` None: the new certificate need not be trusted here."""

    timestamper: Timestamper | None = None
    trust: TrustStore | None = None
    crls: Sequence[bytes] = ()
    now: datetime | None = None
    revalidate: bool = True
    """False only in measurements: without it nothing vouches for the result."""


ALONE: Final = Surroundings()


def sign_pdf(data: bytes, signer: KeySigner, request: SignRequest, surroundings: Surroundings = ALONE) -> SignedPdf:
    """Sign ``data`` (PAdES, SHA-256) and return the checked result; the input is never changed.

    Raises a SigningError that names the reason: CertificateNotUsable and DocumentNotSignable before the key is used,
    TimestampFailed (nothing is saved without the timestamp asked for), OutputNotValid when the result fails its own
    check.
    """
    now = surroundings.now or utc_now()
    trust = surroundings.trust or TrustStore.nobody()
    check_certificate(signer.certificate, signer.chain, crls=surroundings.crls, now=now)
    if request.level in NEEDS_TIMESTAMP and surroundings.timestamper is None:
        raise TimestamperMissing
    opened = open_pdf(data)
    check_document(opened.reader, data, trust=trust, crls=surroundings.crls, now=now, field=request.field)
    signed = _write(opened, signer, request, surroundings, now=now)
    if request.level is Level.B_LT:
        signed = embed_revocation(signed, request.field, crls=surroundings.crls, strict=opened.strict)
    report = None
    if surroundings.revalidate:
        report = validate_pdf(signed, trust=trust, crls=surroundings.crls, now=max(now, utc_now()))
        _accept(report, request, must_be_trusted=surroundings.trust is not None)
    return _result(signed, signer, request, report, now=now)


class _TimedSigner(PdfSigner):
    """Writes the caller's clock, in Vietnam's zone, as the claimed time."""

    def __init__(self, request: SignRequest, signer: KeySigner, *, now: datetime, **parts: Any) -> None:  # noqa: ANN401
        super().__init__(metadata_for(request), signer, **parts)
        self._now = now.astimezone(VIETNAM)

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002
    ) -> PdfSigningSession:
        """PyHanko's hook."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._now
        return session


def _write(
    opened: OpenedPdf, signer: KeySigner, request: SignRequest, surroundings: Surroundings, *, now: datetime
) -> bytes:
    """Return the signed bytes: the original followed by one incremental update."""
    timestamper = surroundings.timestamper if request.level in NEEDS_TIMESTAMP else None
    room = signer.cms_room() + (timestamper.token_room + ROOM_SLACK if timestamper else 0) + ROOM_SLACK
    try:
        writer = IncrementalPdfFileWriter.from_reader(opened.reader)
        spec, style = _look(writer, signer, request, now)
        machine = _TimedSigner(
            request, signer, now=now, timestamper=timestamper, stamp_style=style, new_field_spec=spec
        )
        asyncio.run(machine.async_sign_pdf(writer, bytes_reserved=2 * room, in_place=True))
    except SigningError:
        raise
    except PyHankoError as error:
        raise DocumentNotSignable from error
    except Exception as error:  # a damaged file can fail anywhere in the library; the caller gets one named error
        raise DocumentUnreadable from error
    return opened.buffer.getvalue()


def _look(
    writer: IncrementalPdfFileWriter, signer: KeySigner, request: SignRequest, now: datetime
) -> tuple[SigFieldSpec | None, StampStyle | None]:
    """Return the new field, when one is needed, and its appearance."""
    existing = find_field(writer, request.field)
    if existing is not None and existing.filled:
        raise FieldAlreadyFilled
    place = existing.place if existing is not None else request.place
    if place is None:
        return None, None
    page = page_view(writer, place.page)
    style = None
    if request.stamp is not None:
        name = request.name or CertificateInfo.of(signer.certificate).common_name
        values = {"signer": name, "time": iso(now) or "", "time_vi": moment_text(now)}
        style = style_for(request.stamp, values=values, rotation=page.rotation)
    if existing is not None:
        return None, style
    return SigFieldSpec(request.field, on_page=page.index, box=page.to_page(place.box)), style  # type: ignore[arg-type]


def _accept(report: FileReport, request: SignRequest, *, must_be_trusted: bool) -> None:
    """Every signature intact, unmodified and readable; the new one trusted where trust was given."""
    new = _entry(report, request.field)
    sound = report.verdict in {Verdict.VALID, Verdict.INDETERMINATE}
    if not sound or new is None or not all(signature.intact for signature in report.signatures):
        raise OutputNotValid
    if request.level in NEEDS_TIMESTAMP and new.timestamp_time is None:
        raise TimestampFailed
    if must_be_trusted and new.code is Code.UNTRUSTED:
        raise CertificateUntrusted
    if must_be_trusted and new.code not in {Code.OK, Code.STATUS_UNKNOWN}:
        raise OutputNotValid
    if request.level is Level.B_LT and new.level is not Level.B_LT:
        raise RevocationDataMissing


def _entry(report: FileReport, field: str) -> SignatureReport | None:
    return next((signature for signature in report.signatures if signature.field == field), None)


def _result(
    signed: bytes, signer: KeySigner, request: SignRequest, report: FileReport | None, *, now: datetime
) -> SignedPdf:
    entry = _entry(report, request.field) if report is not None else None
    if entry is None:
        value, end = read_back(signed)
        stamped = None
    else:
        value, end, stamped = entry.signature_sha256, entry.revision_end, entry.timestamp_time
    return SignedPdf(
        data=signed,
        sha256=hashlib.sha256(signed).hexdigest(),
        field=request.field,
        level=request.level,
        signature_sha256=value,
        revision_end=end,
        claimed_time=now,
        timestamp_time=stamped,
        certificate=CertificateInfo.of(signer.certificate),
        report=report,
    )


def read_back(signed: bytes) -> tuple[str, int]:
    """SHA-256 of the newest signature value and the end of its range, from the bytes alone."""
    start = signed.rindex(b"/Contents <") + len(b"/Contents <")
    end = signed.index(b">", start)
    content = cms.ContentInfo.load(bytes.fromhex(signed[start:end].decode("ascii")))
    value = content["content"]["signer_infos"][0]["signature"].native
    ranges = BYTE_RANGE.search(signed, max(0, start - 400))
    numbers = signed[ranges.end() : signed.index(b"]", ranges.end())].split() if ranges else []
    return hashlib.sha256(value).hexdigest(), int(numbers[2]) + int(numbers[3]) if len(numbers) == 4 else len(signed)
