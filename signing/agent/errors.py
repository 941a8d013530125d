"""Refusals of the agent, by name, for the page and for the person."""

from __future__ import annotations

from signing.errors import SigningError


class AgentError(SigningError):
    """Something was refused; nothing was signed."""

    code = "agent_error"
    vi = "Phần mềm ký trên máy báo lỗi. Hãy thử lại."
    en = "The signing agent reports an error. Try again."
    status: int = 400
    """What the page's request is answered with (RFC 9110)."""


class NotPaired(AgentError):
    """This page's address was never allowed, or was taken off the list."""

    code = "not_paired"
    vi = "Trang này chưa được kết nối với phần mềm ký trên máy."
    en = "This page is not paired with the signing agent."
    status = 401


class CodeWrong(AgentError):
    """Another code, another page, too late, or too many tries."""

    code = "code_wrong"
    vi = "Mã kết nối không đúng hoặc đã hết hạn. Hãy lấy mã mới ở trang của phần mềm ký."
    en = "The pairing code is wrong or has run out. Get a new one on the agent's own page."
    status = 403


class OrderUnreadable(AgentError):
    """The page sent something that is no order to sign."""

    code = "order_unreadable"
    vi = "Yêu cầu ký không đọc được. Hãy tải lại trang rồi thử lại."
    en = "The order to sign cannot be read."


class KeyNotHere(AgentError):
    """The enrolled certificate is on no token and in no file of this computer."""

    code = "key_not_here"
    vi = "Không thấy khóa đã đăng ký trên máy này. Hãy cắm đúng token rồi thử lại."
    en = "The enrolled key is not on this computer. Plug in the right token."
    status = 409


class BatchUnknown(AgentError):
    """No such batch: ended, forgotten, or of another page."""

    code = "batch_unknown"
    vi = "Lượt ký này không còn nữa. Hãy quay lại trang của phường và bấm ký lại."
    en = "This batch is gone. Go back to the ward's page and start again."
    status = 404


class BatchExpired(AgentError):
    """Nobody gave the PIN in time."""

    code = "expired"
    vi = "Đã quá thời hạn ký. Hãy quay lại trang của phường và bấm ký lại."
    en = "The time for signing has run out. Start again on the ward's page."
    status = 410


class BatchRefused(AgentError):
    """The person pressed "do not sign"."""

    code = "refused"
    vi = "Bạn đã chọn không ký. Chưa văn bản nào trong số này được ký thêm."
    en = "You chose not to sign."
    status = 409


class WardUnreachable(AgentError):
    """The prepared document could not be fetched."""

    code = "ward_unreachable"
    vi = "Phần mềm ký không tải được văn bản từ máy chủ của phường. Hãy kiểm tra mạng rồi thử lại."
    en = "The document could not be fetched from the ward's server."


class TooMuch(AgentError):
    """More or bigger documents than one batch may hold."""

    code = "too_much"
    vi = "Quá nhiều hoặc quá lớn cho một lượt ký. Hãy ký ít văn bản hơn mỗi lần."
    en = "Too many or too large documents for one batch."
    status = 413
