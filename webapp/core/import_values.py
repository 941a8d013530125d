"""Reading what people type into the cells of a household workbook.

Generous with spaces, units and spellings; strict where a value could be read two ways. Empty is "not known", never 0.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from webapp.core.errors import N_
from webapp.core.surveys import FibreSpeed, VisitOutcome
from webapp.core.text import clean, fold


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell whose value must not be used: `kind` is "formula" or "error"."""

    kind: str
    text: str = ""


Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | BadCell | None


class CellError(ValueError):
    """A cell that cannot be read; `message` is a catalogue id that says what to do, `params` its values."""

    def __init__(self, message: str, /, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params: Mapping[str, object] = params


def phrases(text: str) -> tuple[str, ...]:
    """Split a table of synonyms written as "a | b | c"."""
    return tuple(part.strip() for part in text.split("|"))


def words(text: str) -> tuple[str, ...]:
    """Split a table of single words."""
    return tuple(text.split())


# Folded. A dash is what many tables print for "nothing known here".
UNKNOWN: Final = frozenset(
    phrases("khong biet | kb | khong ro | chua ro | chua biet | chua hoi | khong hoi | chua co so lieu | na | n a")
)
YES: Final = frozenset(
    phrases(
        "co | c | x | xx | v | 1 | yes | y | da | roi | da co | co roi | dung | true | da lap | da ket noi | da phu"
    )
)
NO: Final = frozenset(
    phrases("khong | k | ko | kh | khg | hong | 0 | no | n | chua | chua co | khong co | sai | false | chua lap")
)
_ZERO_WORDS: Final = frozenset({"khong", "ko", "khong co", "khong co ai", "khong ai", "chua co"})
_UNITS: Final = r"(?:nguoi|ng|khau|nhan khau|nk|may|cai|chiec|thiet bi|tb|ho|ket noi|tai khoan|tk)"
_TICKS: Final = frozenset("✓✔☑√✗✘×")
_CROSSES: Final = frozenset("✗✘×")
_WHOLE = re.compile(r"\d{1,9}")
_GROUPED = re.compile(r"\d{1,3}(?:[.  ]\d{3})+")
_WITH_UNIT = re.compile(rf"(\d{{1,9}}) ?{_UNITS}")
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_SPEED = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?) ?(gbps|gb/s|gb|g|mbps|mb/s|mb|m)?")
_SERIAL_EPOCH: Final = dt.date(1899, 12, 30)

FORMULA: Final = N_("ô %(cell)s là công thức; hãy dán giá trị (Sao chép → Dán đặc biệt → Giá trị)")
ERROR_CELL: Final = N_("ô %(cell)s báo lỗi của Excel (như #N/A); hãy sửa hoặc để trống")
NOT_A_NUMBER: Final = N_("cần một số, ví dụ 4; chưa biết thì để trống")
NOT_WHOLE: Final = N_("cần số nguyên, không có phần lẻ")
TWO_WAYS: Final = N_("số này có thể hiểu hai cách; hãy ghi lại không có dấu chấm, dấu phẩy")
NEGATIVE: Final = N_("không thể là số âm")
TOO_MANY: Final = N_("lớn hơn mức có thể có (%(maximum)s); hãy kiểm tra lại")
MARK_IN_COUNT: Final = N_("cần số người, không phải dấu x")
NOT_YES_NO: Final = N_("cần ghi “có” hoặc “không” (hoặc đánh dấu x); chưa biết thì để trống")
NOT_A_DAY: Final = N_("cần một ngày dạng ngày/tháng/năm, ví dụ 05/11/2026")
NOT_AN_OUTCOME: Final = N_("cần một trong: gặp được, vắng nhà, từ chối, chuyển đi, nhà trống")
NOT_A_SPEED: Final = N_("cần tốc độ như “300 Mbps” hoặc “1 Gbps”")
IS_DATE: Final = N_("ô đang là ngày tháng; hãy đổi định dạng ô thành Số rồi nhập lại")


