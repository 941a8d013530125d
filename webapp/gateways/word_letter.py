"""The Word file of a composed document: Decree 30's layout as a template that is built in memory, then filled.

Nothing binary lies in the repository: `template()` lays the parts out with python-docx, each with the mark that
docxtpl replaces. What people typed is escaped and never read as a mark.
"""

import datetime as dt
import io
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate

FONT: Final = "Times New Roman"
INDENT: Final = Cm(1.27)


def fill_letter(values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
    """Give the .docx of the values of `core.letters.letter_values`."""
    filled = DocxTemplate(io.BytesIO(template()))
    filled.render(dict(values), autoescape=True)
    # The last paragraph goes to the next page with the signature: a name never stands there alone.
    filled.docx.paragraphs[-2].paragraph_format.keep_with_next = True
    about = filled.docx.core_properties
    about.title, about.author, about.comments = str(values["title"])[:250], str(values["agency"])[:250], ""
    about.last_modified_by, about.created, about.modified = "", moment, moment
    out = io.BytesIO()
    filled.save(out)
    return out.getvalue()


@cache
def template() -> bytes:
    """Lay the nine parts out on A4; margins 20, 20, 30 and 18 mm."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(22)
    section.left_margin, section.right_margin = Mm(30), Mm(18)
    section.header_distance = Mm(10)
    _style(document)
    _page_number(document)
    _head(document)
    _title(document)
    _body(document)
    _foot(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _style(document: WordDocument) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    form = normal.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(0), Pt(0), 1.0


def _page_number(document: WordDocument) -> None:
    """Centred in the top margin, from page 2 on."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text or None
        run._r.append(part)  # noqa: SLF001 - python-docx has no fields


def _head(document: WordDocument) -> None:
    table = _columns(document, 2, (Cm(6.1), Cm(10.1)))
    agency, nation = table.rows[0].cells
    _loop(agency, "agency_lines", bold=True, size=13)
    _rule(agency.add_paragraph(), Cm(2))
    _words(nation.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=13)
    _words(nation.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", bold=True)
    _rule(nation.add_paragraph(), Cm(2.1))
    number, day = table.rows[1].cells
    _words(number.paragraphs[0], f"Số:{chr(0xA0) * 9}/{{{{ symbol }}}}", size=13)
    _when(number, "subject", size=12)
    gaps = chr(0xA0) * 7
    _words(day.paragraphs[0], f"{{{{ place }}}}, ngày{gaps}tháng{gaps}năm{chr(0xA0) * 10}", italic=True, size=13)
    document.add_paragraph().paragraph_format.line_spacing = Pt(12)


def _title(document: WordDocument) -> None:
    _mark(document, "{%p if type_name %}")
    _words(document.add_paragraph(), "{{ type_name }}", bold=True)
    _words(document.add_paragraph(), "{{ abstract }}", bold=True)
    _rule(document.add_paragraph(), Cm(6.5))
    _mark(document, "{%p endif %}")
    _mark(document, "{%p if authority %}")
    _words(document.add_paragraph(), "{{ authority }}", bold=True)
    _mark(document, "{%p endif %}")
    _mark(document, "{%p if addressees | length == 1 %}")
    _words(document.add_paragraph(), "Kính gửi: {{ addressees[0] }}")
    _mark(document, "{%p elif addressees %}")
    _plain(document, "Kính gửi:", indent=Cm(2.5))
    _mark(document, "{%p for one in addressees %}")
    _plain(document, "{{ one }}", indent=Cm(3.5))
    _mark(document, "{%p endfor %}")
    _mark(document, "{%p endif %}")


def _body(document: WordDocument) -> None:
    _mark(document, "{%p for one in bases %}")
    _text(document).add_run("{{ one }}").italic = True
    _mark(document, "{%p endfor %}")
    _mark(document, "{%p if decides %}")
    _words(document.add_paragraph(), "{{ decides }}", bold=True)
    _mark(document, "{%p endif %}")
    _mark(document, "{%p for one in paragraphs %}")
    _mark(document, "{%p if one.kind == 'heading' %}")
    heading = _text(document)
    heading.add_run("{{ one.text }}").bold = True
    heading.paragraph_format.keep_with_next = True
    _mark(document, "{%p elif one.kind == 'article' %}")
    article = _text(document)
    article.add_run("{{ one.lead }}").bold = True
    article.add_run(" {{ one.text }}")
    _mark(document, "{%p else %}")
    _text(document).add_run("{{ one.text }}")
    _mark(document, "{%p endif %}")
    _mark(document, "{%p endfor %}")


def _foot(document: WordDocument) -> None:
    """Recipients left, capacity and name right; the row is never broken over two pages."""
    document.add_paragraph().paragraph_format.keep_with_next = True
    row = _columns(document, 1, (Cm(7.8), Cm(8.4))).rows[0]
    whole = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(whole)  # noqa: SLF001 - python-docx has no name for it
    heading = row.cells[0].paragraphs[0].add_run("Nơi nhận:")
    heading.bold = heading.italic = True
    heading.font.size = Pt(12)
    _loop(row.cells[0], "recipients", size=11, align=ALIGN.LEFT, first=False)
    _loop(row.cells[1], "capacity", bold=True)
    for _line in range(5):
        _words(row.cells[1].add_paragraph(), "")
    _words(row.cells[1].add_paragraph(), "{{ signer }}", bold=True)


def _columns(document: WordDocument, rows: int, widths: tuple[Cm, Cm]) -> Table:
    """Add a table without lines; Word asks the cells for their width, LibreOffice the columns."""
    table: Table = document.add_table(rows=rows, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width
    return table


def _mark(where: WordDocument | _Cell, mark: str) -> None:
    where.add_paragraph(mark)


def _loop(
    cell: _Cell, name: str, *, size: int = 14, bold: bool = False, align: ALIGN = ALIGN.CENTER, first: bool = True
) -> None:
    start = cell.paragraphs[0] if first else cell.add_paragraph()
    start.add_run(f"{{%p for one in {name} %}}")
    _words(cell.add_paragraph(), "{{ one }}", size=size, bold=bold, align=align)
    _mark(cell, "{%p endfor %}")


def _when(cell: _Cell, name: str, *, size: int) -> None:
    _mark(cell, f"{{%p if {name} %}}")
    _words(cell.add_paragraph(), f"{{{{ {name} }}}}", size=size)
    _mark(cell, "{%p endif %}")


def _words(
    paragraph: Paragraph,
    text: str,
    *,
    size: int = 14,
    bold: bool = False,
    italic: bool = False,
    align: ALIGN = ALIGN.CENTER,
) -> None:
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _plain(document: WordDocument, text: str, *, indent: Cm) -> None:
    paragraph = document.add_paragraph(text)
    paragraph.paragraph_format.left_indent = indent


def _text(document: WordDocument) -> Paragraph:
    """Begin a paragraph of the text: both sides straight, first line 1.27 cm in, six points apart."""
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN.JUSTIFY
    form = paragraph.paragraph_format
    form.first_line_indent, form.space_before, form.space_after = INDENT, Pt(3), Pt(3)
    form.line_spacing = 1.1
    return paragraph


def _rule(paragraph: Paragraph, margin: Cm) -> None:
    """Draw a line in the middle: the upper border of a low paragraph, `margin` in from both sides."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = margin
    form.space_before, form.line_spacing = Pt(3), Pt(6)
    border = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        border.set(qn(f"w:{name}"), value)
    borders = OxmlElement("w:pBdr")
    borders.append(border)
    # The schema wants borders before spacing and indentation.
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")  # noqa: SLF001
