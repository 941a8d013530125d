"""The parts of composed documents: prefixes, punctuation, headings, who signs for whom."""

import unicodedata
from dataclasses import replace

import pytest

from webapp.core.documents import SigningCapacity
from webapp.core.letters import LETTERS, Letterhead, LetterText, letter_problems, letter_values, lines_of

HEAD = Letterhead(
    agency="Ủy ban nhân dân phường Bến Mẫu",
    symbol="KH-UBND",
    place="Bến Mẫu",
    type_name="Kế hoạch",
    abstract="Triển khai chuyển đổi số",
    capacity=SigningCapacity.TM,
    signer_title="Chủ tịch",
    signer_name="Nguyễn Thị Ánh",
    unit="VPTK",
)
TEXT = LetterText(
    paragraphs=("I. MỤC ĐÍCH", "Nội dung một.", "Điều 2. Tổ chức thực hiện"),
    addressees=("Sở Tài chính",),
    bases=("Căn cứ Luật A;", "Theo đề nghị của Văn phòng"),
    recipients=("- Như trên;", "CT UBND phường"),
    principal="Chủ tịch",
)


def values(code: str = "ke_hoach", text: LetterText = TEXT, **head: object) -> dict[str, object]:
    return letter_values(LETTERS[code], text, replace(HEAD, **head))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("capacity", "title", "lines"),
    [
        (SigningCapacity.OWN, "Trưởng phòng", ["TRƯỞNG PHÒNG"]),
        (SigningCapacity.TM, "Chủ tịch", ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]),
        (SigningCapacity.Q, "Chủ tịch", ["Q. CHỦ TỊCH"]),
        (SigningCapacity.KT, "Phó Chủ tịch", ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        (SigningCapacity.TL, "Chánh Văn phòng", ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
        (SigningCapacity.TUQ, "Phó Trưởng phòng", ["TUQ. CHỦ TỊCH", "PHÓ TRƯỞNG PHÒNG"]),
    ],
)
def test_every_capacity_has_its_lines(capacity: SigningCapacity, title: str, lines: list[str]) -> None:
    assert values(capacity=capacity, signer_title=title)["capacity"] == lines


def test_the_letterhead_breaks_behind_the_name_of_the_body() -> None:
    assert values()["agency_lines"] == ["ỦY BAN NHÂN DÂN", "PHƯỜNG BẾN MẪU"]
    assert values(agency="Văn phòng đăng ký")["agency_lines"] == ["VĂN PHÒNG ĐĂNG KÝ"]


def test_punctuation_is_put_where_the_decree_wants_it() -> None:
    made = values()
    assert made["bases"] == ["Căn cứ Luật A;", "Theo đề nghị của Văn phòng."]
    assert made["recipients"] == ["- Như trên;", "- CT UBND phường;", "- Lưu: VT, VPTK."]
    kept = replace(TEXT, recipients=("Như trên", "Lưu: VT, ĐCXD"))
    assert values(text=kept)["recipients"] == ["- Như trên;", "- Lưu: VT, ĐCXD."]


def test_headings_and_articles_are_told_from_text_and_the_end_is_marked() -> None:
    kinds = [(p["kind"], p["lead"], p["text"]) for p in values()["paragraphs"]]  # type: ignore[attr-defined]
    assert kinds == [
        ("heading", "", "I. MỤC ĐÍCH"),
        ("plain", "", "Nội dung một."),
        ("article", "Điều 2.", "Tổ chức thực hiện./."),
    ]
    ended = replace(TEXT, paragraphs=("Xong./.",))
    assert values(text=ended)["paragraphs"] == [{"kind": "plain", "lead": "", "text": "Xong./."}]


def test_a_letter_puts_its_subject_under_the_number_and_names_no_type() -> None:
    made = values("cong_van", symbol="UBND-VPTK", abstract="Về việc phối hợp kéo cáp quang")
    assert made["subject"] == "V/v phối hợp kéo cáp quang"
    assert made["type_name"] == ""
    assert made["addressees"] == ["Sở Tài chính"]
    for name in ("UBND tỉnh giao", "Bến Mẫu góp ý"):
        assert values("cong_van", abstract=name)["subject"] == f"V/v {name}"


def test_a_decision_says_who_decides_and_about_what() -> None:
    made = values("quyet_dinh", type_name="Quyết định")
    assert made["authority"] == "ỦY BAN NHÂN DÂN PHƯỜNG BẾN MẪU"
    assert made["abstract"] == "Về việc triển khai chuyển đổi số"
    assert made["decides"] == "QUYẾT ĐỊNH:"
    assert values("quyet_dinh", capacity=SigningCapacity.KT)["authority"].startswith("CHỦ TỊCH ỦY BAN")  # type: ignore[attr-defined]


def test_several_addressees_stand_below_each_other() -> None:
    text = replace(TEXT, addressees=("Sở Tài chính", "- Sở Xây dựng;"))
    assert values("to_trinh", text=text)["addressees"] == ["- Sở Tài chính;", "- Sở Xây dựng."]
    assert values("ke_hoach", text=text)["addressees"] == []


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("ke_hoach", {"paragraphs"}),
        ("thong_bao", {"paragraphs"}),
        ("bao_cao", {"paragraphs"}),
        ("quyet_dinh", {"paragraphs", "bases"}),
        ("to_trinh", {"paragraphs", "addressees"}),
        ("cong_van", {"paragraphs", "addressees"}),
    ],
)
def test_what_a_type_needs_is_asked_for(code: str, fields: set[str]) -> None:
    found = letter_problems(LETTERS[code], LetterText(paragraphs=()))
    assert {problem.field for problem in found} == fields


def test_too_many_or_too_long_lines_are_refused() -> None:
    found = letter_problems(LETTERS["ke_hoach"], LetterText(paragraphs=("a",) * 401, recipients=("b" * 4001,)))
    assert {problem.field for problem in found} == {"paragraphs", "recipients"}


def test_lines_are_composed_and_lose_what_nobody_sees() -> None:
    typed = unicodedata.normalize("NFD", "  Tiếng   Việt ") + "\x00\x07\r\n\r\n\tdòng hai\x1b[31m"
    assert lines_of(typed) == ("Tiếng Việt", "dòng hai[31m")


def test_the_text_comes_back_from_the_database_as_it_was() -> None:
    assert LetterText.from_json(TEXT.to_json()) == TEXT
