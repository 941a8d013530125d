"""Composed documents as files: the layout of Decree 30 on the page and in Word, and text that stays text."""

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace

import docx
import pypdfium2
import pytest

from signing.fields import suggest_person
from tests.core.test_letters import HEAD, TEXT
from webapp.core.documents import SigningCapacity
from webapp.core.letters import LETTERS, LetterText, letter_values, lines_of
from webapp.gateways.press import TypstPress
from webapp.gateways.word import WordPrograms
from webapp.settings import Settings

MOMENT = dt.datetime(2026, 11, 28, 2, 0, tzinfo=dt.UTC)
MM = 72 / 25.4
NASTY = (
    '#import "@preview/x:0.1.0": *',
    "*không đậm* _không nghiêng_ $x^2$ <nhan> @tham-chieu \\ #sys.inputs",
    "{{ 7 * 7 }} {% for x in y %} <w:p>&amp; & < > \" ' ]]>",
)


def drawn(code: str = "ke_hoach", text: LetterText = TEXT, **head: object) -> bytes:
    values = letter_values(LETTERS[code], text, replace(HEAD, **head))  # type: ignore[arg-type]
    return TypstPress().press("letter", values, moment=MOMENT)


def written(code: str = "ke_hoach", text: LetterText = TEXT, **head: object) -> bytes:
    values = letter_values(LETTERS[code], text, replace(HEAD, **head))  # type: ignore[arg-type]
    return WordPrograms(Settings(soffice="no")).letter(values, moment=MOMENT)


