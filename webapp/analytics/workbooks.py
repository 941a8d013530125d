"""Reading workbooks that people upload: bytes in, sheets of plain cells out.

Formulas and error cells come out as BadCell, because calamine gives a formula's cached value (which the file's author
can set to anything) and an empty cell for an error.
"""

import csv
import io
import posixpath
import zipfile
from collections.abc import Mapping
from typing import Any, Final, cast
from xml.etree import ElementTree as ET

import python_calamine

from webapp.analytics import workbook_guard as guard
from webapp.core.errors import N_, InvalidInput, Problem
from webapp.core.import_layout import Sheet
from webapp.core.import_values import BadCell, Cell, plain_text
from webapp.core.text import clean

MAX_SHEETS: Final = 300
MAX_MERGES: Final = 20_000
MAX_DIRECTORY: Final = 2 * guard.MIB
NO_SHEET: Final = N_("Tệp không có trang tính nào có dữ liệu. Hãy chọn tệp khác.")
NOT_UTF8: Final = N_(
    "Tệp CSV này không phải UTF-8 nên chữ có dấu sẽ sai. Trong Excel chọn Lưu thành → “CSV UTF-8”, rồi tải lại."
)
BAD_CSV: Final = N_("Không đọc được tệp CSV này. Hãy mở bằng Excel, lưu thành .xlsx rồi tải lại.")

_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_REL: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def read_workbook(content: bytes) -> list[Sheet]:
    """Read every sheet that holds something, hidden ones marked so. Two passes: guard, then calamine.

    Raises InvalidInput with a message that says what to do: wrong kind of file, broken, locked, or too big.
    """
    kind = guard.kind_of(content)
    if kind == "csv":
        return [_read_csv(content)]
    if kind != "xlsx":
        raise _refused(guard.KINDS.get(kind, guard.BROKEN))
    scans = guard.inspect(content)
    try:
        sheets = _read_xlsx(content, scans)
    except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError, ET.ParseError) as error:
        raise _refused(guard.BROKEN) from error
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise _refused(guard.BROKEN) from error
    if not any(sheet.rows for sheet in sheets):
        raise _refused(NO_SHEET)
    return [sheet for sheet in sheets if sheet.rows]


def _refused(message: str) -> InvalidInput:
    return InvalidInput(Problem("file", message))


def _read_xlsx(content: bytes, scans: Mapping[str, guard.SheetScan]) -> list[Sheet]:
    parts = _parts(content)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = []
    for meta in book.sheets_metadata[:MAX_SHEETS]:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        scan = scans[parts[meta.name]]
        sheet = book.get_sheet_by_name(meta.name)
        rows = cast("list[list[Cell]]", sheet.to_python(skip_empty_area=False) if scan.rows else [])
        for row in rows:
            for index, value in enumerate(row):
                if value == "":
                    row[index] = None
        _mark(rows, scan)
        merges = tuple((a[0], a[1], b[0], b[1]) for a, b in (sheet.merged_cell_ranges or [])[:MAX_MERGES])
        hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
        found.append(Sheet(meta.name, rows, merges, hidden))
    return found


def _mark(rows: list[list[Cell]], scan: guard.SheetScan) -> None:
    """Put BadCell where a formula or an error stands; a formula keeps its cached value as text, to be compared only."""
    for kind, cells in (("formula", scan.formulas), ("error", scan.errors)):
        for row, column in cells:
            if row < len(rows):
                line = rows[row]
                line.extend([None] * (column + 1 - len(line)))
                cached = line[column]
                line[column] = BadCell(kind, "" if cached is None or isinstance(cached, BadCell) else _number(cached))


def _number(value: Any) -> str:  # noqa: ANN401 - whatever calamine found
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)[:80]


def _tree(archive: zipfile.ZipFile, name: str) -> ET.Element:
    if archive.getinfo(name).file_size > MAX_DIRECTORY:
        raise guard.too_big()
    return ET.fromstring(archive.read(name))  # noqa: S314 - the guard has refused every DTD


def _parts(content: bytes) -> dict[str, str]:
    """Give sheet name → part name in lower case, as the guard calls it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        book, relations = (_tree(archive, names[part]) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    found = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            target = targets.get(element.get(_REL) or element.get(_STRICT_REL), "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            found[element.get("name", "")] = path.lower()
    return found


def _read_csv(content: bytes) -> Sheet:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(NOT_UTF8)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(NOT_UTF8) from error
    rows: list[list[Cell]] = []
    cells = 0
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            cells += len(line)
            if cells > guard.MAX_CELLS or len(line) > guard.MAX_COLUMNS:
                raise guard.too_big()
            rows.append([_csv_cell(value) for value in line])
    except csv.Error as error:
        raise _refused(BAD_CSV) from error
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise _refused(NO_SHEET)
    return Sheet("CSV", rows)


def _csv_cell(value: str) -> Cell:
    if not value.strip():
        return None
    return BadCell("formula") if value.lstrip().startswith("=") else value


def _delimiter(text: str) -> str:
    """Take the separator that the first lines use most; Vietnamese Excel writes semicolons."""
    start = "\n".join(text.splitlines()[:20])
    return max(";,\t", key=start.count)


def sample_values(sheet: Sheet, first: int, index: int, most: int = 3) -> list[str]:
    """Give the first different values of a column for the mapping screen; rows of one cell are section titles."""
    found: dict[str, None] = {}
    for row in sheet.rows[first : first + 200]:
        if index < len(row) and row[index] is not None and sum(cell is not None for cell in row) > 1:
            text = "=…" if isinstance(row[index], BadCell) else clean(plain_text(row[index]))[:60]
            if text:
                found[text] = None
        if len(found) == most:
            break
    return list(found)
