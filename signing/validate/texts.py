"""What a report says, in Vietnamese and English: plain words, one sentence a finding."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from signing.model import Code, Reason
from signing.settings import VIETNAM

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # verdict codes
    "ok": ("Chữ ký hợp lệ, văn bản còn nguyên vẹn.", "The signature is valid and the document is intact."),
    "tampered": (
        "Nội dung đã ký không còn nguyên vẹn: dữ liệu không khớp với chữ ký.",
        "The signed content is not intact: the data do not match the signature.",
    ),
    "modified": (
        "Văn bản đã bị thay đổi sau khi ký và không có chữ ký nào sau đó xác nhận thay đổi.",
        "The document was changed after signing, and no later signature accounts for the change.",
    ),
    "untrusted": (
        "Không xác định được người ký: chứng thư số không thuộc tổ chức chứng thực nào được tin cậy.",
        "The signer cannot be established: the certificate does not lead to a trusted authority.",
    ),
    "expired": (
        "Chứng thư số không còn hiệu lực tại thời điểm xét; không có dấu thời gian tin cậy chứng minh ký trước đó.",
        "The certificate was not valid at the control time; no trusted timestamp proves the signature older.",
    ),
    "revoked": (
        "Chứng thư số của người ký đã bị thu hồi từ {date}.",
        "The signer's certificate was revoked as of {date}.",
    ),
    "weak_algorithm": (
        "Chữ ký dùng thuật toán hoặc khóa quá yếu ({detail}), không còn chứng minh được gì.",
        "The signature uses an algorithm or key that is too weak ({detail}) and proves nothing.",
    ),
    "status_unknown": (
        "Chưa biết chứng thư số có bị thu hồi hay không: không có dữ liệu tình trạng dùng được.",
        "Whether the certificate was revoked is not known: no usable revocation data are at hand.",
    ),
    "unsigned": ("Văn bản không có chữ ký số.", "The document carries no digital signature."),
    "unreadable": ("Tệp không đọc được nên không kiểm tra được.", "The file cannot be read and was not checked."),
    # closer causes
    "hole": (
        "Phần không được chữ ký bao phủ không phải đúng là giá trị chữ ký.",
        "The part that the signature leaves out is not exactly the signature value.",
    ),
    "coverage": (
        "Chữ ký không bao phủ trọn phiên bản văn bản mà nó thuộc về.",
        "The signature does not cover the whole revision that it belongs to.",
    ),
    "trailing": (
        "Có dữ liệu lạ nối thêm vào cuối tệp, ngoài phần đã ký.",
        "Foreign data are appended to the file, outside what was signed.",
    ),
    "not_permitted": (
        "Thay đổi sau khi ký thuộc loại không được phép.",
        "The change after signing is of a kind that is not permitted.",
    ),
    "broken_timestamp": (
        "Dấu thời gian kèm chữ ký không khớp với chữ ký.",
        "The timestamp in the signature does not match the signature.",
    ),
    "key_usage": (
        "Chứng thư số không được cấp cho mục đích ký văn bản.",
        "The certificate was not issued for signing documents.",
    ),
    "tsa_usage": (
        "Chứng thư số của dấu thời gian không được cấp cho mục đích cấp dấu thời gian.",
        "The timestamp's certificate was not issued for timestamping.",
    ),
    "not_yet_valid": (
        "Chứng thư số chưa có hiệu lực tại thời điểm xét.",
        "The certificate was not yet valid at the control time.",
    ),
    "chain_broken": (
        "Chuỗi chứng thực không đúng quy tắc.",
        "The chain of certificates breaks a rule.",
    ),
    "stale": (
        "Dữ liệu tình trạng chứng thư số đã cũ so với thời điểm xét.",
        "The revocation data are older than the control time allows.",
    ),
    "signature_unreadable": (
        "Có một chữ ký mà trang này không đọc được.",
        "There is a signature that this check cannot read.",
    ),
    "hidden_signature": (
        "Tệp chứa dữ liệu chữ ký mà trang này không kiểm tra được.",
        "The file holds something like a signature that this check cannot examine.",
    ),
    # whole file
    "empty": ("Tệp rỗng.", "The file is empty."),
    "not_pdf": ("Tệp không phải là PDF.", "The file is not a PDF."),
    "encrypted": (
        "Tệp PDF có mật khẩu hoặc được mã hóa; hãy bỏ mật khẩu rồi kiểm tra lại.",
        "The PDF is encrypted; remove the password and check again.",
    ),
    "too_big": ("Tệp quá lớn.", "The file is too big."),
    "missing": ("Không tìm thấy hoặc không mở được tệp.", "The file is missing or cannot be opened."),
    "timeout": (
        "Kiểm tra quá lâu nên đã dừng; tệp có thể được tạo bất thường.",
        "The check took too long and was stopped; the file may be crafted.",
    ),
    "crashed": (
        "Việc kiểm tra dừng bất thường; tệp có thể được tạo bất thường.",
        "The check stopped abnormally; the file may be crafted.",
    ),
    # notes
    "control_timestamp": (
        "Chứng thư số được xét tại {time} theo dấu thời gian tin cậy.",
        "The certificate was judged at {time}, proved by a trusted timestamp.",
    ),
    "control_now": (
        "Chứng thư số được xét tại thời điểm kiểm tra ({time}) vì không có dấu thời gian tin cậy.",
        "The certificate was judged at the time of checking ({time}), as no trusted timestamp is present.",
    ),
    "control_given": (
        "Chứng thư số được xét tại thời điểm người kiểm tra chọn: {time}.",
        "The certificate was judged at the moment chosen by the checker: {time}.",
    ),
    "claimed_only": (
        "Thời gian ký {time} do máy người ký khai, chưa có dấu thời gian tin cậy chứng minh.",
        "The signing time {time} is the signer's own word; no trusted timestamp proves it.",
    ),
    "claimed_ahead": (
        "Thời gian ký tự khai đi trước thời gian kiểm tra được; có thiết bị ghi nhầm múi giờ. Không dùng để kết luận.",
        "The claimed signing time is ahead of the proved one; some tokens write the wrong zone. It decides nothing.",
    ),
    "claimed_far_ahead": (
        "Thời gian ký do máy người ký khai lệch hơn 7 giờ so với thời gian kiểm tra được. Không dùng để kết luận.",
        "The claimed signing time lies more than 7 hours ahead of the proved one. It decides nothing.",
    ),
    "timestamp_untrusted": (
        "Dấu thời gian có trong chữ ký nhưng chưa được tin cậy nên không dùng.",
        "The signature carries a timestamp that is not trusted and was not used.",
    ),
    "revoked_later": (
        "Chứng thư số bị thu hồi ngày {date}, sau thời điểm ký đã được chứng minh.",
        "The certificate was revoked on {date}, after the proved time of signing.",
    ),
    "revocation_not_declared": (
        "Chứng thư số không nêu nơi tra cứu tình trạng thu hồi.",
        "The certificate names no place to look up its revocation status.",
    ),
    "extended_by_later": (
        "Sau chữ ký này có điền thêm ô cho phép hoặc ký thêm; các chữ ký sau đã xác nhận.",
        "After this signature permitted fields were filled or signatures added; later signatures account for them.",
    ),
    "hybrid": (
        "Tệp dùng bảng tham chiếu kiểu cũ và mới lẫn nhau (thường do Word xuất ra); đã đọc ở chế độ khoan dung.",
        "The file mixes old and new cross-references (common in Word output); it was read leniently.",
    ),
    "lenient": (
        "Cấu trúc tệp có chỗ không đúng chuẩn; đã đọc ở chế độ khoan dung.",
        "The file's structure is not quite regular; it was read leniently.",
    ),
}


def reason(code: Code | str, *, text: str | None = None, **values: str) -> Reason:
    """Return the reason ``code``; ``text`` names a closer wording than the code's own."""
    vi, en = TEXTS[text or str(code)]
    return Reason(str(code), vi.format(**values), en.format(**values))


def day(moment: datetime) -> str:
    """``22/11/2026`` in Vietnam."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")


def moment_text(moment: datetime) -> str:
    """``22/11/2026 14:05:00 +07:00``."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S +07:00")