def plain_text(cell: Cell) -> str:
    """Give a cell as one line of text; whole numbers without ".0", days as dd/mm/yyyy."""
    if isinstance(cell, str):
        return clean(cell.replace("\x00", ""))
    if cell is None or isinstance(cell, BadCell):
        return cell.text if isinstance(cell, BadCell) else ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return f"{cell:%d/%m/%Y %H:%M}" if cell.time() != dt.time() else f"{cell:%d/%m/%Y}"
    if isinstance(cell, dt.date):
        return f"{cell:%d/%m/%Y}"
    return str(cell)


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing but white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_unknown(text: str) -> bool:
    return not text.strip("-–—.?…_ ") or fold(text) in UNKNOWN


def read_count(cell: Cell, maximum: int) -> int | None:
    """Read a count of persons or things, None when not known. Raises CellError."""
    if cell is None or cell == "":
        return None
    number: int | None
    if isinstance(cell, float | int):
        number = _from_number(cell)
    elif isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise CellError(IS_DATE)
    else:
        number = _from_text(plain_text(cell))
    if number is not None and number < 0:
        raise CellError(NEGATIVE)
    if number is not None and number > maximum:
        raise CellError(TOO_MANY, maximum=maximum)
    return number


def _from_number(cell: float) -> int:
    if isinstance(cell, bool):
        raise CellError(NOT_A_NUMBER)
    if not math.isfinite(cell) or cell != int(cell):
        raise CellError(NOT_WHOLE)
    return int(cell)


def _from_text(text: str) -> int | None:
    if _is_unknown(text):
        return None
    folded = fold(text)
    if folded in _ZERO_WORDS:
        return 0
    bare = text.replace("+", "", 1) if text.startswith("+") else text
    if bare.isascii() and _WHOLE.fullmatch(bare):
        return int(bare)
    if _GROUPED.fullmatch(bare):
        return int(re.sub(r"\D", "", bare))
    if re.fullmatch(r"\d{1,9}[.,]0", bare):
        return int(bare[:-2])
    if united := _WITH_UNIT.fullmatch(folded):
        return int(united[1])
    if re.fullmatch(r"-\s?\d+", bare):
        raise CellError(NEGATIVE)
    if re.fullmatch(r"\d+(?:[.,]\d+)+", bare):
        raise CellError(TWO_WAYS)
    if folded in {"x", "xx", "v"} or set(text) <= _TICKS:
        raise CellError(MARK_IN_COUNT)
    raise CellError(NOT_A_NUMBER)


def read_yes_no(cell: Cell) -> bool | None:
    """Read có/không, x, 1/0; None when not known. Raises CellError."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return cell
    return _yes_no(plain_text(cell))


@lru_cache(maxsize=1024)
def _yes_no(text: str) -> bool | None:
    if text and set(text) <= _TICKS:
        return not set(text) <= _CROSSES
    if _is_unknown(text):
        return None
    folded = fold(text)
    if folded in YES:
        return True
    if folded in NO:
        return False
    raise CellError(NOT_YES_NO)


def is_mark(cell: Cell) -> bool:
    """Tell whether a cell is a tick of a tick column, where an empty cell may mean "no"."""
    text = plain_text(cell)
    return len(text) < 4 and (fold(text) in {"x", "xx", "v"} or (bool(text) and set(text) <= _TICKS))


def read_day(cell: Cell) -> dt.date | None:
    """Read a day: a date cell, an Excel serial, dd/mm/yyyy (day first, as Vietnam writes) or ISO. Raises CellError."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _from_serial(float(cell))
    text = plain_text(cell)
    if _is_unknown(text):
        return None
    try:
        if found := _DAY.fullmatch(text):
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            return dt.date(year, int(found[2]), int(found[1]))
        if found := _ISO.fullmatch(text):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        if re.fullmatch(r"\d{5}", text):
            return _from_serial(float(text))
    except ValueError as error:
        raise CellError(NOT_A_DAY) from error
    raise CellError(NOT_A_DAY)


