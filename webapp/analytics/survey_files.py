"""The survey as CSV and JSON, piece by piece, and as a workbook. Rows in, text or bytes out."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook

from webapp.analytics.exports import harmless
from webapp.core.errors import N_, InvalidInput
from webapp.core.export_extra import NO_EXTRA, ExtraColumns
from webapp.core.export_rows import ExportedVisit, table_rows, visit_object
from webapp.core.exports import Column, ExportOrder, ExportTable, cell, columns_of, headings

PIECE: Final = 200
SHEET_ROWS: Final = 1_048_575  # what a sheet holds below its heading
SHEETS: Final[Mapping[ExportTable, str]] = {ExportTable.VISITS: "Phiếu", ExportTable.ADULTS: "Người lớn"}
TOO_LONG: Final = N_("Có nhiều dòng hơn một trang Excel chứa được. Hãy chọn một đợt hoặc một tổ, hoặc tải CSV.")


def csv_pieces(
    visits: Iterable[ExportedVisit], table: ExportTable, order: ExportOrder, *, extra: ExtraColumns = NO_EXTRA
) -> Iterator[bytes]:
    """Give a CSV file (UTF-8 with a mark, RFC 4180) in pieces; no cell can run as a formula."""
    columns = _columns(table, order, extra)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_headings(columns, order))
    yield b"\xef\xbb\xbf"
    for number, visit in enumerate(visits, 1):
        for row in _rows(visit, table, order, extra):
            writer.writerow(_cells(row, columns, order))
        if number % PIECE == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def _columns(table: ExportTable, order: ExportOrder, extra: ExtraColumns) -> tuple[Column, ...]:
    return columns_of(table, order) + (extra.columns if table is ExportTable.VISITS else ())


def _headings(columns: Sequence[Column], order: ExportOrder) -> list[object]:
    """Give the first row; a ward words its own questions, so no heading can run either."""
    return [harmless(heading) for heading in headings(columns, order.wording)]


def _rows(
    visit: ExportedVisit, table: ExportTable, order: ExportOrder, extra: ExtraColumns
) -> Iterator[dict[str, Any]]:
    own = extra.cells(visit.stored, order.wording) if table is ExportTable.VISITS else {}
    for row in table_rows(visit, table):
        yield row | own


def _cells(row: Mapping[str, Any], columns: Sequence[Column], order: ExportOrder) -> list[object]:
    return [harmless(cell(row.get(column.code), order.wording)) for column in columns]


def json_pieces(
    visits: Iterable[ExportedVisit], order: ExportOrder, *, extra: ExtraColumns = NO_EXTRA
) -> Iterator[bytes]:
    """Give `{"visits": […]}` in pieces: each revision with its answers and adults nested."""
    yield b'{"visits":['
    kept: list[str] = []
    glue = "\n"
    for visit in visits:
        found = visit_object(visit, names=order.names, extra=extra)
        kept.append(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
        if len(kept) == PIECE:
            yield (glue + ",\n".join(kept)).encode()
            kept, glue = [], ",\n"
    if kept:
        yield (glue + ",\n".join(kept)).encode()
    yield b"\n]}\n"


def survey_workbook(
    visits: Iterable[ExportedVisit],
    order: ExportOrder,
    *,
    extra: ExtraColumns = NO_EXTRA,
    told: Callable[[int], None] = lambda _done: None,
) -> bytes:
    """Write a workbook with a sheet of visits and one of adults; `told` hears how many visits are written.

    Rows are written through, not gathered. Raises InvalidInput when a sheet would not hold them.
    """
    book = Workbook(write_only=True)
    tables = {table: _columns(table, order, extra) for table in SHEETS}
    sheets = {table: book.create_sheet(name) for table, name in SHEETS.items()}
    left = dict.fromkeys(SHEETS, SHEET_ROWS)
    for table, columns in tables.items():
        sheets[table].freeze_panes = "A2"
        sheets[table].append(_headings(columns, order))
    for number, visit in enumerate(visits, 1):
        for table, columns in tables.items():
            for row in _rows(visit, table, order, extra):
                sheets[table].append(_cells(row, columns, order))
                left[table] -= 1
        if min(left.values()) < 0:
            raise InvalidInput(TOO_LONG)
        told(number)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
