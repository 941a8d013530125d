"""Errors of the signing package: one small tree, each with a text for people in Vietnamese and English.

Every error carries a stable ``code`` (for programs), ``vi`` (what the ward's staff read) and ``en``. Texts never hold a
PIN, a file path of the server or a personal name.
"""

from __future__ import annotations

from typing import ClassVar


class SigningError(Exception):
    """Something was refused or failed; nothing was written. Raised by every public function of the package."""

    code: ClassVar[str] = "signing_failed"
    vi: str = "Không ký được văn bản."
    en: str = "The document could not be signed."

    def __init__(self, vi: str | None = None, en: str | None = None) -> None:
        if vi is not None:
            self.vi = vi
        if en is not None:
            self.en = en
        super().__init__(self.en)

    def __reduce__(self) -> tuple[type[SigningError], tuple[str, str]]:
        """Keep both texts on the way between processes."""
        return type(self), (self.vi, self.en)

    def to_json(self) -> dict[str, str]:
        """``{"code", "vi", "en"}``: what the command line and the web show."""
        return {"code": self.code, "vi": self.vi, "en": self.en}


# ---- keystores -------------------------------------------------------------------------------------------------------


class KeystoreError(SigningError):
    """The key file could not be used."""

    code = "keystore_error"
    vi = "Không dùng được tệp khóa ký."
    en = "The key file cannot be used."


class WrongPin(KeystoreError):
    """The PIN does not open the key file."""

    code = "wrong_pin"
    vi = "Mã PIN không đúng."
    en = "The PIN is wrong."


class KeystoreUnreadable(KeystoreError):
    """The file is missing, empty, or no PKCS#12 file."""

    code = "keystore_unreadable"
    vi = "Tệp khóa ký không đọc được hoặc không phải là tệp PKCS#12 (.p12, .pfx)."
    en = "The key file cannot be read or is not a PKCS#12 file (.p12, .pfx)."


class NoKey(KeystoreError):
    """The file holds no private key with its certificate."""

    code = "no_key"
    vi = "Tệp khóa ký không có khóa bí mật kèm chứng thư số."
    en = "The key file holds no private key with its certificate."


class SeveralKeys(KeystoreError):
    """The file holds more than one private key, so the choice would be a guess."""

    code = "several_keys"
    vi = "Tệp khóa ký có nhiều khóa bí mật; cần một tệp chỉ có một khóa."
    en = "The key file holds several private keys; a file with exactly one is needed."


class UnsupportedKey(KeystoreError):
    """The key is neither RSA nor ECDSA."""

    code = "unsupported_key"
    vi = "Loại khóa trong tệp chưa được hỗ trợ (chỉ dùng RSA hoặc ECDSA)."
    en = "The type of key is not supported (only RSA and ECDSA are)."


# ---- certificate -----------------------------------------------------------------------------------------------------


class CertificateNotUsable(SigningError):
    """The certificate must not sign (domain rules: checked before every signature)."""

    code = "certificate_not_usable"
    vi = "Chứng thư số không dùng để ký được."
    en = "The certificate cannot be used for signing."


class CertificateExpired(CertificateNotUsable):
    """The certificate is past its validity period."""

    code = "certificate_expired"
    vi = "Chứng thư số đã hết hạn."
    en = "The certificate has expired."


class CertificateNotYetValid(CertificateNotUsable):
    """The certificate's validity period has not begun."""

    code = "certificate_not_yet_valid"
    vi = "Chứng thư số chưa đến ngày có hiệu lực."
    en = "The certificate is not valid yet."


class CertificateRevoked(CertificateNotUsable):
    """A list of revoked certificates at hand names this certificate or its issuer."""

    code = "certificate_revoked"
    vi = "Chứng thư số đã bị thu hồi."
    en = "The certificate has been revoked."


class WrongKeyUsage(CertificateNotUsable):
    """Neither digitalSignature nor nonRepudiation is among the key usages."""

    code = "wrong_key_usage"
    vi = "Chứng thư số không được cấp để ký văn bản (thiếu mục đích ký số)."
    en = "The certificate was not issued for signing documents (no digitalSignature or nonRepudiation)."


