"""A file that another program signed: ours with one signature more, by the certificate meant, and nothing else.

Programs that we do not drive (the government's signing tool) get a file and bring a signed one back. What they did is
not believed: the base must be an unchanged beginning, one signature more, covering everything, and the difference
between the two object by object that of a signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm

from signing.errors import CertificateUntrusted, SigningError
from signing.fields import list_signatures, open_pdf
from signing.model import Code, Coverage, FileReport, SignatureReport
from signing.settings import ISOLATED_SECONDS
from signing.trust import TrustStore
from signing.validate.isolated import validate_isolated
from signing.validate.modifications import FIRST_SIGNATURE_POLICY


class ReceivedOtherDocument(SigningError):
    """The file does not begin with the one that was handed out."""

    code = "received_other_document"
    vi = "Tệp gửi về không phải là văn bản đã giao để ký. Hãy mở lại trang ký rồi ký đúng tệp đó."
    en = "The file that came back is not the document handed out to be signed."


class ReceivedNotOneSignature(SigningError):
    """No signature was added, or several."""

    code = "received_not_one_signature"
    vi = "Tệp gửi về phải có thêm đúng một chữ ký số. Hãy ký lại, chỉ ký một lần."
    en = "The file that came back must carry exactly one more signature."


class ReceivedOtherSigner(SigningError):
    """The certificate is not the enrolled one."""

    code = "received_other_signer"
    vi = "Chữ ký được tạo bằng chứng thư số khác với chứng thư đã đăng ký. Hãy cắm đúng token rồi ký lại."
    en = "The signature was made with another certificate than the enrolled one."


class ReceivedChanged(SigningError):
    """Something beside the signature was changed."""

    code = "received_changed"
    vi = "Công cụ ký đã sửa hoặc thêm nội dung ngoài chữ ký nên không nhận được. Hãy ký mà không chèn chữ hay ghi chú."
    en = "The signing tool changed or added more than the signature."


class ReceivedNotValid(SigningError):
    """The signature itself does not hold."""

    code = "received_not_valid"
    vi = "Chữ ký trong tệp gửi về không hợp lệ (hỏng, hết hạn, bị thu hồi hoặc dùng thuật toán yếu)."
    en = "The signature in the file that came back is not valid."


class ReceivedNoTimestamp(SigningError):
    """A ward's signature carries a timestamp, always."""

    code = "received_no_timestamp"
    vi = "Chữ ký chưa có dấu thời gian. Hãy bật dịch vụ dấu thời gian trong công cụ ký rồi ký lại."
    en = "The signature carries no timestamp; switch the tool's time-stamping on and sign again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the signature must be: ``certificate`` (DER), judged with ``trust`` and ``crls`` at ``now``."""

    certificate: bytes
    trust: TrustStore
    crls: Sequence[bytes] = ()
    now: datetime
    seconds: int = ISOLATED_SECONDS


SOUND: Final = frozenset({Code.OK, Code.STATUS_UNKNOWN})


def check_received(base: bytes, data: bytes, expected: Expected) -> tuple[SignatureReport, FileReport]:
    """Give the report of the one signature that ``data`` adds to ``base``, and that of the whole file.

    The stranger's file is first judged in a child process with bounds on time and memory. Raises SigningError: a class
    of this module, DocumentUnreadable, CertificateUntrusted.
    """
    if len(data) <= len(base) or not data.startswith(base):
        raise ReceivedOtherDocument
    report = validate_isolated(
        data, trust=expected.trust, crls=expected.crls, now=expected.now, seconds=expected.seconds
    )
    if report.code is Code.UNREADABLE:
        raise ReceivedNotValid
    new = _added(base, data, report)
    if new.certificate is None or new.certificate.sha256 != sha256(expected.certificate).hexdigest():
        raise ReceivedOtherSigner
    _check_sound(new, report)
    _check_nothing_else(base, data, new.field)
    return new, report


def _added(base: bytes, data: bytes, report: FileReport) -> SignatureReport:
    before = {one.sha256 for one in list_signatures(base)}
    after = [one for one in list_signatures(data) if one.sha256 not in before]
    known = [one for one in report.signatures if after and one.signature_sha256 == after[0].sha256]
    if len(after) != 1 or len(known) != 1:
        raise ReceivedNotOneSignature
    return known[0]


def _check_sound(new: SignatureReport, report: FileReport) -> None:
    if new.code is Code.UNTRUSTED:
        raise CertificateUntrusted
    whole = new.coverage in {Coverage.WHOLE_FILE, Coverage.REVISION}
    if new.code not in SOUND or not whole or not all(one.intact for one in report.signatures):
        raise ReceivedNotValid
    if any(one.code in {Code.TAMPERED, Code.MODIFIED} for one in report.signatures):
        raise ReceivedChanged
    if new.timestamp_time is None or new.claimed_time is None:
        raise ReceivedNoTimestamp


def _check_nothing_else(base: bytes, data: bytes, field: str) -> None:
    """Compare the two object by object: a new signature covers its own revision, so it hides what else that brings."""
    try:
        old, reader = open_pdf(base).reader, open_pdf(data).reader
        revision = old.xrefs.total_revisions - 1
        if not _continues(old, reader, revision):
            raise ReceivedChanged
        result = FIRST_SIGNATURE_POLICY.review_file(reader, revision, doc_mdp=MDPPerm.FILL_FORMS)
    except SigningError:
        raise
    except Exception as error:  # pyHanko's analysis meets a stranger's objects
        raise ReceivedChanged from error
    if not isinstance(result, DiffResult) or result.modification_level > ModificationLevel.FORM_FILLING:
        raise ReceivedChanged
    if result.changed_form_fields - {field}:
        raise ReceivedChanged


def _continues(old: PdfFileReader, new: PdfFileReader, revision: int) -> bool:
    """Tell whether the newer cross-references are built on the older ones, and not beside them."""
    if new.xrefs.total_revisions <= revision + 1:
        return False
    return bool(new.xrefs.get_startxref_for_revision(revision) == old.last_startxref)
