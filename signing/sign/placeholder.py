"""Write field, appearance and an empty signature into a PDF, as one incremental update (pyHanko)."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.general import SigningError as PyHankoError
from pyhanko.sign.signers import PdfSigner, Signer

from signing.appearance import StampStyle, style_for
from signing.errors import DocumentNotSignable, DocumentUnreadable, FieldAlreadyFilled, SigningError
from signing.fields import OpenedPdf, find_field, page_view
from signing.levels import NEEDS_TIMESTAMP, metadata_for
from signing.model import CertificateInfo, SignRequest, iso
from signing.settings import VIETNAM
from signing.validate.texts import moment_text


def write_placeholder(
    opened: OpenedPdf, certificate: asn1_x509.Certificate, request: SignRequest, *, room: int, now: datetime
) -> tuple[int, int]:
    """Append the update to ``opened.buffer`` and return the hole kept free for ``room`` bytes of CMS.

    The claimed time is written in Vietnam's zone. Raises DocumentNotSignable, FieldAlreadyFilled, DocumentUnreadable.
    """
    try:
        writer = IncrementalPdfFileWriter.from_reader(opened.reader)
        spec, style = _look(writer, certificate, request, now)
        machine = PdfSigner(metadata_for(request), _Absent(certificate), stamp_style=style, new_field_spec=spec)
        session = machine.init_signing_session(writer)
        session.system_time = now.astimezone(VIETNAM)
        wishes = session.sv_spec
        if wishes is not None and wishes.timestamp_required and request.level not in NEEDS_TIMESTAMP:
            raise DocumentNotSignable
        document = session.prepare_tbs_document(None, bytes_reserved=2 * room)
        digest, _output = document.digest_tbs_document(in_place=True)
    except SigningError:
        raise
    except PyHankoError as error:
        raise DocumentNotSignable from error
    except Exception as error:  # a damaged file can fail anywhere in the library; the caller gets one named error
        raise DocumentUnreadable from error
    return digest.reserved_region_start, digest.reserved_region_end


class _Absent(Signer):
    """The owner of a certificate whose key is elsewhere: pyHanko asks it for its name only."""

    def __init__(self, certificate: asn1_x509.Certificate) -> None:
        super().__init__(signing_cert=certificate)

    async def async_sign_raw(self, *_arguments: object, **_options: object) -> NoReturn:
        """PyHanko's hook, never called: the raw signature is made by the phases of this room."""
        raise NotImplementedError


def _look(
    writer: IncrementalPdfFileWriter, certificate: asn1_x509.Certificate, request: SignRequest, now: datetime
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
        name = request.name or CertificateInfo.of(certificate).common_name
        values = {"signer": name, "time": iso(now) or "", "time_vi": moment_text(now)}
        style = style_for(request.stamp, values=values, rotation=page.rotation)
    if existing is not None:
        return None, style
    return SigFieldSpec(request.field, on_page=page.index, box=page.to_page(place.box)), style  # type: ignore[arg-type]
