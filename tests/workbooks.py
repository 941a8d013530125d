"""Workbooks made in tests, as bytes: plain ones by openpyxl, hostile ones by hand."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl

HEADINGS = ("STT", "Tổ", "Họ tên chủ hộ", "Địa chỉ", "Nhân khẩu", "Người lớn", "Điện thoại thông minh", "Cáp quang")
PERSON = (1, "Tổ 1", "Lê Thị Bưởi", "9 Trần Phú", 4, 2, 2, "có")

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(
    *rows: Sequence[Any], name: str = "Sheet1", merges: Sequence[str] = (), **more: Sequence[Sequence[Any]]
) -> bytes:
    """Make a workbook of one sheet (and more, by name)."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    for area in merges:
        sheet.merge_cells(area)
    for title, lines in more.items():
        other = book.create_sheet(title)
        for row in lines:
            other.append(list(row))
    return save(book)


def save(book: openpyxl.Workbook) -> bytes:
    """Give the bytes of a book."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def raw_workbook(sheet_xml: bytes, **parts: bytes) -> bytes:
    """Pack hand-written sheet XML; more parts by path with `__` for `/`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
            f'Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
            f'Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet_xml)
        for path, content in parts.items():
            archive.writestr(path.replace("__", "/"), content)
    return out.getvalue()


def sheet_xml(data: bytes) -> bytes:
    """Wrap rows."""
    return b'<worksheet xmlns="' + MAIN.encode() + b'"><sheetData>' + data + b"</sheetData></worksheet>"


def bomb(rows: int = 100_000, columns: int = 20) -> bytes:
    """Make the small file with two million cells."""
    return raw_workbook(sheet_xml((b"<row>" + b"<c><v>1</v></c>" * columns + b"</row>") * rows))
