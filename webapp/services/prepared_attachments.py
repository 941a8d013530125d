"""Separate attachments of a document that is prepared for a key elsewhere: signed with it, all or none.

Numbers are those of the attachments; 0 is the document itself. They live and end with the document's own prepared
signing, whose state says whether they may still be used.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.errors import N_, InvalidInput, NotFound, SigningRefused
from webapp.core.ports import FileStore, SignedFile, SigningGateway
from webapp.core.prepared_signings import DOCUMENT, KeyElsewhere, StampPending, UnfinishedSigning
from webapp.models.prepared_signings import PreparedAttachment, PreparedSigning


@contextmanager
def about_attachment(number: int) -> Iterator[None]:
    """Say which attachment a refusal is about."""
    try:
        yield
    except (KeyElsewhere, StampPending):
        raise
    except SigningRefused as error:
        message = N_("Tệp đính kèm %(number)s không ký được: %(why)s")
        english = f"Attachment {number} cannot be signed: {error.english}" if error.english else ""
        raise SigningRefused(error.code, message, english=english, number=number, why=error.text()) from error


def keep_attached(session: Session, prepared: PreparedSigning, unfinished: UnfinishedSigning, files: FileStore) -> None:
    """Keep the prepared attachments of a document that is kept already."""
    for number, one in unfinished.attached.items():
        session.add(
            PreparedAttachment(
                ward_id=prepared.ward_id,
                prepared_id=prepared.id,
                number=number,
                value=dict(one.value),
                file_sha256=files.put(one.pdf),
                raw=one.raw or None,
            )
        )
    session.flush()


def attached_of(session: Session, prepared: PreparedSigning, files: FileStore) -> dict[int, UnfinishedSigning]:
    """Give what completes the signatures of the attachments, by number."""
    return {
        row.number: UnfinishedSigning(value=row.value, pdf=files.get(row.file_sha256), raw=row.raw or b"")
        for row in _rows(session, prepared)
    }


def attached_file(session: Session, prepared: PreparedSigning, number: int) -> str:
    """Name the prepared file of an attachment in the store. Raises NotFound."""
    row = session.get(PreparedAttachment, (prepared.ward_id, prepared.id, number))
    if row is None:
        raise NotFound
    return row.file_sha256


def with_raws(unfinished: UnfinishedSigning, raws: Mapping[int, bytes]) -> UnfinishedSigning:
    """Put the raw signatures to their files. Raises InvalidInput when one lacks or is of no file."""
    if raws.keys() != unfinished.files.keys():
        raise InvalidInput(N_("Thiếu chữ ký của văn bản hoặc của một tệp đính kèm nên chưa ký. Hãy ký lại."))
    attached = {number: replace(one, raw=raws[number]) for number, one in unfinished.attached.items()}
    return replace(unfinished, raw=raws[DOCUMENT], attached=attached)


def check_raws(unfinished: UnfinishedSigning, signing: SigningGateway) -> None:
    """Check every raw signature against the enrolled certificate. Raises SigningRefused (`raw_signature_invalid`)."""
    signing.check_raw(unfinished)
    for number, one in unfinished.attached.items():
        with about_attachment(number):
            signing.check_raw(one)


def keep_raws(session: Session, prepared: PreparedSigning, raws: Mapping[int, bytes]) -> None:
    """Keep the raw signatures of the attachments, which were checked."""
    for row in _rows(session, prepared):
        row.raw = raws[row.number]
    session.flush()


def complete_all(
    unfinished: UnfinishedSigning, signing: SigningGateway, ward_id: UUID
) -> tuple[SignedFile, dict[int, SignedFile]]:
    """Complete the document and its attachments; nothing is stored. Raises StampPending, SigningRefused."""
    attached = {}
    for number, one in unfinished.attached.items():
        with about_attachment(number):
            attached[number] = signing.complete(one, ward_id=ward_id)
    return signing.complete(unfinished, ward_id=ward_id), attached


def drop_attached(session: Session, ward_id: UUID, *prepared_ids: UUID) -> None:
    """Forget the prepared attachments of signings that are over."""
    if prepared_ids:
        session.execute(
            delete(PreparedAttachment)
            .where(PreparedAttachment.ward_id == ward_id, PreparedAttachment.prepared_id.in_(prepared_ids))
            .execution_options(synchronize_session=False)
        )


def _rows(session: Session, prepared: PreparedSigning) -> list[PreparedAttachment]:
    wanted = select(PreparedAttachment).where(
        PreparedAttachment.ward_id == prepared.ward_id, PreparedAttachment.prepared_id == prepared.id
    )
    return list(session.scalars(wanted.order_by(PreparedAttachment.number)))
