"""Write field, appearance and an empty signature as one update: by hand, or by pyHanko where that is hard."""

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
from signing.fields import GrowingFile, OpenedPdf, PageView, find_field, page_view
from signing.levels import NEEDS_TIMESTAMP, metadata_for
from signing.model import SignRequest, iso
from signing.settings import VIETNAM
from signing.sign.content import Content
from signing.sign.identity import described
from signing.sign.update import Look, suits, write_update
from signing.validate.texts import moment_text


def write_placeholder(
    opened: OpenedPdf,
    base: Content,
    certificate: asn1_x509.Certificate,
    request: SignRequest,
    *,
    room: int,
    now: datetime,
) -> tuple[bytes, tuple[int, int]]:
    """Return the update behind ``base`` and the hole kept free for ``room`` bytes of CMS, as offsets in the whole.

    The claimed time is written in Vietnam's zone. Raises DocumentNotSignable, FieldAlreadyFilled, DocumentUnreadable.
    """
    try:
        if suits(opened.reader, request.field):
            look = _new_look(opened, certificate, request, now)
            last = base.part(base.size - 1, base.size)
            return write_update(opened.reader, base.size, last, request, look=look, room=room, now=now)
        return _by_library(opened, base, certificate, request, room=room, now=now)
    except SigningError:
        raise
    except PyHankoError as error:
        raise DocumentNotSignable from error
    except Exception as error:  # a damaged file can fail anywhere in the library; the caller gets one named error
        raise DocumentUnreadable from error


def _by_library(
    opened: OpenedPdf,
    base: Content,
    certificate: asn1_x509.Certificate,
    request: SignRequest,
    *,
    room: int,
    now: datetime,
) -> tuple[bytes, tuple[int, int]]:
    """For fields that exist, signed and certified files, and those that are not read strictly."""
    file = GrowingFile(base.whole())
    writer = IncrementalPdfFileWriter(file, strict=opened.strict)
    spec, style = _look(writer, certificate, request, now)
    machine = PdfSigner(metadata_for(request), _Absent(certificate), stamp_style=style, new_field_spec=spec)
    session = machine.init_signing_session(writer)
    session.system_time = now.astimezone(VIETNAM)
    wishes = session.sv_spec
    if wishes is not None and wishes.timestamp_required and request.level not in NEEDS_TIMESTAMP:
        raise DocumentNotSignable
    document = session.prepare_tbs_document(None, bytes_reserved=2 * room)
    digest, _output = document.digest_tbs_document(in_place=True)
    return file.added, (digest.reserved_region_start, digest.reserved_region_end)


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
    style = _style(page, certificate, request, now)
    if existing is not None:
        return None, style
    return SigFieldSpec(request.field, on_page=page.index, box=page.to_page(place.box)), style  # type: ignore[arg-type]


def _new_look(
    opened: OpenedPdf, certificate: asn1_x509.Certificate, request: SignRequest, now: datetime
) -> Look | None:
    if request.place is None:
        return None
    page = page_view(opened.reader, request.place.page)
    return Look(page=page, box=page.to_page(request.place.box), style=_style(page, certificate, request, now))


def _style(
    page: PageView, certificate: asn1_x509.Certificate, request: SignRequest, now: datetime
) -> StampStyle | None:
    if request.stamp is None:
        return None
    name = request.name or described(certificate.dump()).common_name
    values = {"signer": name, "time": iso(now) or "", "time_vi": moment_text(now)}
    return style_for(request.stamp, values=values, rotation=page.rotation, unit=page.unit)
