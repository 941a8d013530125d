"""What an export of the survey holds: the order, its columns, and the words of a cell.

A file is data for other programs and other offices, so its Vietnamese does not follow the reader's language.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from webapp.core.surveys import AgeBand, Barrier, FibreSpeed, Sex, VisitOutcome, VisitStatus

WARD_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")


class ExportTable(StrEnum):
    """What is one row of a table."""

    VISITS = "visits"
    ADULTS = "adults"


class ExportFormat(StrEnum):
    """The file that is made."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


class Wording(StrEnum):
    """How headings and cells are written: for people, or for programs."""

    WORDS = "words"
    CODES = "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What is asked for. `group_ids` None is the whole ward; `names`: head's name, address and free text too.

    `revisions`: every revision of each visit instead of the newest one.
    """

    round_id: UUID | None = None
    group_ids: frozenset[UUID] | None = None
    status: VisitStatus | None = None
    revisions: bool = False
    names: bool = False
    wording: Wording = Wording.WORDS

    def to_json(self) -> dict[str, Any]:
        """Give plain values for a job."""
        return {
            "round_id": str(self.round_id) if self.round_id else None,
            "group_ids": None if self.group_ids is None else sorted(map(str, self.group_ids)),
            "status": self.status.value if self.status else None,
            "revisions": self.revisions,
            "names": self.names,
            "wording": self.wording.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from `to_json`."""
        groups = data["group_ids"]
        return cls(
            round_id=UUID(data["round_id"]) if data["round_id"] else None,
            group_ids=None if groups is None else frozenset(map(UUID, groups)),
            status=VisitStatus(data["status"]) if data["status"] else None,
            revisions=data["revisions"],
            names=data["names"],
            wording=Wording(data["wording"]),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, its heading for people, and whether it may name a person."""

    code: str
    heading: str
    personal: bool = False


VISIT_COLUMNS: Final = (
    Column("visit_id", "Mã phiếu"),
    Column("revision", "Bản thứ"),
    Column("round", "Đợt khảo sát"),
    Column("group_code", "Mã tổ"),
    Column("group", "Tổ dân phố"),
    Column("household_id", "Mã hộ"),
    Column("household_number", "Số hộ"),
    Column("head_name", "Họ tên chủ hộ", personal=True),
    Column("address", "Địa chỉ", personal=True),
    Column("outcome", "Kết quả"),
    Column("status", "Tình trạng phiếu"),
    Column("visited_on", "Ngày đến nhà"),
    Column("made_at", "Lúc ghi"),
    Column("made_by", "Người ghi"),
    Column("source", "Nguồn"),
    Column("started_at", "Lúc mở phiếu"),
    Column("finished_at", "Lúc xong phiếu"),
    Column("reason", "Lý do sửa", personal=True),
    Column("totals_only", "Chỉ có số tổng"),
)
ADULT_COUNTS: Final = (
    Column("smartphone", "điện thoại thông minh"),
    Column("digital_id", "số định danh"),
    Column("vneid_l2", "VNeID mức 2"),
    Column("digital_signature", "chữ ký số"),
    Column("signature", "chữ ký số hoặc điện tử"),
)
MINOR_BANDS: Final = ("0-5", "6-13", "14", "15-17")
HOUSE_COLUMNS: Final = (
    Column("fibre_covered", "Có cáp quang đi qua"),
    Column("fibre_connected", "Đã lắp cáp quang"),
    Column("fibre_speed", "Tốc độ cáp quang"),
    Column("iot_connections", "Thiết bị kết nối Internet"),
    Column("payment_accounts", "Người có tài khoản thanh toán"),
    Column("note", "Ghi chú", personal=True),
)
ANSWER_COLUMNS: Final = (
    Column("residents", "Số người"),
    Column("adults", "Người lớn"),
    *(
        column
        for count in ADULT_COUNTS
        for column in (
            Column(f"adults_{count.code}", f"Người lớn có {count.heading}"),
            Column(f"adults_{count.code}_unknown", f"Người lớn không rõ {count.heading}"),
        )
    ),
    *(Column(f"minors_{band}", f"Trẻ {band} tuổi") for band in MINOR_BANDS),
    Column("digital_id_residents", "Người có số định danh (số tổng)"),
    Column("vneid_l2_residents", "Người có VNeID mức 2 (số tổng)"),
    *HOUSE_COLUMNS,
)
ALL_VISIT_COLUMNS: Final = VISIT_COLUMNS + ANSWER_COLUMNS
LINE_COLUMNS: Final = (
    Column("visit_id", "Mã phiếu"),
    Column("revision", "Bản thứ"),
    Column("round", "Đợt khảo sát"),
    Column("group_code", "Mã tổ"),
    Column("household_number", "Số hộ"),
    Column("visited_on", "Ngày đến nhà"),
    Column("line", "Người lớn thứ"),
    Column("sex", "Giới tính"),
    Column("age_band", "Nhóm tuổi"),
    Column("smartphone", "Điện thoại thông minh"),
    Column("digital_id", "Số định danh"),
    Column("vneid_level", "VNeID mức"),
    Column("digital_signature", "Chữ ký số"),
    Column("e_signature", "Chữ ký điện tử khác"),
    Column("barrier", "Lý do chính còn thiếu"),
)
COLUMNS: Final[Mapping[ExportTable, tuple[Column, ...]]] = {
    ExportTable.VISITS: ALL_VISIT_COLUMNS,
    ExportTable.ADULTS: LINE_COLUMNS,
}

WORDS: Final[Mapping[StrEnum, str]] = {
    VisitOutcome.INTERVIEWED: "Gặp và hỏi được",
    VisitOutcome.ABSENT: "Vắng nhà",
    VisitOutcome.REFUSED: "Từ chối trả lời",
    VisitOutcome.MOVED_AWAY: "Đã chuyển đi",
    VisitOutcome.VACANT: "Nhà không có người ở",
    VisitStatus.DRAFT: "Nháp",
    VisitStatus.SUBMITTED: "Đã nộp",
    VisitStatus.NEEDS_CORRECTION: "Cần sửa",
    VisitStatus.APPROVED: "Đã duyệt",
    VisitStatus.LOCKED: "Đã chốt",
    Sex.MALE: "Nam",
    Sex.FEMALE: "Nữ",
    **{band: band.value for band in AgeBand},
    Barrier.NO_DEVICE: "Không có máy",
    Barrier.NO_SKILL: "Chưa biết dùng",
    Barrier.NO_NEED: "Không có nhu cầu",
    Barrier.COST: "Tốn kém",
    Barrier.FRAUD: "Sợ bị lừa đảo",
    Barrier.NO_PAPERS: "Thiếu giấy tờ",
    Barrier.OTHER: "Lý do khác",
    FibreSpeed.BELOW_1G: "Dưới 1 Gb/s",
    FibreSpeed.FROM_1G: "Từ 1 Gb/s trở lên",
}


def columns_of(table: ExportTable, order: ExportOrder) -> tuple[Column, ...]:
    """Give the columns that the order may hold."""
    return tuple(column for column in COLUMNS[table] if order.names or not column.personal)


def headings(columns: Sequence[Column], wording: Wording) -> list[str]:
    """Give the first row of the file."""
    return [column.code if wording is Wording.CODES else column.heading for column in columns]


def cell(value: object, wording: Wording) -> object:
    """Give a value as its cell holds it; an unknown is an empty cell, never "no" and never 0."""
    if value is None:
        return None
    if isinstance(value, bool):
        return ("Có" if value else "Không") if wording is Wording.WORDS else ("true" if value else "false")
    if isinstance(value, StrEnum):
        return WORDS[value] if wording is Wording.WORDS else value.value
    if isinstance(value, dt.datetime):
        here = value.astimezone(WARD_ZONE).replace(microsecond=0)
        return f"{here:%Y-%m-%d %H:%M:%S}" if wording is Wording.WORDS else here.isoformat()
    return value
