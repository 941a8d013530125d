"""What the screen says for enums of the ledger, the registers, reminders and Word files; labels.py takes them in."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.events import AuditTag
from webapp.core.incoming import IncomingMedium, IncomingStatus
from webapp.core.ledger_checks import FileRole, FileState, FindingKind
from webapp.core.preservation import PreservationState
from webapp.core.reminders import MailTrouble
from webapp.core.signature_levels import SignatureLevel
from webapp.core.waiting import WORDS, WaitingKind
from webapp.core.webhooks import DeliveryStatus, PostTrouble, WebhookEvent
from webapp.core.word_files import SourceState

REGISTER_LABELS: dict[tuple[type[StrEnum], str], LazyString] = {
    **{(WaitingKind, kind): _l(words) for kind, words in WORDS.items()},
    (MailTrouble, MailTrouble.UNREACHABLE): _l("không kết nối được máy chủ thư"),
    (MailTrouble, MailTrouble.TLS): _l("chứng thư của máy chủ thư không đúng"),
    (MailTrouble, MailTrouble.LOGIN): _l("máy chủ thư không cho đăng nhập, hoặc không mã hóa"),
    (MailTrouble, MailTrouble.SERVER): _l("máy chủ thư báo lỗi"),
    (MailTrouble, MailTrouble.ADDRESS): _l("địa chỉ bị từ chối"),
    (AuditTag, AuditTag.REMINDER_CHANGE): _l("Sửa địa chỉ nhận thư nhắc việc"),
    (SourceState, SourceState.CONVERTING): _l("Đang chuyển đổi"),
    (SourceState, SourceState.CONVERTED): _l("Đã chuyển thành PDF"),
    (SourceState, SourceState.FAILED): _l("Không chuyển được"),
    (SourceState, SourceState.SET_ASIDE): _l("Đã có tệp khác thay"),
    (WebhookEvent, WebhookEvent.DOCUMENT_SUBMITTED): _l("Văn bản được trình ký"),
    (WebhookEvent, WebhookEvent.DOCUMENT_SIGNED): _l("Văn bản được ký"),
    (WebhookEvent, WebhookEvent.DOCUMENT_REJECTED): _l("Văn bản bị từ chối ký"),
    (WebhookEvent, WebhookEvent.DOCUMENT_NUMBERED): _l("Văn bản được cấp số"),
    (WebhookEvent, WebhookEvent.DOCUMENT_SEALED): _l("Văn bản được đóng dấu"),
    (WebhookEvent, WebhookEvent.DOCUMENT_PUBLISHED): _l("Văn bản được phát hành"),
    (WebhookEvent, WebhookEvent.INCOMING_REGISTERED): _l("Văn bản đến được vào sổ"),
    (WebhookEvent, WebhookEvent.INCOMING_ASSIGNED): _l("Văn bản đến được giao việc"),
    (WebhookEvent, WebhookEvent.INCOMING_DONE): _l("Văn bản đến đã giải quyết"),
    (WebhookEvent, WebhookEvent.TIMESTAMP_WAITING): _l("Chữ ký chờ dấu thời gian"),
    (WebhookEvent, WebhookEvent.TEST): _l("Tin thử"),
    (DeliveryStatus, DeliveryStatus.WAITING): _l("Chờ gửi"),
    (DeliveryStatus, DeliveryStatus.DELIVERED): _l("Đã nhận"),
    (DeliveryStatus, DeliveryStatus.FAILED): _l("Không gửi được"),
    (PostTrouble, PostTrouble.REFUSED): _l("Nơi nhận không nhận"),
    (PostTrouble, PostTrouble.TIMEOUT): _l("Nơi nhận trả lời quá lâu"),
    (PostTrouble, PostTrouble.UNREACHABLE): _l("Không kết nối được"),
    (PostTrouble, PostTrouble.TLS): _l("Chứng thư của nơi nhận không đúng"),
    (PostTrouble, PostTrouble.INNER_ADDRESS): _l("Tên máy chủ chỉ vào mạng nội bộ"),
    (PostTrouble, PostTrouble.PLAIN_HTTP): _l("Cần địa chỉ https"),
    (AuditTag, AuditTag.WEBHOOK_CHANGE): _l("Sửa địa chỉ báo tin"),
    (AuditTag, AuditTag.WEBHOOK_TEST): _l("Gửi tin thử"),
    (AuditTag, AuditTag.WEBHOOK_RESEND): _l("Gửi lại tin"),
    (AuditTag, AuditTag.LEVEL_CHANGE): _l("Đổi mức chữ ký của loại văn bản"),
    (AuditTag, AuditTag.DOCUMENT_ARCHIVE): _l("Lưu trữ lâu dài văn bản"),
    (AuditTag, AuditTag.ARCHIVE_ASK): _l("Yêu cầu lưu trữ lâu dài ngay"),
    (PreservationState, PreservationState.KEPT): _l("Bền vững"),
    (PreservationState, PreservationState.DUE): _l("Đến hạn"),
    (PreservationState, PreservationState.FAILING): _l("Chưa làm được"),
    (PreservationState, PreservationState.UNFIT): _l("Không có dấu thời gian"),
    (SignatureLevel, SignatureLevel.B_B): _l("B-B: chỉ chữ ký"),
    (SignatureLevel, SignatureLevel.B_T): _l("B-T: có dấu thời gian"),
    (SignatureLevel, SignatureLevel.B_LT): _l("B-LT: thêm dữ liệu thu hồi"),
    (SignatureLevel, SignatureLevel.B_LTA): _l("B-LTA: thêm dấu thời gian lưu trữ"),
    (IncomingStatus, IncomingStatus.RECEIVED): _l("Đã nhận, chờ vào sổ"),
    (IncomingStatus, IncomingStatus.REGISTERED): _l("Đang giải quyết"),
    (IncomingStatus, IncomingStatus.DONE): _l("Đã giải quyết"),
    (IncomingStatus, IncomingStatus.RETURNED): _l("Đã trả lại"),
    (IncomingMedium, IncomingMedium.ELECTRONIC): _l("Điện tử: có tệp đã ký số"),
    (IncomingMedium, IncomingMedium.PAPER): _l("Giấy"),
    (AuditTag, AuditTag.INCOMING_RECEIVE): _l("Nhận văn bản đến"),
    (AuditTag, AuditTag.INCOMING_REGISTER): _l("Vào sổ văn bản đến"),
    (AuditTag, AuditTag.INCOMING_RETURN): _l("Trả lại văn bản đến"),
    (AuditTag, AuditTag.INCOMING_CONFIRM): _l("Xác nhận đã nhận với nơi gửi"),
    (AuditTag, AuditTag.INCOMING_ASSIGN): _l("Giao văn bản đến"),
    (AuditTag, AuditTag.INCOMING_ACKNOWLEDGE): _l("Ký nhận văn bản đến"),
    (AuditTag, AuditTag.INCOMING_DONE): _l("Giải quyết xong văn bản đến"),
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
