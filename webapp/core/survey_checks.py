"""Checks on a visit: what cannot be true is refused, what is unlikely is asked once more ("đúng không?")."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from webapp.core.errors import N_, Problem
from webapp.core.surveys import AdultLine, Answers, MinorBand, MinorLine, Totals, VisitOutcome

ADULTS_MAX: Final = 60
COUNT_MAX: Final = 9_999
NOTE_MAX: Final = 500
LEVEL_TWO_BANDS: Final = frozenset({MinorBand.M14, MinorBand.M15_17})
SMARTPHONE_BANDS: Final = frozenset({MinorBand.M15_17})

_ID_AND_ACCOUNT = N_("Không có số định danh thì không có tài khoản VNeID. Sửa một trong hai.")


@dataclass(frozen=True, slots=True)
class RoundDays:
    """The days on which a visit of a round may be dated; `today` is the ward's day."""

    starts_on: dt.date
    ends_on: dt.date
    today: dt.date

    def of_a_phone(self) -> "RoundDays":
        """Give the days with one of grace on each side: a phone without signal may have its clock wrong by a day.

        Whether the round is open is never asked of the phone.
        """
        day = dt.timedelta(days=1)
        return RoundDays(self.starts_on - day, self.ends_on + day, self.today + day)


def hard_problems(
    outcome: VisitOutcome, visited_on: dt.date, answers: Answers | None, days: RoundDays
) -> list[Problem]:
    """Give everything that cannot be true, each with the field and what to do; empty when the visit can be stored."""
    problems = list(_of_day(visited_on, days))
    if outcome is not VisitOutcome.INTERVIEWED:
        if answers is not None:
            problems.append(
                Problem("outcome", N_("Không hỏi được thì không có câu trả lời. Chọn lại kết quả lần đến nhà."))
            )
        return problems
    if answers is None:
        problems.append(
            Problem("outcome", N_("Phiếu chưa có câu trả lời nào. Ghi câu trả lời hoặc chọn kết quả khác."))
        )
        return problems
    return [*problems, *answer_problems(answers)]


def answer_problems(answers: Answers) -> list[Problem]:
    """Give what cannot be true in the answers alone."""
    problems = list(_of_totals(answers.totals) if answers.totals else _of_people(answers))
    if answers.totals and (answers.adults or answers.minors):
        problems.append(Problem("totals", N_("Chỉ ghi từng người hoặc chỉ ghi số tổng, không ghi cả hai.")))
    problems += _of_house(answers)
    return problems


def _of_day(day: dt.date, days: RoundDays) -> Iterator[Problem]:
    if day > days.today:
        yield Problem("visited_on", N_("Ngày %(day)s chưa đến. Ghi ngày bạn đã đến nhà."), {"day": f"{day:%d/%m/%Y}"})
    elif not days.starts_on <= day <= days.ends_on:
        yield Problem(
            "visited_on",
            N_("Ngày đến nhà phải trong đợt này: từ %(first)s đến %(last)s."),
            {"first": f"{days.starts_on:%d/%m/%Y}", "last": f"{days.ends_on:%d/%m/%Y}"},
        )


def _of_people(answers: Answers) -> Iterator[Problem]:
    if len(answers.adults) > ADULTS_MAX:
        yield Problem(
            "adults", N_("Một phiếu ghi nhiều nhất %(most)s người lớn. Tách thành hai hộ."), {"most": ADULTS_MAX}
        )
    for number, line in enumerate(answers.adults):
        yield from _of_adult(f"adults.{number}", line)
    bands = [line.band for line in answers.minors]
    if len(bands) != len(set(bands)):
        yield Problem("minors", N_("Một độ tuổi bị ghi hai lần."))
    for minors in answers.minors:
        yield from _of_minors(f"minors.{minors.band.value}", minors)
    if answers.resident_count == 0:
        yield Problem("adult_count", N_("Hỏi được thì nhà phải có người. Ghi số người trong nhà."))


def _of_adult(path: str, line: AdultLine) -> Iterator[Problem]:
    level = line.vneid_level
    if level is not None and level not in {0, 1, 2}:
        yield Problem(f"{path}.vneid_level", N_("Tài khoản VNeID chỉ có mức 1 hoặc mức 2."))
    if level and line.digital_id is False:
        yield Problem(f"{path}.vneid_level", _ID_AND_ACCOUNT)


