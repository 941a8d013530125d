"""Why a file was not preserved; the file stays as it was."""

from __future__ import annotations

from signing.errors import RevocationDataMissing, SigningError


class NotPreservable(SigningError):
    """The file has no signature that is valid today: preserving it would only make that look better than it is."""

    code = "not_preservable"
    vi = "Tệp không có chữ ký hợp lệ nào để lưu trữ lâu dài; tệp được giữ nguyên."
    en = "The file carries no valid signature to preserve; it stays as it is."


class RevocationDataStale(RevocationDataMissing):
    """The only list at hand of some issuer is past the time at which the next one was due."""

    code = "revocation_data_stale"
    vi = "Danh sách chứng thư bị thu hồi (CRL) đã quá hạn; hãy nạp danh sách mới rồi thử lại."
    en = "The revocation list at hand is out of date; load a new one and try again."
