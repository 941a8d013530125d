"""Documents about earlier ones: cited as Decree 30 asks, begun with the words of each kind, finished by the author."""

import datetime as dt
from dataclasses import replace

import pytest

from webapp.core.letters import BLANK, LETTERS, LetterText, letter_problems
from webapp.core.letters_about import Cited, LetterStart, start_about, types_about
from webapp.core.relations import RelationKind

AMENDS, REPLACES, RECALLS = RelationKind
PLAN = Cited(
    type_code="ke_hoach",
    type_name="Kế hoạch",
    notation="30/KH-UBND",
    issued_on=dt.date(2026, 2, 5),
    agency="Ủy ban nhân dân phường Bến Mẫu",
    abstract="Triển khai chuyển đổi số năm 2026",
    receivers=("Sở Khoa học và Công nghệ", "Các tổ dân phố"),
)
DECISION = replace(
    PLAN, type_code="quyet_dinh", type_name="Quyết định", notation="05/QĐ-UBND", abstract="Về việc thành lập Tổ X"
)
NAMED = "Kế hoạch số 30/KH-UBND ngày 05 tháng 02 năm 2026 của Ủy ban nhân dân phường Bến Mẫu"
FULL = f"{NAMED} về việc triển khai chuyển đổi số năm 2026"


def begun(kind: RelationKind, cited: Cited = PLAN, code: str = "") -> LetterStart:
    return start_about(LETTERS[code or cited.type_code], kind, cited)


def test_an_earlier_document_is_cited_in_full_and_then_shortly() -> None:
    assert (PLAN.short, PLAN.named, PLAN.full) == ("Kế hoạch số 30/KH-UBND", NAMED, FULL)
    assert DECISION.full.endswith("Bến Mẫu về việc thành lập Tổ X")
    assert replace(PLAN, issued_on=None).named == "Kế hoạch số 30/KH-UBND của Ủy ban nhân dân phường Bến Mẫu"
    assert replace(PLAN, issued_on=dt.date(2026, 11, 22)).named.count("ngày 22 tháng 11 năm 2026") == 1


@pytest.mark.parametrize("cited", [PLAN, DECISION])
@pytest.mark.parametrize(
    ("kind", "words"),
    [(AMENDS, "Sửa đổi, bổ sung một số nội dung của "), (RECALLS, "Thu hồi "), (REPLACES, "")],
)
def test_each_kind_says_what_it_does_and_to_which_document(kind: RelationKind, words: str, cited: Cited) -> None:
    start = begun(kind, cited)
    assert start.abstract.startswith(words)
    assert cited.named in start.abstract
    assert cited.full in " ".join(start.paragraphs)
    assert not any(line != line.strip() or not line for line in start.paragraphs)


def test_a_decision_is_in_articles_and_names_the_last_one_to_its_receivers() -> None:
    amending, recalling, replacing = (begun(kind, DECISION) for kind in (AMENDS, RECALLS, REPLACES))
    assert amending.paragraphs[0].startswith("Điều 1. Sửa đổi, bổ sung một số nội dung của Quyết định số 05/QĐ-UBND")
    assert amending.recipients[0] == recalling.recipients[0] == "Như Điều 4;"
    assert recalling.paragraphs[0] == f"Điều 1. Thu hồi {DECISION.full}."
    line = f"Điều 2. Quyết định này có hiệu lực kể từ ngày ký và thay thế {DECISION.full}."
    assert line in replacing.paragraphs
    assert replacing.recipients[0] == "Như Điều 3;"


def test_a_replacement_goes_on_from_the_text_that_was_written_here() -> None:
    text = LetterText(paragraphs=("I. MỤC ĐÍCH", "Nội dung cũ"), bases=("Căn cứ Luật A",), addressees=())
    start = begun(REPLACES, replace(PLAN, text=text))
    assert start.paragraphs == (f"Kế hoạch này thay thế {FULL}.", "I. MỤC ĐÍCH", "Nội dung cũ")
    assert start.bases == ("Căn cứ Luật A",)
    silent = LetterText(paragraphs=("Điều 1. Thành lập Tổ X", "Điều 2. Văn phòng thi hành"))
    end = begun(REPLACES, replace(DECISION, text=silent)).paragraphs[-1]
    assert end == f"Điều 3. Quyết định này thay thế {DECISION.full}."


def test_a_recall_by_letter_is_addressed_to_who_got_the_document() -> None:
    start = begun(RECALLS, PLAN, "cong_van")
    assert start.addressees == ("Sở Khoa học và Công nghệ", "Các tổ dân phố")
    assert "hủy bản điện tử đã nhận" in start.paragraphs[-1]
    assert begun(RECALLS, PLAN, "ke_hoach").addressees == ()


def test_amending_takes_the_same_type_and_a_recall_any() -> None:
    assert types_about(AMENDS, "ke_hoach") == types_about(REPLACES, "ke_hoach") == ["ke_hoach"]
    assert types_about(RECALLS, "ke_hoach") == list(LETTERS)
    assert types_about(AMENDS, "nghi_quyet") == []


def test_nothing_is_drawn_while_a_blank_stands() -> None:
    start = begun(AMENDS)
    problems = letter_problems(LETTERS["ke_hoach"], LetterText(paragraphs=start.paragraphs))
    assert [problem.field for problem in problems] == ["paragraphs"]
    written = tuple(line.replace(BLANK, "điểm a mục II") for line in start.paragraphs)
    assert letter_problems(LETTERS["ke_hoach"], LetterText(paragraphs=written)) == []


def test_a_very_long_abstract_still_fits() -> None:
    assert len(begun(REPLACES, replace(PLAN, abstract="a " * 249)).abstract) <= 500
