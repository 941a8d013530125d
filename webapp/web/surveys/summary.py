"""A visit in words, section by section: for the check page, the visit's page and what a correction changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.core.extra_questions import ExtraQuestion
from webapp.core.surveys import AdultLine, Answers, MinorLine, Totals
from webapp.core.visit_content import VisitContent
from webapp.web.shared.filters import date_vi, number_vi
from webapp.web.shared.labels import label
from webapp.web.surveys.extra_words import extra_label, extra_value


@dataclass(frozen=True, slots=True)
class Line:
    """A question and what was answered."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """Answers that belong together.

    `step`: the page of the form on which they are changed; empty for what follows from the other answers.
    """

    title: str
    step: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction changed in one line."""

    label: str
    before: str
    after: str


def sections_of(content: VisitContent, questions: Iterable[ExtraQuestion] = ()) -> list[Section]:
    """Put the whole visit in words; `questions`: the extra ones that were asked."""
    first = [Line(_("Kết quả"), label(content.outcome)), Line(_("Ngày đến nhà"), date_vi(content.visited_on))]
    answers = content.answers
    if answers is None:
        return [Section(_("Lần đến nhà"), "start", first)]
    people = _totals(answers.totals) if answers.totals else _people(answers)
    return [
        Section(_("Lần đến nhà"), "start", first),
        Section(_("Tổng hợp cả nhà"), "", _derived(answers)),
        *people,
        Section(_("Mạng và thiết bị"), "details", _house(answers)),
        *_extra(content, questions),
    ]


def changes_between(before: VisitContent, after: VisitContent, questions: Sequence[ExtraQuestion] = ()) -> list[Change]:
    """Say what a correction changed, line by line."""
    old, new = _flat(before, questions), _flat(after, questions)
    return [
        Change(name, old.get(name, "–"), new.get(name, "–"))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def _flat(content: VisitContent, questions: Sequence[ExtraQuestion]) -> dict[str, str]:
    sections = sections_of(content, questions)
    return {f"{section.title} – {line.label}": line.value for section in sections for line in section.lines}


def _derived(answers: Answers) -> list[Line]:
    """Totals come from the lines and are never typed."""
    lines = [
        Line(_("Số người"), number_vi(answers.resident_count)),
        Line(_("Người lớn"), number_vi(answers.adult_count)),
    ]
    if answers.totals or not answers.adults:
        return lines
    adults = answers.adults
    return [
        *lines,
        Line(_("Có điện thoại thông minh"), _share([line.smartphone for line in adults])),
        Line(_("Có số định danh"), _share([line.digital_id for line in adults])),
        Line(_("Có VNeID mức 2"), _share([None if a.vneid_level is None else a.vneid_level >= 2 for a in adults])),
        Line(_("Có chữ ký số hoặc chữ ký điện tử"), _share([line.has_signature for line in adults])),
    ]


def _share(values: list[bool | None]) -> str:
    unknown = values.count(None)
    told = _("%(n)s trong %(all)s người lớn", n=values.count(True), all=len(values))
    return f"{told} ({_('%(n)s người không biết', n=unknown)})" if unknown else told


def _people(answers: Answers) -> list[Section]:
    adults = [
        Section(_("Người lớn %(n)s", n=number), "details", _adult(line))
        for number, line in enumerate(answers.adults, 1)
    ]
    minors = [Section(_("Trẻ %(band)s", band=label(line.band)), "details", _minors(line)) for line in answers.minors]
    return [*adults, *minors]


def _adult(line: AdultLine) -> list[Line]:
    level = None if line.vneid_level is None else [_("Chưa có"), _("Mức 1"), _("Mức 2")][line.vneid_level]
    who = ", ".join(label(part) for part in (line.sex, line.age_band) if part)
    lines = [
        Line(_("Người này"), who or _("Không biết")),
        Line(_("Điện thoại thông minh"), yes_no(line.smartphone)),
        Line(_("Số định danh (căn cước)"), yes_no(line.digital_id)),
        Line(_("Tài khoản VNeID"), level or _("Không biết")),
        Line(_("Chữ ký số"), yes_no(line.digital_signature)),
        Line(_("Chữ ký điện tử khác"), yes_no(line.e_signature)),
    ]
    return [*lines, Line(_("Lý do chính còn thiếu"), label(line.barrier))] if line.barrier else lines


def _minors(line: MinorLine) -> list[Line]:
    lines = [Line(_("Số trẻ"), number_vi(line.count)), Line(_("Có số định danh"), count(line.digital_id))]
    if line.band.value in {"14", "15-17"}:
        lines.append(Line(_("Có VNeID mức 2"), count(line.vneid_l2)))
    if line.band.value == "15-17":
        lines.append(Line(_("Có điện thoại thông minh"), count(line.smartphone)))
    return lines


def _totals(totals: Totals) -> list[Section]:
    lines = [
        Line(_("Số người trong nhà"), number_vi(totals.residents)),
        Line(_("Người lớn (từ 18 tuổi)"), number_vi(totals.adults)),
        Line(_("Người từ 14 tuổi trở lên"), count(totals.residents_14plus)),
        Line(_("Người lớn có điện thoại thông minh"), count(totals.smartphone_adults)),
        Line(_("Người có số định danh"), count(totals.digital_id_residents)),
        Line(_("Người có VNeID mức 2"), count(totals.vneid_l2)),
        Line(_("Người lớn có chữ ký số hoặc chữ ký điện tử"), count(totals.esignature_adults)),
        Line(_("Trong đó: có chữ ký số"), count(totals.digital_signature_adults)),
    ]
    return [Section(_("Chỉ có số tổng"), "details", lines)]


def _house(answers: Answers) -> list[Line]:
    speed = label(answers.fibre_speed) if answers.fibre_speed else _("Không biết")
    lines = [
        Line(_("Nhà đã lắp cáp quang"), yes_no(answers.fibre_connected)),
        Line(_("Nơi này có cáp quang đi qua"), yes_no(answers.fibre_covered)),
    ]
    if answers.fibre_connected:
        lines.append(Line(_("Tốc độ có thể đạt"), speed))
    lines.append(Line(_("Thiết bị kết nối Internet"), count(answers.iot_connections)))
    if answers.residents_15plus is not None:
        lines.append(Line(_("Người từ 15 tuổi trở lên"), number_vi(answers.residents_15plus)))
    if answers.payment_accounts is not None:
        lines.append(Line(_("Có tài khoản thanh toán"), number_vi(answers.payment_accounts)))
    if answers.note:
        lines.append(Line(_("Ghi chú"), answers.note))
    return lines


def _extra(content: VisitContent, questions: Iterable[ExtraQuestion]) -> list[Section]:
    """Tell extra answers; a question that is not known any more is named by its name."""
    known = {question.name: question for question in questions}
    order = [name for name in known if name in content.extra] + [name for name in content.extra if name not in known]
    lines = [
        Line(extra_label(known.get(name), name), extra_value(known.get(name), content.extra[name])) for name in order
    ]
    return [Section(_("Câu hỏi thêm"), "extra", lines)] if known or lines else []


def yes_no(value: bool | None) -> str:  # noqa: FBT001 - an answer, not a switch
    """Say an answer in words; "not known" is one."""
    return str(_("Không biết") if value is None else _("Có") if value else _("Không"))


def count(value: int | None) -> str:
    """Say a count in words; unknown is not zero."""
    return _("Không biết") if value is None else number_vi(value)
