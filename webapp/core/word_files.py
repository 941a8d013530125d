"""Word files that become documents: what is taken, why one is refused, and where its conversion stands."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from webapp.core.errors import N_, InvalidInput, Problem


class SourceState(StrEnum):
    """Where a Word file stands."""

    CONVERTING = "converting"
    CONVERTED = "converted"
    FAILED = "failed"
    SET_ASIDE = "set_aside"


UNRESOLVED: Final = frozenset({SourceState.CONVERTING, SourceState.FAILED})
WORD_ENDINGS: Final = (".docx", ".doc", ".docm", ".dotx", ".dot", ".rtf", ".odt")

# Each says what to do; the last way, a PDF saved in Word, is always open.
WORD_PROBLEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": N_(
            "Máy chủ chưa cài LibreOffice nên không chuyển được tệp Word. Hãy mở tệp bằng Word, chọn Lưu thành PDF rồi "
            "tải tệp PDF lên; hoặc báo quản trị cài LibreOffice."
        ),
        "old": N_("Đây là tệp Word đời cũ (.doc). Hãy mở bằng Word, lưu lại thành .docx hoặc PDF rồi tải lên."),
        "macro": N_("Tệp Word này có macro (.docm). Hãy lưu lại thành “Word Document (.docx)” hoặc PDF rồi tải lên."),
        "locked": N_("Tệp Word này đặt mật khẩu mở. Hãy bỏ mật khẩu rồi tải lên."),
        "other": N_("Tệp này không phải tệp Word .docx. Hãy chọn tệp .docx hoặc PDF."),
        "broken": N_("Tệp Word bị hỏng hoặc chưa tải lên hết. Hãy mở lại bằng Word, lưu lại rồi tải lên."),
        "too_big": N_("Tệp Word bung ra quá lớn nên không được đọc. Hãy giảm cỡ ảnh trong tệp, hoặc lưu thành PDF."),
        "linked": N_(
            "Tệp Word có ảnh hoặc nội dung liên kết từ nơi khác, không nằm trong tệp. Hãy chèn hẳn vào tệp "
            "(trong Word: Tệp → Thông tin → Sửa liên kết → Ngắt liên kết), hoặc lưu thành PDF rồi tải lên."
        ),
        "tracked": N_(
            "Tệp Word còn thay đổi chưa chấp nhận (Track Changes), bản PDF sẽ in cả chữ đã xóa. Hãy mở bằng Word, chọn "
            "Xem lại → Chấp nhận tất cả, lưu rồi tải lên."
        ),
        "slow": N_("Chuyển tệp Word quá lâu nên đã dừng. Hãy mở bằng Word, lưu thành PDF rồi tải tệp PDF lên."),
        "failed": N_("LibreOffice không chuyển được tệp này. Hãy mở bằng Word, lưu thành PDF rồi tải tệp PDF lên."),
    }
)


class WordRefused(InvalidInput):
    """A Word file is not taken, or could not be converted. `problem` is a key of WORD_PROBLEMS."""

    code = "word-refused"

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(Problem("content", WORD_PROBLEMS[problem]))


def is_word_name(filename: str) -> bool:
    """Tell whether somebody means a text program's file; what it really is, its bytes say."""
    return filename.lower().strip().endswith(WORD_ENDINGS)


def tidy_word_name(name: str) -> str:
    """Keep the last part of a file's name: printable, ending in .docx, 120 letters at most."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*;').strip()
    stem = plain[:-5] if plain.lower().endswith(".docx") else plain
    return f"{stem.strip('. ')[:115] or 'van-ban'}.docx"
