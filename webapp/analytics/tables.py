"""A plain table as a workbook, for registers and lists."""

import io
from collections.abc import Iterable, Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from webapp.analytics.exports import harmless

WIDTHS: Final = (10, 60)


def table_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Give an .xlsx of one sheet: the heading stays in sight, and no cell can run as a formula."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = title[:31]
    widths = [len(name) for name in header]
    sheet.append([harmless(name) for name in header])
    for row in rows:
        sheet.append([harmless(value) for value in row])
        widths = [max(width, len(str(value or ""))) for width, value in zip(widths, row, strict=True)]
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for column, width in zip(sheet.columns, widths, strict=True):
        sheet.column_dimensions[str(column[0].column_letter)].width = min(max(width + 2, WIDTHS[0]), WIDTHS[1])
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