def page_text(pdf: bytes, page: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(document[page].get_textpage().get_text_bounded().split())
    finally:
        document.close()


def boxes(pdf: bytes, page: int = 0) -> tuple[tuple[float, float], list[tuple[float, float, float, float]]]:
    """Size of a page and the boxes of its letters, in points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = document[page].get_textpage()
        found = [text.get_charbox(n) for n in range(text.count_chars()) if not text.get_text_range(n, 1).isspace()]
        return document[page].get_size(), found
    finally:
        document.close()


def word_lines(content: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(content))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    paragraphs = [*document.paragraphs, *(line for cell in cells for line in cell.paragraphs)]
    return [line.text for line in paragraphs if line.text.strip()]


@pytest.mark.parametrize("code", list(LETTERS))
def test_every_type_is_drawn_with_its_parts(code: str) -> None:
    symbol = "UBND-VPTK" if code == "cong_van" else "KH-UBND"
    names = {"quyet_dinh": "Quyết định", "to_trinh": "Tờ trình"}
    pdf = drawn(code, symbol=symbol, type_name=names.get(code, "Kế hoạch"))
    text = page_text(pdf)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN PHƯỜNG BẾN MẪU",
        f"/{symbol}",
        "Bến Mẫu, ngày",
        "TM. ỦY BAN NHÂN DÂN",
        "Nguyễn Thị Ánh",
        "Nơi nhận:",
        "- Lưu: VT, VPTK.",
    ):
        assert part in text
    assert ("Kính gửi: Sở Tài chính" in text) == (code in {"bao_cao", "to_trinh", "cong_van"})
    assert ("V/v triển khai" in text) == (code == "cong_van")
    assert ("QUYẾT ĐỊNH:" in text) == (code == "quyet_dinh")


def test_the_page_is_a4_with_the_margins_of_the_decree_and_a_number_from_the_second_page_on() -> None:
    pdf = drawn(text=replace(TEXT, paragraphs=("Một đoạn văn dài. " * 30,) * 12))
    size, letters = boxes(pdf)
    assert size == pytest.approx((210 * MM, 297 * MM), abs=0.5)
    assert 29.5 * MM < min(box[0] for box in letters) < 35 * MM
    assert 15 * MM < size[0] - max(box[2] for box in letters) < 20.5 * MM
    assert 19.9 * MM < size[1] - max(box[3] for box in letters) < 25 * MM
    assert min(box[1] for box in letters) > 20 * MM
    second = page_text(pdf, 1)
    assert second.startswith("2 ")
    _size, letters = boxes(pdf, 1)
    number = letters[0]
    assert abs((number[0] + number[2]) / 2 - (30 + 192) / 2 * MM) < 2
    assert size[1] - number[1] < 20 * MM, "in the top margin"


def test_the_signer_finds_the_place_between_title_and_name() -> None:
    suggestion = suggest_person(drawn(capacity=SigningCapacity.KT, signer_title="Phó Chủ tịch"), "Nguyễn Thị Ánh")
    assert suggestion.printed
    left, bottom, _right, top = suggestion.place.box
    assert left > 300
    assert top - bottom == pytest.approx(62, abs=1)


def test_a_name_never_stands_alone_on_a_page() -> None:
    for count in range(6, 30):
        pdf = drawn(text=replace(TEXT, paragraphs=("Một đoạn văn vừa phải, hai dòng trên trang giấy. " * 3,) * count))
        document = pypdfium2.PdfDocument(pdf)
        last = len(document) - 1
        document.close()
        assert "Một đoạn văn" in page_text(pdf, last), count


def test_markup_in_the_fields_stays_text_on_the_page() -> None:
    text = LetterText(paragraphs=(*NASTY, "Hết"), bases=NASTY, recipients=NASTY, addressees=NASTY)
    found = page_text(drawn("bao_cao", text, abstract=NASTY[1], signer_name="*A* #b"))
    squeezed = found.replace(" ", "")
    for line in NASTY:
        assert line.replace(" ", "")[:40].rstrip(".") in squeezed
    assert "*A* #b" in found
    assert "49" not in found


def test_markup_in_the_fields_stays_text_in_word() -> None:
    text = LetterText(paragraphs=(*NASTY, "Hết"), bases=NASTY, recipients=NASTY, addressees=NASTY)
    content = written("bao_cao", text, abstract=NASTY[1], signer_name="<b>A</b> {{ x }}")
    lines = word_lines(content)
    for line in NASTY:
        assert line in lines
    assert "<b>A</b> {{ x }}" in lines
    assert not any("49" in line for line in lines)


@pytest.mark.parametrize("code", list(LETTERS))
def test_the_word_file_says_what_the_page_says(code: str) -> None:
    content = written(code, capacity=SigningCapacity.KT, signer_title="Phó Chủ tịch")
    lines = word_lines(content)
    assert {"KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Thị Ánh", "Nơi nhận:", "- Lưu: VT, VPTK."} <= set(lines)
    assert "I. MỤC ĐÍCH" in lines
    assert "Điều 2. Tổ chức thực hiện./." in lines
    assert any(re.fullmatch(r"Số:\s+/KH-UBND", line) for line in lines)
    assert any(re.fullmatch(r"Bến Mẫu, ngày\s+tháng\s+năm\s*", line) for line in lines)
    assert ("KẾ HOẠCH" in lines) == (code != "cong_van")
    assert not any("{%" in line or "{{" in line for line in lines)


def test_the_word_file_has_the_measures_of_the_decree_and_nothing_of_its_maker() -> None:
    document = docx.Document(io.BytesIO(written()))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [20, 22, 30, 18]
    assert (document.styles["Normal"].font.name, document.styles["Normal"].font.size.pt) == ("Times New Roman", 14)
    assert section.different_first_page_header_footer
    assert document.core_properties.author == "Ủy ban nhân dân phường Bến Mẫu"
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        assert not any(b'TargetMode="External"' in archive.read(name) for name in archive.namelist())


def test_decomposed_text_comes_out_composed() -> None:
    line = lines_of("Tiê\u0301ng Viê\u0323t")[0]
    assert line == "Tiếng Việt"
    assert "Tiếng Việt" in page_text(drawn(text=replace(TEXT, paragraphs=(line,))))


def begins_at(pdf: bytes, words: str) -> list[float]:
    """Give how far from the left edge, in points, these words begin, wherever they stand on the first page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = document[0].get_textpage()
        search, found = text.search(words, match_case=True), []
        while (hit := search.get_next()) is not None:
            found.append(text.get_charbox(hit[0])[0])
        return found
    finally:
        document.close()


def test_the_last_paragraph_is_indented_as_the_others() -> None:
    first, last = begins_at(drawn(text=replace(TEXT, paragraphs=("Đoạn đầu", "Đoạn cuối"))), "Đoạn ")
    assert first == pytest.approx(last, abs=0.1)


@pytest.mark.parametrize("filling", range(40, 75, 5))
def test_a_number_and_its_symbol_stay_in_one_line(filling: int) -> None:
    line = f"{'a ' * (filling // 2)}số 01/QĐ-UBND và Nghị định 30/2020/NĐ-CP của Chính phủ, cùng nhiều chữ nữa"
    document = pypdfium2.PdfDocument(drawn(text=replace(TEXT, paragraphs=(line, "Hết"))))
    try:
        lines = document[0].get_textpage().get_text_bounded().splitlines()
    finally:
        document.close()
    for whole in ("01/QĐ-UBND", "30/2020/NĐ-CP"):
        assert any(whole in one for one in lines), lines
