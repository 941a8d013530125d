"""What the signing room is asked to do for a step: in whose name, in which field, with which words."""

from typing import Final

from webapp.core.copies import CORNER_WORDS, CopyForm
from webapp.core.documents import StepKind, format_notation
from webapp.core.ports import CornerSigning, KeyAccess, PersonSigning
from webapp.models.accounts import Account
from webapp.models.documents import Document, SigningStep
from webapp.models.workflow import DocumentAttachment

AUTHORISED: Final = "NguoiKy"
AGENCY: Final = "CoQuan"
TIME: Final = "{time}"


def person_order(
    document: Document, step: SigningStep, signer: Account, *, key: KeyAccess, picture: bytes | None
) -> PersonSigning:
    """Give the order of a person's step; only the authorised person signs in the field that the seal goes over."""
    initials = step.kind is StepKind.INITIALS
    authorised = not initials and step.account_id == document.signer_id
    beside = f"{'KyNhay' if initials else 'DongKy'}{step.attempt}x{step.position}"
    return PersonSigning(
        key=key,
        signer_name=signer.display_name,
        title=step.title or (document.signer_title if authorised else ""),
        picture=picture,
        field=AUTHORISED if authorised else beside,
        initials=initials,
    )


def attachment_order(
    document: Document, attachment: DocumentAttachment, *, key: KeyAccess, agency: str
) -> CornerSigning:
    """Give the order for a separate attachment: number and symbol of the document, and the signing time."""
    return CornerSigning(
        key=key,
        agency_name=agency,
        lines=(f"Số: {format_notation(document.number or 0, document.symbol)}", f"Thời gian ký: {TIME}"),
        field=f"{AGENCY}PL{attachment.number}",
    )


def copy_order(form: CopyForm, *, key: KeyAccess, agency: str) -> CornerSigning:
    """Give the order for a copy: its form, the agency that copied, and the signing time."""
    lines = (CORNER_WORDS[form], agency, f"Thời gian ký: {TIME}")
    return CornerSigning(key=key, agency_name=agency, lines=lines, field=AGENCY)