def _from_serial(value: float) -> dt.date:
    # 36 526 is 1 January 2000, 73 050 the end of 2099: anything else is a year or a count, not a day.
    if not math.isfinite(value) or not 36_526 <= value < 73_051:
        raise CellError(NOT_A_DAY)
    return _SERIAL_EPOCH + dt.timedelta(days=int(value))


_OUTCOME_WORDS: Final = (
    (
        VisitOutcome.INTERVIEWED,
        "gap duoc | gap | gap va hoi duoc | da khao sat | phong van duoc | co | hoan thanh | da phong van | da gap",
    ),
    (VisitOutcome.ABSENT, "vang nha | vang | di vang | khong gap | khong co nha | absent"),
    (VisitOutcome.REFUSED, "tu choi | khong tra loi | khong hop tac | tu choi tra loi | refused"),
    (VisitOutcome.MOVED_AWAY, "chuyen di | da chuyen di | chuyen noi khac | chuyen cho o | moved away"),
    (VisitOutcome.VACANT, "nha trong | khong co nguoi o | nha khong co nguoi o | bo trong | khong o | vacant"),
)
_OUTCOMES: Final[Mapping[str, VisitOutcome]] = MappingProxyType(
    {phrase: outcome for outcome, text in _OUTCOME_WORDS for phrase in phrases(text)}
)


def read_outcome(cell: Cell) -> VisitOutcome | None:
    """Read what happened at the door; None when the cell is empty. Raises CellError."""
    if cell is None:
        return None
    text = plain_text(cell)
    if _is_unknown(text):
        return None
    try:
        return _OUTCOMES[fold(text)]
    except KeyError as error:
        raise CellError(NOT_AN_OUTCOME) from error


def read_speed(cell: Cell) -> FibreSpeed | None:
    """Read a speed: "300 Mbps", "1 Gb/s", a number in Mb/s, "dưới 1 Gbps", "từ 1 Gbps". Raises CellError."""
    return None if cell is None else _speed(plain_text(cell))


@lru_cache(maxsize=1024)
def _speed(text: str) -> FibreSpeed | None:
    if _is_unknown(text):
        return None
    folded = fold(text)
    below = folded.startswith(("duoi", "nho hon", "it hon")) or text.startswith("<")
    stripped = re.sub(r"^(?:tu|tren|duoi|nho hon|it hon|lon hon|khoang|>=|<=|[<>≥≤~])\s*", "", _plain_speed(text))
    stripped = re.sub(r"\s*(?:tro len|/s)$", "", stripped)
    found = _SPEED.fullmatch(stripped)
    if not found:
        raise CellError(NOT_A_SPEED)
    value = float(found[1].replace(",", "."))
    megabits = value * 1000 if (found[2] or "m").startswith("g") else value
    if not megabits:
        raise CellError(NOT_A_SPEED)
    return FibreSpeed.FROM_1G if megabits >= 1000 and not below else FibreSpeed.BELOW_1G


def _plain_speed(text: str) -> str:
    lowered = clean(text).casefold().replace("gbit", "gb").replace("mbit", "mb").replace("gb/giây", "gb/s")
    lowered = lowered.replace("mb/giây", "mb/s").replace("từ", "tu").replace("trên", "tren").replace("dưới", "duoi")
    return lowered.replace("trở lên", "tro len").replace("nhỏ hơn", "nho hon").replace("khoảng", "khoang")


_GROUP_PREFIX = re.compile(r"^(?:to dan pho|khu dan cu|khu pho|tdp|to|thon|kp)(?: so)?(?: |(?=\d))")


def group_keys(text: str) -> tuple[str, ...]:
    """Give the forms under which a residential group may be written, surest first.

    "Tổ dân phố số 05", "TDP5", "tổ 5" and "5" share the last form.
    """
    folded = fold(text)
    bare = _GROUP_PREFIX.sub("", folded)
    number = bare.lstrip("0") if bare.isdigit() else bare
    return tuple(dict.fromkeys(key for key in (folded, bare, number) if key))
