"""The built-in household form as rows of an XLSForm.

Names and codes are those of core.surveys.Answers; a count is unknown by an answer of its own, never by a blank. Labels
are catalogue ids (extra questions bring their words), so that whoever writes the form says them in its languages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from webapp.core.errors import N_
from webapp.core.survey_checks import ADULTS_MAX, COUNT_MAX, NOTE_MAX

HOUSEHOLD_FILE: Final = "households.csv"
NOT_KNOWN: Final = "unknown"
MINORS: Final = {"0-5": "m0_5", "6-13": "m6_13", "14": "m14", "15-17": "m15_17"}
MINOR_COUNTS: Final = {
    "0-5": ("digital_id",),
    "6-13": ("digital_id",),
    "14": ("digital_id", "vneid_l2"),
    "15-17": ("digital_id", "vneid_l2", "smartphone"),
}
TOTALS: Final[Mapping[str, str]] = {
    "residents_14plus": N_("Người từ 14 tuổi trở lên"),
    "smartphone_adults": N_("Người lớn có điện thoại thông minh"),
    "digital_id_residents": N_("Người có số định danh"),
    "vneid_l2": N_("Người có VNeID mức 2"),
    "esignature_adults": N_("Người lớn có chữ ký số hoặc chữ ký điện tử"),
    "digital_signature_adults": N_("Trong đó: có chữ ký số"),
}

Label = str | Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """One row of the sheet `survey`. Labels: a catalogue id, or words by language."""

    type: str
    name: str = ""
    label: Label = ""
    hint: Label = ""
    required: bool = False
    relevant: str = ""
    constraint: str = ""
    constraint_message: Label = ""
    calculation: str = ""
    default: str = ""
    appearance: str = ""
    repeat_count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One row of the sheet `choices`."""

    list_name: str
    name: str
    label: Label


def door_rows() -> Iterator[FormRow]:
    """Ask which household, when, and what happened at the door."""
    yield FormRow(type="start", name="started_at")
    yield FormRow(type="end", name="finished_at")
    yield FormRow(
        type=f"select_one_from_file {HOUSEHOLD_FILE}",
        name="household",
        label=N_("Hộ nào?"),
        hint=N_("Gõ số hộ hoặc địa chỉ để tìm."),
        required=True,
        appearance="minimal autocomplete",
    )
    yield FormRow(
        type="date",
        name="visited_on",
        label=N_("Ngày đến nhà"),
        required=True,
        default="today()",
        constraint=". <= today()",
        constraint_message=N_("Ngày này chưa đến. Ghi ngày bạn đã đến nhà."),
    )
    yield FormRow(type="select_one outcome", name="outcome", label=N_("Hôm nay gặp được chủ nhà không?"), required=True)


def answer_rows() -> Iterator[FormRow]:
    """Ask about people and house; only where somebody was interviewed."""
    yield FormRow(type="begin_group", name="answers", relevant="${outcome} = 'interviewed'", label=N_("Câu trả lời"))
    yield FormRow(
        type="select_one mode",
        name="mode",
        label=N_("Ghi từng người hay chỉ ghi số tổng?"),
        required=True,
        default="lines",
    )
    yield FormRow(type="begin_group", name="people", relevant="${mode} = 'lines'", label=N_("Người trong nhà"))
    yield from _adults()
    for band, label in _BANDS.items():
        yield from _minors(band, label)
    yield FormRow(type="end_group")
    yield FormRow(type="begin_group", name="totals", relevant="${mode} = 'totals'", label=N_("Chỉ có số tổng"))
    yield _whole("residents", N_("Số người trong nhà"), least=1)
    yield _whole("adults_total", N_("Người lớn (từ 18 tuổi)"), most="${residents}")
    for name, label in TOTALS.items():
        yield from _count(name, label, most="${adults_total}" if name in _OF_ADULTS else "${residents}")
    yield FormRow(type="end_group")
    yield from _house()
    yield FormRow(type="end_group")


_OF_ADULTS: Final = {"smartphone_adults", "esignature_adults", "digital_signature_adults"}
_BANDS: Final = {
    "0-5": N_("Trẻ 0–5 tuổi"),
    "6-13": N_("Trẻ 6–13 tuổi"),
    "14": N_("Trẻ 14 tuổi"),
    "15-17": N_("Trẻ 15–17 tuổi"),
}
_OF_MINORS: Final = {
    "digital_id": N_("Có số định danh"),
    "vneid_l2": N_("Có VNeID mức 2"),
    "smartphone": N_("Có điện thoại thông minh"),
}


def _adults() -> Iterator[FormRow]:
    yield replace(_whole("adult_count", N_("Người lớn (từ 18 tuổi)"), most=str(ADULTS_MAX)))
    yield FormRow(type="begin_repeat", name="adults", label=N_("Người lớn"), repeat_count="${adult_count}")
    for name, codes, label in (
        ("sex", "sex", N_("Giới tính")),
        ("age_band", "age_band", N_("Tuổi")),
        ("smartphone", "yes_no", N_("Điện thoại thông minh")),
        ("digital_id", "yes_no", N_("Số định danh (căn cước)")),
        ("vneid_level", "vneid_level", N_("Tài khoản VNeID")),
        ("digital_signature", "yes_no", N_("Chữ ký số")),
        ("e_signature", "yes_no", N_("Chữ ký điện tử khác")),
    ):
        yield FormRow(type=f"select_one {codes}", name=name, label=label, required=True)
    yield FormRow(type="select_one barrier", name="barrier", label=N_("Lý do chính nếu còn thiếu"))
    yield FormRow(type="end_repeat")