class WeakKey(CertificateNotUsable):
    """RSA below 2048 bits, an elliptic curve below 256, or a certificate signed with SHA-1."""

    code = "weak_key"
    vi = "Khóa hoặc thuật toán của chứng thư số quá yếu (cần RSA từ 2048 bit, ECDSA từ 256 bit, SHA-256)."
    en = "The key or algorithm of the certificate is too weak (RSA 2048, ECDSA 256, SHA-256 at least)."


class CertificateUntrusted(CertificateNotUsable):
    """Trust anchors were given and the certificate does not lead to any of them."""

    code = "certificate_untrusted"
    vi = "Chứng thư số không thuộc tổ chức chứng thực nào được tin cậy."
    en = "The certificate does not lead to any trusted authority."


# ---- document --------------------------------------------------------------------------------------------------------


class DocumentNotSignable(SigningError):
    """The PDF must not or cannot take a signature."""

    code = "document_not_signable"
    vi = "Văn bản này không ký được."
    en = "This document cannot be signed."


class DocumentUnreadable(DocumentNotSignable):
    """Not a PDF, or damaged."""

    code = "document_unreadable"
    vi = "Tệp không đọc được hoặc không phải là PDF."
    en = "The file cannot be read or is not a PDF."


class DocumentEncrypted(DocumentNotSignable):
    """Protected by a password or by permissions."""

    code = "document_encrypted"
    vi = "Tệp PDF có đặt mật khẩu hoặc mã hóa; hãy bỏ mật khẩu rồi thử lại."
    en = "The PDF is encrypted; remove the password and try again."


class DocumentLocked(DocumentNotSignable):
    """An earlier signature forbids what a new signature would add."""

    code = "document_locked"
    vi = "Chữ ký trước đã khóa văn bản, không cho ký thêm."
    en = "An earlier signature has locked the document against further signatures."


class DocumentHasXfa(DocumentNotSignable):
    """XFA forms draw pages that a signature does not pin down."""

    code = "document_has_xfa"
    vi = "Tệp PDF dùng biểu mẫu XFA, không ký được; hãy xuất lại thành PDF thường."
    en = "The PDF uses an XFA form and cannot be signed; export it as a plain PDF."


class BaseSignatureInvalid(DocumentNotSignable):
    """The document already carries a signature that is not valid: signing would lend it weight."""

    code = "base_signature_invalid"
    vi = "Văn bản đang có chữ ký không hợp lệ, không ký thêm lên được."
    en = "The document already carries an invalid signature; it cannot be signed again."


class AlreadySigned(DocumentNotSignable):
    """Preparing would change the content of a signed file."""

    code = "already_signed"
    vi = "Văn bản đã có chữ ký số nên được giữ nguyên, không thêm mã hay ô số ký hiệu."
    en = "The document is already signed and is kept as it is."


class FieldNotFound(DocumentNotSignable):
    """The field for the number is not there."""

    code = "field_not_found"
    vi = "Văn bản không có ô để điền số, ký hiệu."
    en = "The document has no field for the number."


class FieldAlreadyFilled(DocumentNotSignable):
    """The field already has a value: a number is given once."""

    code = "field_already_filled"
    vi = "Ô này trong văn bản đã được điền hoặc đã ký."
    en = "This field of the document is already filled or signed."


class PlacementError(SigningError):
    """The page or box asked for does not exist or is too small."""

    code = "bad_placement"
    vi = "Vị trí đặt chữ ký không nằm trong trang văn bản."
    en = "The place for the signature is not on a page of the document."


class PlaceTaken(PlacementError):
    """The box would cover a signature or form field that stands there already."""

    code = "place_taken"
    vi = "Chỗ đặt chữ ký đè lên chữ ký hoặc ô khác đã có trên trang. Hãy chọn chỗ khác."
    en = "The place for the signature covers another signature or field on the page. Choose another one."


class PictureUnreadable(SigningError):
    """The picture of the signature or seal is not a usable image."""

    code = "picture_unreadable"
    vi = "Ảnh chữ ký hoặc con dấu không đọc được (cần tệp PNG)."
    en = "The picture of the signature or seal cannot be read (a PNG file is needed)."


# ---- around the signature --------------------------------------------------------------------------------------------


class TimestampFailed(SigningError):
    """No timestamp could be had. A B-B signature is not saved in its place."""

    code = "timestamp_failed"
    vi = "Chưa lấy được dấu thời gian; văn bản chưa được ký. Hãy thử lại sau ít phút."
    en = "No timestamp could be obtained; the document was not signed. Try again in a few minutes."


