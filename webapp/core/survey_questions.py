"""Soft checks: what is unlikely is asked once more, and the answer is kept with the revision. They never block."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from webapp.core.cross_round import changes_since
from webapp.core.errors import N_
from webapp.core.surveys import AdultLine, Answers

MANY_RESIDENTS: Final = 12
MANY_DEVICES: Final = 100
FULL_HOUSE_FROM: Final = 2


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be confirmed ("đúng không?"). `code` and `params` are what a revision keeps."""

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give what is stored once it was confirmed."""
        return {"code": self.code, **({"params": self.params} if self.params else {})}


# Code → message: a stored confirmation is read back through it.
QUESTIONS: Final[dict[str, str]] = {
    "many_residents": N_("Nhà có %(count)s người, đúng không?"),
    "no_adults": N_("Nhà không có người lớn nào, đúng không?"),
    "adults_changed": N_("Đợt trước có %(before)s người lớn, lần này có %(now)s, đúng không?"),
    "smartphone_gone": N_("Đợt trước %(before)s người lớn có điện thoại thông minh, lần này %(now)s, đúng không?"),
    "digital_id_gone": N_("Đợt trước %(before)s người lớn có số định danh, lần này %(now)s, đúng không?"),
    "signature_gone": N_("Đợt trước %(before)s người lớn có chữ ký số hoặc điện tử, lần này %(now)s, đúng không?"),
    "fibre_gone": N_("Đợt trước nhà có cáp quang, lần này không có, đúng không?"),
    "many_devices": N_("Nhà có %(count)s thiết bị kết nối Internet, đúng không?"),
    "everyone_everything": N_("Tất cả %(count)s người lớn đều có đủ mọi thứ, đúng không?"),
    "nothing_known": N_("Không biết câu trả lời nào về người lớn, đúng không?"),
    "visited_already": N_("Hộ này đã có phiếu ngày %(day)s trong đợt này. Vẫn nộp thêm một phiếu mới, đúng không?"),
}


def question(code: str, **params: Any) -> Question:  # noqa: ANN401 - plain JSON values
    """Make a question of the list."""
    return Question(code, QUESTIONS[code], params)


def soft_questions(
    answers: Answers | None, previous: Answers | None, *, visited_on: dt.date | None = None
) -> list[Question]:
    """Give what should be confirmed.

    `previous`: the household's answers of an earlier round, when there are any; `visited_on`: the day of another
    visit of this household in the same round, when there is one.
    """
    asked = [question("visited_already", day=f"{visited_on:%d/%m/%Y}")] if visited_on else []
    if answers is None:
        return asked
    since = changes_since(answers, previous) if previous else ()
    return [*asked, *_of_answers(answers), *(question(code, **params) for code, params in since)]


def kept_confirmations(given: Iterable[Mapping[str, Any]], answers: Answers | None) -> list[dict[str, Any]]:
    """Give what a revision keeps of the confirmations that a phone sent.

    The values of questions about the answers alone are the server's own. Such a question that the phone did not
    confirm is kept and marked `unanswered`: the visit is stored all the same, and whoever reviews it sees that.
    """
    own = {found.code: found for found in soft_questions(answers, None)}
    kept = []
    for entry in given:
        found = own.pop(entry["code"], None)
        kept.append({**entry, **(found.to_json() if found else {})})
    return [*kept, *({**found.to_json(), "unanswered": True} for found in own.values())]


def told(entry: Mapping[str, Any]) -> str | None:
    """Give the message of a kept confirmation when it is one of ours with all its values; None otherwise."""
    message = QUESTIONS.get(entry.get("code", ""))
    try:
        return message if message and message % entry.get("params", {}) else None
    except (KeyError, TypeError, ValueError):
        return None


def _of_answers(answers: Answers) -> Iterator[Question]:
    if answers.resident_count > MANY_RESIDENTS:
        yield question("many_residents", count=answers.resident_count)
    if answers.adult_count == 0:
        yield question("no_adults")
    if (answers.iot_connections or 0) > MANY_DEVICES:
        yield question("many_devices", count=answers.iot_connections)
    if len(answers.adults) >= FULL_HOUSE_FROM and all(map(_has_all, answers.adults)):
        yield question("everyone_everything", count=len(answers.adults))
    if answers.adults and not any(map(_knows_anything, answers.adults)):
        yield question("nothing_known")


def _has_all(line: AdultLine) -> bool:
    return bool(
        line.smartphone and line.digital_id and line.vneid_level == 2 and line.digital_signature and line.e_signature
    )


def _knows_anything(line: AdultLine) -> bool:
    answers = (line.smartphone, line.digital_id, line.vneid_level, line.digital_signature, line.e_signature)
    return any(answer is not None for answer in answers)
