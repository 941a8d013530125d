"""What is looked at before a workbook is parsed: what kind of file it is, and whether it would burst.

An upload limit alone is not enough: 226 KB can hold two million cells. So every part is inflated in a stream with a
limit, and its cells are counted, before any reader builds rows. The same pass notes formula and error cells, because
the reader gives the cached value of a formula and nothing at all for an error.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from webapp.analytics.workbook_strings import shared_lengths, text_size
from webapp.core.errors import N_, InvalidInput, Problem

MIB: Final = 1024 * 1024
MAX_ENTRIES: Final = 2_000
MAX_INFLATED: Final = 128 * MIB
# Honest sheets deflate 8 to 20 times; what deflates better than this is made to hurt.
MAX_RATIO: Final = 50
RATIO_FROM: Final = 8 * MIB
MAX_CELLS: Final = 1_200_000
MAX_COLUMNS: Final = 500
# Shared texts written out into their cells.
MAX_TEXT: Final = 64 * MIB
SHEETS: Final = "xl/worksheets/"
_CHUNK: Final = 256 * 1024

TOO_BIG: Final = N_(
    "Tệp nén quá nhiều dữ liệu (trên %(cells)s ô hoặc bung ra quá lớn) nên không được đọc. "
    "Hãy chép riêng bảng cần nhập sang một tệp Excel mới rồi tải lại."
)
BROKEN: Final = N_("Tệp Excel bị hỏng hoặc chưa tải lên hết. Hãy mở lại bằng Excel, lưu thành .xlsx rồi tải lại.")
KINDS: Final = {
    "xlsm": N_("Tệp Excel này có macro (.xlsm). Hãy lưu lại thành “Excel Workbook (.xlsx)” rồi tải lên."),
    "xlsb": N_("Tệp Excel nhị phân (.xlsb) không đọc được. Hãy lưu lại thành “Excel Workbook (.xlsx)” rồi tải lên."),
    "xls": N_("Tệp Excel đời cũ (.xls) không đọc được. Hãy mở bằng Excel, lưu lại thành .xlsx rồi tải lên."),
    "ods": N_("Tệp OpenDocument (.ods) không đọc được. Hãy lưu lại thành .xlsx rồi tải lên."),
    "locked": N_("Tệp Excel này đặt mật khẩu mở. Hãy bỏ mật khẩu (Tệp → Thông tin → Bảo vệ sổ làm việc) rồi tải lên."),
    "docx": N_("Đây là tệp Word, không phải Excel. Hãy chép bảng sang Excel, lưu thành .xlsx rồi tải lên."),
    "html": N_("Tệp này là trang web đặt tên đuôi Excel. Hãy mở bằng Excel, lưu lại thành .xlsx rồi tải lên."),
    "pdf": N_("Đây là tệp PDF, không phải Excel. Hãy chọn tệp .xlsx hoặc .csv."),
    "empty": N_("Tệp rỗng. Hãy chọn tệp khác."),
    "other": N_("Không nhận ra loại tệp này. Hãy chọn tệp .xlsx hoặc .csv (UTF-8)."),
}

# Start tags of rows, cells and formulas, with or without a prefix. Attributes never hold ">" in honest files, and in
# dishonest ones a formula is still found.
_TAG = re.compile(rb"<(?:[A-Za-z]\w*:)?(row|c|f)(?=[\s/>])([^>]*)>")
_CELL = re.compile(rb"<(?:[A-Za-z]\w*:)?c(?=[\s/>])")
_PLAIN_REF = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_SPECIAL = re.compile(rb"""<(?:[A-Za-z]\w*:)?f[\s/>]|\bt\s*=\s*["']e["']""")
_ROW = re.compile(rb"""\br\s*=\s*["'](\d{1,7})["']""")
_REF = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_RANGE = re.compile(rb"""\bref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_IS_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")


def column_index(letters: str) -> int:
    """Give the zero-based column of its letters: A is 0, AA is 26."""
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value - 1


@dataclass(slots=True)
class SheetScan:
    """What one sheet's XML holds: number of cells, bounds, and the cells (row, column; from 0) not to be trusted."""

    cells: int = 0
    rows: int = 0
    columns: int = 0
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)


def too_big() -> InvalidInput:
    """Make the refusal of a workbook that would burst."""
    return InvalidInput(Problem("file", TOO_BIG, {"cells": f"{MAX_CELLS:,}".replace(",", ".")}))


def kind_of(content: bytes) -> str:
    """Tell what a file is by its bytes: `xlsx`, `csv`, or a key of KINDS."""
    if not content.strip():
        return "empty"
    if content.startswith(b"PK"):
        return _kind_of_zip(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "locked" if "EncryptedPackage".encode("utf-16-le") in content else "xls"
    if content.startswith(b"%PDF"):
        return "pdf"
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")):
        return "html"
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "other"
    return "csv"


def _kind_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = {info.filename.lower() for info in archive.infolist()[: MAX_ENTRIES + 1]}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeDecodeError):
        return "broken"
    if any(name.endswith("vbaproject.bin") for name in names):
        return "xlsm"
    for mark, kind in (
        ("xl/workbook.xml", "xlsx"),
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "docx"),
        ("content.xml", "ods"),
    ):
        if mark in names:
            return kind
    return "other"


