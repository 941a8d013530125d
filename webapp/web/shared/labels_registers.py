"""What the screen says for enums of the ledger, the registers and reminders; labels.py takes them in."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.ledger_checks import FileRole, FileState, FindingKind

REGISTER_LABELS: dict[tuple[type[StrEnum], str], LazyString] = {
    (FileState, FileState.WHOLE): _l("Còn nguyên vẹn"),
    (FileState, FileState.MISSING): _l("Mất tệp"),
    (FileState, FileState.ALTERED): _l("Tệp đã bị sửa"),
    (FileRole, FileRole.BROUGHT): _l("Tệp tải lên"),
    (FileRole, FileRole.MADE): _l("Bản do phường ký hoặc cấp số"),
    (FileRole, FileRole.PAPER): _l("Giấy tờ kèm theo"),
    (FindingKind, FindingKind.CHAIN_BROKEN): _l("Sổ chữ ký đã bị sửa, xóa hoặc chèn dòng"),
    (FindingKind, FindingKind.FILE_MISSING): _l("Mất tệp đã lưu"),
    (FindingKind, FindingKind.FILE_ALTERED): _l("Tệp đã lưu bị sửa"),
    (FindingKind, FindingKind.FILE_UNREADABLE): _l("Không đọc được chữ ký trong tệp"),
    (FindingKind, FindingKind.SIGNATURE_UNKNOWN): _l("Tệp có chữ ký mà sổ không ghi"),
    (FindingKind, FindingKind.SIGNATURE_MISSING): _l("Sổ ghi chữ ký mà không tệp nào có"),
    (FindingKind, FindingKind.REVISION_ALTERED): _l("Phần đã ký trong tệp khác với sổ"),
}
