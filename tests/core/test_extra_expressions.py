"""The short expression language of extra questions."""

import json
from typing import Any

import pytest

from webapp.core.errors import InvalidInput
from webapp.core.extra_expressions import QuestionKind, fields_of, from_json, holds, to_json, to_xform
from webapp.core.extra_parser import parse_expression

KINDS = {
    "so_xe": QuestionKind.NUMBER,
    "ten": QuestionKind.TEXT,
    "co": QuestionKind.CHOICE,
    "dich_vu": QuestionKind.CHOICES,
}
ANSWERS: dict[str, Any] = {"so_xe": 2, "ten": "An", "co": "yes", "dich_vu": ["a", "b"]}


@pytest.mark.parametrize(
    ("text", "this", "true"),
    [
        (". >= 0", 0, True),
        (". >= 0 and . <= 10", 11, False),
        (".>1 or .=0", 0, True),
        (". <= ${so_xe}", 2, True),
        (". < 2.5", "2.4", True),
        (". = 1.0", 1, True),
        ("not(. = 3)", 3, False),
        ("( . > 1 ) and not( ${co} = 'no' )", 2, True),
        ("${co} = 'yes' and (${so_xe} > 5 or ${ten} != 'An')", None, False),
        ('${ten} = "An"', None, True),
        ("selected(${dich_vu}, 'b')", None, True),
        ("selected(${dich_vu}, 'c') or selected(${co}, 'yes')", None, True),
        ("${ten} != ''", None, True),
        ("-1 < ${so_xe}", None, True),
    ],
)
def test_an_expression_is_read_and_judged(text: str, this: Any, true: bool) -> None:
    expression = parse_expression(text, KINDS, QuestionKind.NUMBER)
    assert holds(expression, ANSWERS, this) is true


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("${so_xe} > 1", False),
        ("${so_xe} = 1", False),
        ("${so_xe} != 1", True),
        ("${so_xe} = ''", True),
        ("${co} != 'no'", True),
        ("selected(${dich_vu}, 'a')", False),
        ("not(selected(${co}, 'yes'))", True),
    ],
)
def test_what_was_not_answered_compares_as_empty(text: str, true: bool) -> None:
    assert holds(parse_expression(text, KINDS), {}) is true


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "thiếu một vế"),
        (". >=", "thiếu một vế"),
        (". + 1 > 2", "Không hiểu “+ 1 > 2”"),
        ("count(${dich_vu}) > 1", "Không dùng được “count”"),
        ("today() > 1", "Không dùng được “today”"),
        ("pulldata('a')", "Không dùng được “pulldata”"),
        ("${khac} = 1", "Câu “khac” chưa có ở phía trên"),
        ("${so_xe}", "so sánh hai vế"),
        ("${so_xe} = 'hai'", "Bỏ dấu nháy quanh số"),
        ("${ten} > 'A'", "giữa các số"),
        ("${dich_vu} = 'a'", "selected()"),
        ("selected(${ten}, 'a')", "danh sách lựa chọn"),
        ("selected(${co}, ${ten})", "dấu nháy"),
        ("(. > 1", "thiếu dấu “)”"),
        (". > 1)", "Không hiểu “)”"),
        ("not . > 1", "thiếu dấu “(”"),
        (". > 1 ; drop", "Không hiểu “; drop”"),
        (". > 'x", "Không hiểu “'x”"),
        ("(" * 21 + ". > 1" + ")" * 21, "lồng nhau"),
        (". > 1" + " or . > 1" * 80, "dài quá 500"),
        (". > ../x", "Không"),
        ("/data/x = 1", "Không hiểu “/data/x = 1”"),
    ],
)
def test_everything_else_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_expression(text, KINDS, QuestionKind.NUMBER)
    assert told in refused.value.text()


def test_relevance_has_no_answer_of_its_own() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_expression(". > 1", KINDS)
    assert "Không dùng được “.”" in refused.value.text()


@pytest.mark.parametrize("text", [". >= 0 and (. < 2.5 or not(${co} = 'yes'))", 'selected(${dich_vu}, "it\'s")'])
def test_the_tree_survives_json_and_is_written_as_an_xlsform_has_it(text: str) -> None:
    expression = parse_expression(text, KINDS, QuestionKind.NUMBER)
    again = from_json(json.loads(json.dumps(to_json(expression))))
    assert again == expression
    assert parse_expression(to_xform(expression), KINDS, QuestionKind.NUMBER) == expression


def test_the_fields_that_an_expression_looks_at_are_known() -> None:
    assert fields_of(parse_expression("${co} = 'yes' and not(. > ${so_xe})", KINDS, QuestionKind.NUMBER)) == {
        "co",
        "so_xe",
    }