def _too_dense(inflated: int, packed: int) -> bool:
    return inflated > RATIO_FROM and inflated > MAX_RATIO * max(packed, 1)


def _inflate(content: bytes, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Give a part in chunks, counting what really comes out; the directory's own figures may lie."""
    if info.flag_bits & 0x1:
        raise InvalidInput(Problem("file", KINDS["locked"]))
    with archive.open(info) as _checked:  # checks the local header against the directory
        start = info.header_offset
    name_size = int.from_bytes(content[start + 26 : start + 28], "little")
    extra_size = int.from_bytes(content[start + 28 : start + 30], "little")
    begin = start + 30 + name_size + extra_size
    packed = memoryview(content)[begin : begin + info.compress_size]
    came = 0
    if info.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed[:limit])
        came = len(packed)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        machine = zlib.decompressobj(-15)
        data: bytes | memoryview = packed
        while not machine.eof:
            chunk = machine.decompress(data, _CHUNK)
            data = machine.unconsumed_tail
            came += len(chunk)
            if came > limit or _too_dense(came, info.compress_size):
                raise too_big()
            if not chunk and not data:
                break
            yield chunk
    else:
        raise InvalidInput(Problem("file", BROKEN))
    if came != info.file_size:
        raise InvalidInput(Problem("file", BROKEN))


def inspect(content: bytes) -> dict[str, SheetScan]:
    """Check an .xlsx in one bounded pass and scan its sheets; keys are part names in lower case.

    Raises InvalidInput: broken, locked, with DTD, or too big in entries, bytes, ratio, cells or extent.
    """
    scans: dict[str, SheetScan] = {}
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_directory(entries)
            left, cells = MAX_INFLATED, 0
            for info in entries:
                name = info.filename.lower()
                scan = SheetScan(cells=cells)
                left -= _look_at(name, _inflate(content, archive, info, left), scan)
                if name.startswith(SHEETS) and name.endswith(".xml"):
                    cells = scan.cells
                    scans[name] = scan
            _check_texts(content, archive, cells)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        raise InvalidInput(Problem("file", BROKEN)) from error
    return scans


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES or sum(info.file_size for info in entries) > MAX_INFLATED:
        raise too_big()
    if any(_too_dense(info.file_size, info.compress_size) for info in entries):
        raise too_big()


def _check_texts(content: bytes, archive: zipfile.ZipFile, cells: int) -> None:
    """Refuse shared texts that the cells multiply beyond measure; most files are cleared by their longest text."""
    parts = {info.filename.lower(): info for info in archive.infolist()}
    shared = parts.get("xl/sharedstrings.xml")
    if shared is None:
        return
    lengths = shared_lengths(_inflate(content, archive, shared, MAX_INFLATED), 4 * MAX_CELLS)
    if max(lengths, default=0) * cells <= MAX_TEXT:
        return
    size = 0
    for name, info in parts.items():
        if name.startswith(SHEETS):
            size += text_size(_inflate(content, archive, info, MAX_INFLATED), lengths)
        if size > MAX_TEXT:
            raise too_big()