def _minors(band: str, label: str) -> Iterator[FormRow]:
    part = MINORS[band]
    yield _whole(f"{part}_count", label)
    yield FormRow(type="begin_group", name=part, relevant=f"${{{part}_count}} > 0", label=label)
    for name in MINOR_COUNTS[band]:
        yield from _count(f"{part}_{name}", _OF_MINORS[name], most=f"${{{part}_count}}")
    yield FormRow(type="end_group")


def _house() -> Iterator[FormRow]:
    yield FormRow(type="begin_group", name="house", label=N_("Mạng và thiết bị"))
    for name, label, relevant in (
        ("fibre_connected", N_("Nhà đã lắp cáp quang chưa?"), ""),
        ("fibre_covered", N_("Nơi này đã có cáp quang đi qua chưa?"), "${fibre_connected} != 'yes'"),
    ):
        yield FormRow(type="select_one yes_no", name=name, label=label, required=True, relevant=relevant)
    yield FormRow(
        type="select_one fibre_speed",
        name="fibre_speed",
        label=N_("Nếu đã lắp: tốc độ có thể đạt"),
        required=True,
        relevant="${fibre_connected} = 'yes'",
    )
    yield from _count("iot_connections", N_("Thiết bị kết nối Internet trong nhà"))
    only_totals = replace(_whole("residents_15plus", N_("Người từ 15 tuổi trở lên"), most="${residents}"))
    yield replace(only_totals, required=False, relevant="${mode} = 'totals'")
    yield replace(_whole("payment_accounts", N_("Người từ 15 tuổi có tài khoản thanh toán")), required=False)
    yield FormRow(type="end_group")


def _count(name: str, label: str, *, most: str = str(COUNT_MAX)) -> Iterator[FormRow]:
    """Ask for a number in two steps, so that "not known" is an answer and never a blank or a zero."""
    yield FormRow(type="select_one known", name=f"{name}_known", label=label, required=True)
    yield replace(_whole(name, label, most=most), relevant=f"${{{name}_known}} = 'known'")


def _whole(name: str, label: str, *, least: int = 0, most: str = str(COUNT_MAX)) -> FormRow:
    return FormRow(
        type="integer",
        name=name,
        label=label,
        required=True,
        constraint=f". >= {least} and . <= {most}",
        constraint_message=N_("Số này không thể đúng. Xem lại số người đã ghi."),
    )


def end_rows() -> Iterator[FormRow]:
    """Leave room for a note."""
    yield FormRow(
        type="text",
        name="note",
        label=N_("Ghi chú"),
        constraint=f"string-length(.) <= {NOTE_MAX}",
        constraint_message=N_("Ghi chú dài quá. Viết ngắn lại."),
    )


def _list(list_name: str, /, **labels: str) -> tuple[ChoiceRow, ...]:
    return tuple(ChoiceRow(list_name=list_name, name=name, label=label) for name, label in labels.items())


_UNKNOWN: Final = {NOT_KNOWN: N_("Không biết")}
CHOICES: Final = (
    *_list("yes_no", yes=N_("Có"), no=N_("Không"), **_UNKNOWN),
    *_list("known", known=N_("Ghi số"), **_UNKNOWN),
    *_list("mode", lines=N_("Ghi từng người"), totals=N_("Chỉ có số tổng")),
    *_list(
        "outcome",
        interviewed=N_("Gặp và hỏi được"),
        absent=N_("Vắng nhà"),
        refused=N_("Từ chối trả lời"),
        moved_away=N_("Đã chuyển đi"),
        vacant=N_("Nhà không có người ở"),
    ),
    *_list("sex", male=N_("Nam"), female=N_("Nữ"), **_UNKNOWN),
    *_list(
        "age_band",
        **{
            "18-29": N_("18–29 tuổi"),
            "30-44": N_("30–44 tuổi"),
            "45-59": N_("45–59 tuổi"),
            "60+": N_("60 tuổi trở lên"),
        },
        **_UNKNOWN,
    ),
    *_list("vneid_level", **{"0": N_("Chưa có"), "1": N_("Mức 1"), "2": N_("Mức 2")}, **_UNKNOWN),
    *_list("fibre_speed", below_1g=N_("Dưới 1 Gb/s"), from_1g=N_("Từ 1 Gb/s trở lên"), **_UNKNOWN),
    *_list(
        "barrier",
        no_device=N_("Không có máy"),
        no_skill=N_("Chưa biết dùng"),
        no_need=N_("Không có nhu cầu"),
        cost=N_("Tốn kém"),
        fraud=N_("Sợ bị lừa đảo"),
        no_papers=N_("Thiếu giấy tờ"),
        other=N_("Lý do khác"),
    ),
)
