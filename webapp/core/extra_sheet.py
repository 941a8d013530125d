"""Reading extra questions from the sheets of an XLSForm; what is not understood is told with its row and column."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from webapp.core.errors import N_, InvalidInput
from webapp.core.extra_expressions import Expression, QuestionKind
from webapp.core.extra_parser import parse_expression
from webapp.core.extra_questions import (
    CHOICE_NAME,
    CHOICES_MAX,
    KINDS,
    LABEL_MAX,
    NAME,
    QUESTIONS_MAX,
    Choice,
    ExtraQuestion,
    QuestionType,
)
from webapp.core.extra_table import Line, Table, read_table
from webapp.core.import_layout import Sheet
from webapp.core.import_rows import RowProblem
from webapp.core.survey_form import reserved_names

SHEET_MISSING: Final = N_("Tệp không có trang “survey”. Tải mẫu về, ghi câu hỏi vào mẫu rồi tải lên.")
_TYPE: Final = re.compile(r"(\w+)(?:\s+(\S+))?(?:\s+(\S+))?")
_TYPES: Final[Mapping[str, QuestionType]] = {
    **{member.value: member for member in QuestionType},
    "int": QuestionType.INTEGER,
    "string": QuestionType.TEXT,
}
_SELECTS: Final = {QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE}
# Columns that change what a form does and that this form cannot do; whatever else stands in a sheet is a remark.
_UNSUPPORTED: Final = ("calculation", "choice_filter", "repeat_count", "trigger", "default", "parameters", "readonly")


@dataclass(slots=True)
class ReadQuestions:
    """What was read: the questions, or everything that is wrong."""

    questions: list[ExtraQuestion] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def read_extra_questions(sheets: Sequence[Sheet]) -> ReadQuestions:
    """Read the sheets `survey` and `choices`. Of the whole form, as it is exported, only the group `extra` is read."""
    by_name = {sheet.name.strip().lower(): sheet for sheet in sheets}
    found = ReadQuestions()
    if "survey" not in by_name:
        found.problems.append(RowProblem(sheet="", row=0, message=SHEET_MISSING))
        return found
    survey = read_table(by_name["survey"])
    choices = read_table(by_name["choices"]) if "choices" in by_name else Table("choices", {}, ())
    found.problems += [*survey.problems("type", "name", "label"), *choices.problems("list_name", "name", "label")]
    if not found.problems:
        _Reader(found, _lists(choices, found)).read(survey)
    if not found.questions and not found.problems:
        found.problems.append(RowProblem(sheet="survey", row=0, message=N_("Trang “survey” chưa có câu hỏi nào.")))
    return found


def _lists(table: Table, found: ReadQuestions) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for line in table.lines:
        list_name, name, label = line.text("list_name"), line.text("name"), line.words("label")
        if not list_name and not name:
            continue
        if not CHOICE_NAME.fullmatch(name):
            found.problems.append(line.problem("name", N_("Tên lựa chọn chỉ gồm chữ không dấu, số và các dấu - _ . +")))
        elif any(choice.name == name for choice in lists.get(list_name, ())):
            found.problems.append(line.problem("name", N_("Danh sách này đã có lựa chọn tên “%(name)s”."), name=name))
        elif _label_problem(line, label) is None:
            lists.setdefault(list_name, []).append(Choice(name, label))
        found.problems += filter(None, [_label_problem(line, label)])
    return {name: tuple(choices) for name, choices in lists.items()}


def _label_problem(line: Line, label: Mapping[str, str]) -> RowProblem | None:
    if not label.get("vi"):
        return line.problem("label", N_("Ghi lời bằng tiếng Việt."))
    if any(len(words) > LABEL_MAX for words in label.values()):
        return line.problem("label", N_("Lời dài quá %(most)s chữ."), most=LABEL_MAX)
    return None


class _Reader:
    """One pass over the sheet `survey`; expressions may look at the questions above."""

    def __init__(self, found: ReadQuestions, lists: Mapping[str, tuple[Choice, ...]]) -> None:
        self.found, self.lists = found, lists
        self.kinds: dict[str, str] = {}
        self.reserved = reserved_names()

    def read(self, table: Table) -> None:
        for line in _of_extra_group(table.lines):
            kind = line.text("type")
            if not kind and not line.text("name"):
                continue
            before = len(self.found.problems)
            question = self._question(line)
            if question is not None and len(self.found.problems) == before:
                self.found.questions.append(question)
        if len(self.found.questions) > QUESTIONS_MAX:
            self.found.problems.append(
                RowProblem(
                    sheet="survey",
                    row=0,
                    message=N_("Nhiều nhất %(most)s câu hỏi thêm."),
                    params={"most": QUESTIONS_MAX},
                )
            )

    def _wrong(self, line: Line, column: str, message: str, **params: object) -> None:
        self.found.problems.append(line.problem(column, message, **params))

    def _question(self, line: Line) -> ExtraQuestion | None:
        kind, choices = self._type(line)
        name = self._name(line)
        label = line.words("label")
        self.found.problems += filter(None, [_label_problem(line, label)])
        for column in _UNSUPPORTED:
            if line.text(column):
                self._wrong(line, column, N_("Cột này chưa dùng được. Xóa ô này."))
        relevant = self._expression(line, "relevant", None)
        constraint = self._expression(line, "constraint", KINDS.get(kind) if kind else QuestionKind.TEXT)
        if kind is None or not name:
            return None
        self.kinds[name] = KINDS.get(kind, QuestionKind.TEXT)
        return ExtraQuestion(
            name=name,
            type=kind,
            label=label,
            hint=line.words("hint"),
            required=self._required(line),
            choices=choices,
            relevant=relevant,
            constraint=constraint,
            constraint_message=line.words("constraint_message"),
        )

    def _type(self, line: Line) -> tuple[QuestionType | None, tuple[Choice, ...]]:
        match = _TYPE.fullmatch(line.text("type"))
        kind = _TYPES.get(match[1].lower()) if match else None
        if match is None or kind is None or match[3]:
            message = N_("Không hỗ trợ kiểu câu hỏi này. Dùng: %(types)s.")
            self._wrong(line, "type", message, types=", ".join(member.value for member in QuestionType))
            return None, ()
        if kind not in _SELECTS:
            return kind, ()
        choices = self.lists.get(match[2] or "", ())
        if not choices:
            self._wrong(line, "type", N_("Trang “choices” không có danh sách “%(name)s”."), name=match[2] or "")
        elif len(choices) > CHOICES_MAX:
            self._wrong(line, "type", N_("Một danh sách có nhiều nhất %(most)s lựa chọn."), most=CHOICES_MAX)
        return kind, choices

    def _name(self, line: Line) -> str:
        name = line.text("name")
        if not NAME.fullmatch(name):
            self._wrong(line, "name", N_("Tên câu bắt đầu bằng chữ thường không dấu, chỉ gồm a–z, số và “_”."))
        elif name in self.reserved:
            self._wrong(line, "name", N_("Tên “%(name)s” đã dùng trong phiếu có sẵn. Đặt tên khác."), name=name)
        elif name in self.kinds:
            self._wrong(line, "name", N_("Tên “%(name)s” đã dùng cho câu phía trên. Đặt tên khác."), name=name)
        else:
            return name
        return ""

    def _required(self, line: Line) -> bool:
        answer = line.text("required").lower()
        if answer not in {"", "yes", "no", "true", "false", "true()", "false()"}:
            self._wrong(line, "required", N_("Cột này chỉ ghi yes hoặc no."))
        return answer.startswith(("yes", "true"))

    def _expression(self, line: Line, column: str, this: str | None) -> Expression | None:
        text = line.text(column)
        if not text:
            return None
        try:
            return parse_expression(text, self.kinds, this)
        except InvalidInput as error:
            self._wrong(line, column, error.problems[0].message, **dict(error.problems[0].params))
            return None


def _of_extra_group(lines: Sequence[Line]) -> Iterator[Line]:
    """Give the rows inside the group `extra` where there is one, else all rows."""
    starts = [n for n, line in enumerate(lines) if (line.text("type"), line.text("name")) == ("begin_group", "extra")]
    if not starts:
        yield from lines
        return
    for line in lines[starts[0] + 1 :]:
        if line.text("type") == "end_group":
            return
        yield line