class TimestampPending(TimestampFailed):
    """The key has signed and only the timestamp is missing.

    ``unfinished`` (a ``signing.protocol.UnfinishedSignature``) is all that ``complete_signature`` needs later: a caller
    that keeps it need not ask for key and PIN a second time. Code and texts stay those of the failure, for a caller
    that does not keep it has no signed document.
    """

    def __init__(self, unfinished: object) -> None:
        super().__init__()
        self.unfinished = unfinished

    def __reduce__(self) -> tuple[type[SigningError], tuple[object]]:  # type: ignore[override]
        """Keep what can be completed."""
        return type(self), (self.unfinished,)


class TimestamperMissing(SigningError):
    """The level asks for a timestamp and no service was named."""

    code = "timestamper_missing"
    vi = "Mức chữ ký này cần dịch vụ cấp dấu thời gian."
    en = "This signature level needs a timestamping service."


class LevelUnavailable(SigningError):
    """B-LTA was asked for where nothing adds archive timestamps."""

    code = "level_unavailable"
    vi = "Chưa cài đặt việc lưu trữ dài hạn nên chưa ký được ở mức B-LTA."
    en = "Level B-LTA is not available here: nothing adds archive timestamps."


class RevocationDataMissing(SigningError):
    """B-LT was asked for and the revocation data at hand do not cover the chain."""

    code = "revocation_data_missing"
    vi = "Chưa đủ dữ liệu tình trạng chứng thư số để ký ở mức B-LT."
    en = "The revocation data at hand do not suffice for level B-LT."


class PreparedUnreadable(SigningError):
    """A stored or received prepared signature is damaged, incomplete, or contradicts itself."""

    code = "prepared_unreadable"
    vi = "Dữ liệu chuẩn bị ký bị hỏng hoặc không đúng; hãy bắt đầu ký lại."
    en = "The prepared signature is damaged or contradicts itself; start again."


class PreparedMismatch(SigningError):
    """The file is not the one that was prepared, or the attributes to be signed speak of another file."""

    code = "prepared_mismatch"
    vi = "Văn bản hiển thị không phải là văn bản sắp ký; đã dừng lại, chưa ký gì."
    en = "The document shown is not the one about to be signed; stopped, nothing was signed."


class RawSignatureInvalid(SigningError):
    """What the key returned is no signature of this certificate over these attributes; nothing was embedded."""

    code = "raw_signature_invalid"
    vi = "Chữ ký do thiết bị trả về không khớp với chứng thư số; văn bản chưa được ký."
    en = "The signature returned does not fit the certificate; the document was not signed."


class MechanismUnsupported(SigningError):
    """The key can do none of the mechanisms that are allowed."""

    code = "mechanism_unsupported"
    vi = "Thiết bị ký không hỗ trợ thuật toán được phép (RSA-PSS, RSA PKCS#1 v1.5 hoặc ECDSA, với SHA-256)."
    en = "The key supports none of the allowed algorithms (RSA-PSS, RSA PKCS#1 v1.5 or ECDSA, with SHA-256)."


class OutputNotValid(SigningError):
    """The freshly signed file did not pass its own check; it is thrown away."""

    code = "output_not_valid"
    vi = "Tệp vừa ký không qua được bước tự kiểm tra nên đã bị hủy; văn bản gốc còn nguyên."
    en = "The freshly signed file did not pass its own check and was discarded; the original is untouched."


class BatchWorkerLost(SigningError):
    """The process that worked on this document died; nothing was written, the document can be tried again."""

    code = "batch_worker_lost"
    vi = "Tiến trình ký bị dừng đột ngột; văn bản này chưa được ký, hãy thử lại."
    en = "The signing process died; this document was not signed, try again."


class OutputNotWritten(SigningError):
    """The signed file could not be written: no room, no right."""

    code = "output_not_written"
    vi = "Không ghi được tệp đã ký (đĩa đầy hoặc không có quyền); văn bản gốc còn nguyên."
    en = "The signed file could not be written (disk full or no permission); the original is untouched."


class TrustMaterialUnreadable(SigningError):
    """A certificate or CRL file named by the caller cannot be read."""

    code = "trust_unreadable"
    vi = "Không đọc được tệp chứng thư tin cậy hoặc danh sách thu hồi."
    en = "A file of trusted certificates or revocation lists cannot be read."