def _look_at(name: str, chunks: Iterator[bytes], scan: SheetScan) -> int:
    size, tail, is_xml = 0, b"", name.endswith((".xml", ".rels"))
    is_sheet = is_xml and name.startswith(SHEETS)
    current: tuple[int, int] = (-1, -1)
    for chunk in chunks:
        if is_xml and size == 0 and (chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in chunk[:200]):
            raise InvalidInput(Problem("file", BROKEN))
        size += len(chunk)
        if not is_xml:
            continue
        text = tail + chunk
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise InvalidInput(Problem("file", BROKEN))
        cut = text.rfind(b"<")
        text, tail = (text[:cut], text[cut:]) if cut > 0 and len(text) - cut < _CHUNK else (text, b"")
        if is_sheet:
            current = _scan_cells(text, scan, current)
    if is_sheet:
        _scan_cells(tail, scan, current)
    return size


def _scan_cells(text: bytes, scan: SheetScan, current: tuple[int, int]) -> tuple[int, int]:
    """Count the cells of one piece of sheet XML; `current` is the last cell seen, for what has no reference.

    Plain pieces (every cell named, no formula, no error) are counted without looking at each tag.
    """
    references = _PLAIN_REF.findall(text)
    if references and len(references) == len(_CELL.findall(text)) and not _SPECIAL.search(text):
        rows = max(map(int, {row for _column, row in references}))
        columns = max(column_index(column.decode()) for column in {column for column, _row in references})
        if _fits(scan, len(references), rows, columns + 1):
            scan.cells += len(references)
            scan.rows, scan.columns = max(scan.rows, rows), max(scan.columns, columns + 1)
            return int(references[-1][1]) - 1, column_index(references[-1][0].decode())
    return _scan_tags(text, scan, current)


def _fits(scan: SheetScan, cells: int, rows: int, columns: int) -> bool:
    wide, long = max(scan.columns, columns), max(scan.rows, rows)
    return scan.cells + cells <= MAX_CELLS and wide <= MAX_COLUMNS and wide * long <= 4 * MAX_CELLS


def _scan_tags(text: bytes, scan: SheetScan, current: tuple[int, int]) -> tuple[int, int]:
    for found in _TAG.finditer(text):
        name, attributes = found.groups()
        if name == b"c":
            scan.cells += 1
            reference = _REF.search(attributes)
            if reference is None:
                current = (current[0], current[1] + 1)
            else:
                current = (int(reference[2]) - 1, column_index(reference[1].decode()))
            _note_cell(attributes, scan, current)
        elif name == b"row":
            number = _ROW.search(attributes)
            current = (int(number[1]) - 1 if number else current[0] + 1, -1)
        else:
            _note_formula(attributes, scan, current)
    return current


def _note_cell(attributes: bytes, scan: SheetScan, cell: tuple[int, int]) -> None:
    if scan.cells > MAX_CELLS:
        raise too_big()
    if not attributes.endswith(b"/"):
        _stretch(scan, cell)
    if _IS_ERROR.search(attributes):
        scan.errors.add(cell)


def _stretch(scan: SheetScan, cell: tuple[int, int]) -> None:
    # A reader lays a sheet out from its first to its last cell: two cells in far corners would be 17 billion.
    scan.rows, scan.columns = max(scan.rows, cell[0] + 1), max(scan.columns, cell[1] + 1)
    if scan.columns > MAX_COLUMNS or scan.rows * scan.columns > 4 * MAX_CELLS:
        raise too_big()


def _note_formula(attributes: bytes, scan: SheetScan, current: tuple[int, int]) -> None:
    scan.formulas.add(current)
    spread = _RANGE.search(attributes)
    if spread is None or b"array" not in attributes:
        return
    top, bottom = int(spread[2]) - 1, int(spread[4]) - 1
    left, right = column_index(spread[1].decode()), column_index(spread[3].decode())
    if (bottom - top + 1) * (right - left + 1) > MAX_CELLS:
        raise too_big()
    scan.formulas.update((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
