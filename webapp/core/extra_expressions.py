"""The short expression language of extra questions: comparisons, and, or, not, selected() – what XLSForms use most.

An expression is a small tree that the server, the phone and an XForm all understand; whatever is not on the list is
refused where it is read, so that nothing is ever guessed. No arithmetic, no functions, no built-in questions.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}
ORDERED: Final = frozenset({">=", "<=", ">", "<"})
DEPTH_MAX: Final = 20

# An answer as it is stored: whole number, text (also decimals and days) or the names of several choices.
AnswerValue: TypeAlias = int | str | list[str]


class QuestionKind:
    """What an answer is when it is compared: a number, a text, one of several names, or a set of names."""

    NUMBER: Final = "number"
    TEXT: Final = "text"
    CHOICE: Final = "choice"
    CHOICES: Final = "choices"


@dataclass(frozen=True, slots=True)
class Value:
    """A number or a text that stands in the expression."""

    value: int | Decimal | str


@dataclass(frozen=True, slots=True)
class This:
    """The answer that a constraint is about (`.`)."""


@dataclass(frozen=True, slots=True)
class Field:
    """The answer to another question (`${name}`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator on its operands: a comparison, `and`, `or`, `not` or `selected`."""

    op: str
    args: tuple["Expression", ...]


Expression: TypeAlias = Value | This | Field | Call


def holds(expression: Expression, answers: Mapping[str, Any], this: AnswerValue | None = None) -> bool:
    """Tell whether an expression is true. What was not answered compares as an empty text, as in XForms."""
    if not isinstance(expression, Call):
        return bool(_text(_value(expression, answers, this)))
    if expression.op == "not":
        return not holds(expression.args[0], answers, this)
    if expression.op in {"and", "or"}:
        results = (holds(arg, answers, this) for arg in expression.args)
        return all(results) if expression.op == "and" else any(results)
    left, right = (_value(arg, answers, this) for arg in expression.args)
    if expression.op == "selected":
        return _text(right) in (left if isinstance(left, list) else [_text(left)])
    return _compare(expression.op, left, right)


def _value(expression: Expression, answers: Mapping[str, Any], this: AnswerValue | None) -> Any:  # noqa: ANN401
    match expression:
        case Value(value):
            return value
        case This():
            return this
        case Field(name):
            return answers.get(name)
        case Call():
            return holds(expression, answers, this)


def _compare(op: str, left: Any, right: Any) -> bool:  # noqa: ANN401 - answers and literals
    if op in ORDERED or _is_number(left) or _is_number(right):
        numbers = _number(left), _number(right)
        if None in numbers:
            return op == "!=" or (op == "=" and _text(left) == _text(right))
        return COMPARED[op](*numbers)
    return COMPARED[op](_text(left), _text(right))


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal)


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") and not isinstance(value, list) else None
    except InvalidOperation:
        return None


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def fields_of(expression: Expression) -> set[str]:
    """Give the names of the questions that an expression looks at."""
    if isinstance(expression, Field):
        return {expression.name}
    return set().union(*(fields_of(arg) for arg in expression.args)) if isinstance(expression, Call) else set()


def to_json(expression: Expression) -> dict[str, Any]:
    """Give the tree as plain values."""
    match expression:
        case Value(value):
            return {"value": float(value) if isinstance(value, Decimal) else value}
        case This():
            return {"self": True}
        case Field(name):
            return {"field": name}
        case Call(op, args):
            return {"op": op, "args": [to_json(arg) for arg in args]}


def from_json(data: Mapping[str, Any]) -> Expression:
    """Read `to_json` back. Raises KeyError on anything else."""
    if "value" in data:
        value = data["value"]
        return Value(Decimal(str(value)) if isinstance(value, float) else value)
    if "field" in data:
        return Field(data["field"])
    if "self" in data:
        return This()
    return Call(data["op"], tuple(from_json(arg) for arg in data["args"]))


def to_xform(expression: Expression) -> str:
    """Write the expression as an XLSForm has it."""
    match expression:
        case Value(value):
            return _quoted(value) if isinstance(value, str) else str(value)
        case This():
            return "."
        case Field(name):
            return f"${{{name}}}"
        case Call("not" | "selected" as op, args):
            return f"{op}({', '.join(map(to_xform, args))})"
        case Call(op, args):
            return f"({f' {op} '.join(map(to_xform, args))})"


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
