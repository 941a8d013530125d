"""Reading the expressions of an XLSForm; what is not on the short list is refused with the words for the person."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from webapp.core.errors import N_, InvalidInput, Problem
from webapp.core.extra_expressions import DEPTH_MAX, ORDERED, Call, Expression, Field, QuestionKind, This, Value

LENGTH_MAX: Final = 500

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<field>\$\{\s*[A-Za-z_][A-Za-z0-9_.-]*\s*\})|(?P<number>-?\d{1,12}(?:\.\d{1,6})?)(?![\w.])"
    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<op>>=|<=|!=|=|>|<)|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|(?P<mark>[().,]))"
)


def parse_expression(text: str, kinds: Mapping[str, str], this: str | None = None) -> Expression:
    """Read an expression.

    `kinds`: the questions that stand before this one, name → QuestionKind; `this`: the kind of the question itself, or
    None where `.` may not stand. Raises InvalidInput with what is not understood.
    """
    if len(text) > LENGTH_MAX:
        raise _refused(N_("Biểu thức dài quá %(most)s ký tự."), most=LENGTH_MAX)
    return _Reader(text, kinds, this).read()


def _refused(message: str, **params: object) -> InvalidInput:
    return InvalidInput(Problem("", message, params))


class _Reader:
    """Recursive descent: or → and → one comparison, call or parenthesis."""

    def __init__(self, text: str, kinds: Mapping[str, str], this: str | None) -> None:
        self.tokens = _tokens(text)
        self.kinds, self.this = kinds, this
        self.depth = 0

    def read(self) -> Expression:
        found = self._either()
        if self.tokens:
            raise _refused(N_("Không hiểu “%(part)s” trong biểu thức."), part=self.tokens[0][1])
        return found

    def _either(self) -> Expression:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise _refused(N_("Biểu thức có quá nhiều dấu ngoặc lồng nhau."))
        found = self._chain("or")
        self.depth -= 1
        return found

    def _chain(self, word: str) -> Expression:
        parts = [self._chain("and") if word == "or" else self._condition()]
        while self._take("word", word):
            parts.append(self._chain("and") if word == "or" else self._condition())
        return parts[0] if len(parts) == 1 else Call(word, tuple(parts))

    def _condition(self) -> Expression:
        if self._next() == ("mark", "("):
            return self._inside()
        if self._next() == ("word", "not"):
            self.tokens.pop(0)
            return Call("not", (self._inside(),))
        if self._next() == ("word", "selected"):
            return self._selected()
        left, op = self._operand(), self._next()
        if op is None or op[0] != "op":
            raise _refused(N_("Biểu thức phải so sánh hai vế, ví dụ: . >= 1 hoặc ${ten} = 'co'."))
        self.tokens.pop(0)
        return self._compared(op[1], left, self._operand())

    def _inside(self) -> Expression:
        self._must("(")
        found = self._either()
        self._must(")")
        return found

    def _selected(self) -> Expression:
        self.tokens.pop(0)
        self._must("(")
        where = self._operand()
        self._must(",")
        name = self._operand()
        self._must(")")
        if self._kind(where) not in {QuestionKind.CHOICE, QuestionKind.CHOICES}:
            raise _refused(N_("selected() chỉ dùng cho câu có danh sách lựa chọn."))
        if not isinstance(name, Value) or not isinstance(name.value, str):
            raise _refused(N_("selected() cần tên lựa chọn trong dấu nháy, ví dụ: selected(${ten}, 'co')."))
        return Call("selected", (where, name))

    def _compared(self, op: str, left: Expression, right: Expression) -> Expression:
        kinds = {self._kind(left), self._kind(right)}
        empty = Value("") in (left, right)
        if QuestionKind.CHOICES in kinds and not empty:
            raise _refused(N_("Câu chọn nhiều chỉ dùng được với selected()."))
        if op in ORDERED and kinds != {QuestionKind.NUMBER}:
            raise _refused(N_("Chỉ so sánh lớn hơn, nhỏ hơn giữa các số."))
        if QuestionKind.NUMBER in kinds and len(kinds) > 1 and not empty:
            raise _refused(N_("Không so sánh số với chữ được. Bỏ dấu nháy quanh số."))
        return Call(op, (left, right))

    def _operand(self) -> Expression:
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        if kind == "number":
            return Value(Decimal(text) if "." in text else int(text))
        if kind == "text":
            return Value(text[1:-1])
        if (kind, text) == ("mark", ".") and self.this is not None:
            return This()
        if kind == "field":
            return self._field(text[2:-1].strip())
        if not kind:
            raise _refused(N_("Biểu thức còn thiếu một vế."))
        raise _refused(N_("Không dùng được “%(part)s” trong biểu thức."), part=text)

    def _field(self, name: str) -> Field:
        if name not in self.kinds:
            raise _refused(N_("Câu “%(name)s” chưa có ở phía trên nên chưa dùng được trong biểu thức."), name=name)
        return Field(name)

    def _kind(self, expression: Expression) -> str:
        match expression:
            case Field(name):
                return self.kinds[name]
            case This():
                return self.this or QuestionKind.TEXT
            case Value(str()):
                return QuestionKind.TEXT
            case _:
                return QuestionKind.NUMBER

    def _next(self) -> tuple[str, str] | None:
        return self.tokens[0] if self.tokens else None

    def _take(self, kind: str, text: str) -> bool:
        if self._next() == (kind, text):
            self.tokens.pop(0)
            return True
        return False

    def _must(self, mark: str) -> None:
        if not self._take("mark", mark):
            raise _refused(N_("Biểu thức thiếu dấu “%(mark)s”."), mark=mark)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place, text = [], 0, text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _refused(N_("Không hiểu “%(part)s” trong biểu thức."), part=text[place : place + 20].strip())
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    if not found:
        raise _refused(N_("Biểu thức còn thiếu một vế."))
    return found
