"""What may be answered to extra questions."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.extra_questions import FORM, QUESTIONS
from webapp.core.extra_answers import extra_problems
from webapp.core.extra_expressions import Call, Field, Value, from_json, holds, to_json
from webapp.core.extra_questions import ExtraQuestion, QuestionType, form_version, number_of
from webapp.core.extra_texts import answer_of_text, answers_of_texts, text_of_answer

FULL = {
    "may_tinh": 2,
    "dich_vu": ["ho_tich", "dat_dai"],
    "hai_long": "khong",
    "vi_sao": "Phải chờ lâu",
    "cuoc": "165.5",
    "lap_ngay": "2024-02-29",
}


def _told(extra: dict[str, Any]) -> dict[str, str]:
    return {problem.field: problem.text() for problem in extra_problems(QUESTIONS, extra)}


def test_full_and_least_answers_are_fine() -> None:
    assert _told(FULL) == {}
    assert _told({"may_tinh": 0}) == {}


def test_required_questions_are_missed_only_when_they_are_asked() -> None:
    assert _told({}) == {"extra.may_tinh": "Ô này chưa có nội dung. Hãy điền vào."}
    assert _told({"may_tinh": 1, "dich_vu": ["thue"]}) == {"extra.hai_long": "Ô này chưa có nội dung. Hãy điền vào."}
    assert _told({"may_tinh": 1, "dich_vu": ["dat_dai"]}) == {}


def test_an_answer_to_a_question_that_is_not_asked_is_refused_and_hides_what_follows_from_it() -> None:
    told = _told({"may_tinh": 1, "hai_long": "khong", "vi_sao": "Chờ lâu"})
    assert set(told) == {"extra.hai_long", "extra.vi_sao"}
    assert "không hợp lệ" in told["extra.vi_sao"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("may_tinh", 21, "Từ 0 đến 20 máy."),
        ("may_tinh", -1, "Từ 0 đến 20 máy."),
        ("may_tinh", "2", "số nguyên"),
        ("may_tinh", True, "số nguyên"),
        ("may_tinh", 2.0, "số nguyên"),
        ("may_tinh", 10**12, "quá lớn"),
        ("dich_vu", "ho_tich", "mục có sẵn"),
        ("dich_vu", [], "mục có sẵn"),
        ("dich_vu", ["khac"], "mục có sẵn"),
        ("dich_vu", ["thue", "thue"], "mục có sẵn"),
        ("dich_vu", [["thue"]], "mục có sẵn"),
        ("hai_long", "Có", "mục có sẵn"),
        ("hai_long", ["co"], "mục có sẵn"),
        ("vi_sao", " ", "chưa có nội dung"),
        ("vi_sao", 5, "chưa có nội dung"),
        ("vi_sao", "x" * 501, "Không dài quá 500"),
        ("cuoc", 1.5, "Hãy nhập một số"),
        ("cuoc", "1,5", "Hãy nhập một số"),
        ("cuoc", "1e9", "Hãy nhập một số"),
        ("cuoc", "1234567890", "Hãy nhập một số"),
        ("lap_ngay", "2023-02-29", "Ngày chưa đúng"),
        ("lap_ngay", "20240229", "Ngày chưa đúng"),
        ("lap_ngay", "1024-01-01", "Ngày chưa đúng"),
        ("loi_nhac", "x", "không hợp lệ"),
        ("khac", 1, "không hợp lệ"),
    ],
)
def test_wrong_answers_are_told_at_their_question(name: str, value: Any, told: str) -> None:
    found = _told({**FULL, name: value})
    assert told in found[f"extra.{name}"]


def test_questions_survive_json() -> None:
    data = json.loads(json.dumps([question.to_json() for question in QUESTIONS]))
    assert tuple(map(ExtraQuestion.from_json, data)) == QUESTIONS


def test_a_version_names_the_built_in_form_and_the_number() -> None:
    assert number_of(FORM.version) == 1
    assert [number_of(form_version(number)) for number in (0, 7, 99, 123)] == [0, 7, 99, 123]
    assert number_of("2025010103") == 3
    assert [number_of(text) for text in ("", "1", "abc", "2026112201x")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "value"),
    [("165.50", "165.5"), ("165,5", "165.5"), ("1.655E2", "165.5"), ("100", "100"), ("0.0", "0"), ("mười", "mười")],
)
def test_the_same_decimal_is_stored_the_same(text: str, value: str) -> None:
    assert answer_of_text(QuestionType.DECIMAL, text) == value


def test_texts_become_answers_and_blanks_none() -> None:
    texts = {"may_tinh": " 2 ", "dich_vu": "ho_tich dat_dai", "hai_long": "", "loi_nhac": "x", "khac": "y"}
    assert answers_of_texts(QUESTIONS, texts) == {"may_tinh": 2, "dich_vu": ["ho_tich", "dat_dai"], "khac": "y"}
    assert [text_of_answer(value) for value in (2, "a b", ["a", "b"])] == ["2", "a b", "a b"]


@pytest.mark.parametrize(
    ("op", "left", "right", "true"),
    [
        (">=", Field("n"), Value(2), True),
        ("<", Field("n"), Value(Decimal("2.5")), True),
        ("=", Field("d"), Value(Decimal("165.5")), True),
        ("!=", Field("none"), Value(1), True),
        ("=", Field("none"), Value(1), False),
        ("=", Field("none"), Value(""), True),
        (">", Field("none"), Value(0), False),
        ("=", Field("t"), Value("An"), True),
        ("selected", Field("many"), Value("b"), True),
        ("selected", Field("none"), Value("b"), False),
    ],
)
def test_expressions_compare_as_xforms_do(op: str, left: Any, right: Any, true: bool) -> None:
    answers = {"n": 2, "d": "165.5", "t": "An", "many": ["a", "b"]}
    expression = Call(op, (left, right))
    assert holds(expression, answers) is true
    assert holds(Call("not", (expression,)), answers) is not true
    assert from_json(json.loads(json.dumps(to_json(expression)))) == expression