def _of_minors(path: str, line: MinorLine) -> Iterator[Problem]:
    yield from _bounded(path, "count", line.count)
    for name, value in (("digital_id", line.digital_id), ("vneid_l2", line.vneid_l2), ("smartphone", line.smartphone)):
        yield from _bounded(path, name, value, line.count)
    if line.vneid_l2 and line.band not in LEVEL_TWO_BANDS:
        yield Problem(f"{path}.vneid_l2", N_("VNeID mức 2 chỉ có từ 14 tuổi."))
    elif line.vneid_l2 and line.digital_id is not None and line.vneid_l2 > line.digital_id:
        yield Problem(f"{path}.vneid_l2", _ID_AND_ACCOUNT)
    if line.smartphone and line.band not in SMARTPHONE_BANDS:
        yield Problem(f"{path}.smartphone", N_("Điện thoại thông minh của trẻ chỉ hỏi từ 15 tuổi."))


def _of_totals(totals: Totals) -> Iterator[Problem]:
    residents, adults, older = totals.residents, totals.adults, totals.residents_14plus
    if residents < 1:
        yield Problem("totals.residents", N_("Hỏi được thì nhà phải có người. Ghi số người trong nhà."))
    yield from _bounded("totals", "residents", residents)
    limits = {
        "adults": residents,
        "residents_14plus": residents,
        "smartphone_adults": adults,
        "digital_id_residents": residents,
        "vneid_l2": residents if older is None else older,
        "esignature_adults": adults,
        "digital_signature_adults": adults,
    }
    for name, most in limits.items():
        yield from _bounded("totals", name, getattr(totals, name), most)
    yield from _of_unions(totals)


def _of_unions(totals: Totals) -> Iterator[Problem]:
    if totals.residents_14plus is not None and totals.residents_14plus < totals.adults:
        yield Problem(
            "totals.residents_14plus",
            N_("Số người từ 14 tuổi (%(older)s) không thể ít hơn số người lớn (%(adults)s)."),
            {"older": totals.residents_14plus, "adults": totals.adults},
        )
    either, digital = totals.esignature_adults, totals.digital_signature_adults
    if either is not None and digital is not None and digital > either:
        yield Problem(
            "totals.digital_signature_adults",
            N_("Người có chữ ký số (%(digital)s) đã nằm trong số có chữ ký số hoặc chữ ký điện tử (%(either)s)."),
            {"digital": digital, "either": either},
        )
    with_id = totals.digital_id_residents
    if totals.vneid_l2 is not None and with_id is not None and totals.vneid_l2 > with_id:
        yield Problem("totals.vneid_l2", _ID_AND_ACCOUNT)


def _of_house(answers: Answers) -> Iterator[Problem]:
    if answers.fibre_connected and answers.fibre_covered is False:
        yield Problem("fibre_covered", N_("Nhà đã nối cáp quang thì nơi này phải có cáp quang. Sửa một trong hai."))
    if answers.fibre_speed is not None and not answers.fibre_connected:
        yield Problem("fibre_speed", N_("Chỉ ghi tốc độ khi nhà đã nối cáp quang."))
    yield from _bounded("", "iot_connections", answers.iot_connections)
    yield from _bounded("", "residents_15plus", answers.residents_15plus, answers.resident_count)
    yield from _bounded("", "payment_accounts", answers.payment_accounts, residents_15plus(answers))
    if len(answers.note) > NOTE_MAX:
        yield Problem("note", N_("Ghi chú dài quá %(most)s chữ."), {"most": NOTE_MAX})
    yield from odd_letters("note", answers.note)


def odd_letters(field: str, text: str) -> Iterator[Problem]:
    """Refuse control characters, which no keyboard types and no database takes; line breaks and tabs are text."""
    if any(letter < " " and letter not in "\n\r\t" for letter in text):
        yield Problem(field, N_("Chỗ này có ký tự lạ, không lưu được. Hãy xóa đi và gõ lại."))


def residents_15plus(answers: Answers) -> int:
    """Give the most people who can hold a payment account: those from 15 years, or everybody when that is not known."""
    if answers.residents_15plus is not None:
        return answers.residents_15plus
    if answers.totals:
        return answers.totals.residents
    return len(answers.adults) + sum(line.count for line in answers.minors if line.band in SMARTPHONE_BANDS)


def _bounded(path: str, name: str, value: int | None, most: int | None = None) -> Iterator[Problem]:
    field = f"{path}.{name}" if path else name
    if value is None:
        return
    if value < 0:
        yield Problem(field, N_("Ghi số từ 0 trở lên."))
    elif most is not None and value > most:
        yield Problem(
            field,
            N_("Số này (%(value)s) nhiều hơn số người được hỏi (%(most)s). Sửa một trong hai."),
            {"value": value, "most": most},
        )
    elif value > COUNT_MAX:
        yield Problem(field, N_("Số này quá lớn. Ghi số từ 0 đến %(most)s."), {"most": COUNT_MAX})
