"""A workbook that would burst is refused before it is parsed, quickly and in little memory."""

import io
import random
import subprocess
import sys
import zipfile
from contextlib import suppress

import openpyxl
import pytest

from tests.workbooks import HEADINGS, bomb, raw_workbook, save, sheet_xml, workbook
from webapp.analytics.workbook_guard import MAX_ENTRIES, inspect, kind_of
from webapp.analytics.workbooks import read_workbook
from webapp.core.errors import InvalidInput
from webapp.core.import_values import BadCell

PROBE = """
import re, sys, time
from pathlib import Path
from webapp.analytics.workbooks import read_workbook
from webapp.core.errors import InvalidInput
content = sys.stdin.buffer.read()
start = time.process_time()
try:
    read_workbook(content)
except InvalidInput:
    peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
    print(time.process_time() - start, int(peak[1]) / 1024)
"""


def test_two_million_cells_in_a_small_file_cost_neither_time_nor_memory() -> None:
    content = bomb()
    assert len(content) < 250_000
    done = subprocess.run([sys.executable, "-c", PROBE], input=content, capture_output=True, check=True)
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 2
    assert megabytes < 300


def test_many_cells_that_pack_badly_are_counted_too() -> None:
    dice = random.Random(1)
    row = b"<row>" + b"".join(b"<c><v>%d</v></c>" % dice.getrandbits(40) for _ in range(400)) + b"</row>"
    rows = b"".join(b"<row>%s</row>" % row[5:-6] for _ in range(3_200))
    with pytest.raises(InvalidInput):
        read_workbook(raw_workbook(sheet_xml(rows)))


def lying(content: bytes) -> bytes:
    """Make the directory of a ZIP say that its sheet is small."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(size.to_bytes(4, "little"), (500).to_bytes(4, "little"))


def test_sizes_in_the_directory_are_not_believed() -> None:
    with pytest.raises(InvalidInput):
        inspect(lying(bomb(rows=20_000)))
    with pytest.raises(InvalidInput):
        inspect(lying(raw_workbook(sheet_xml(b"<row><c><v>1</v></c></row>" * 500))))


def test_too_many_parts_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "x")
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"a{number}", "")
    with pytest.raises(InvalidInput):
        inspect(out.getvalue())


def test_one_long_text_used_by_many_cells_is_refused() -> None:
    strings = b"<sst><si><t>" + b"".join(b"%d" % n for n in range(7_000)) + b"</t></si></sst>"
    rows = (b"<row>" + b'<c t="s"><v>0</v></c>' * 20 + b"</row>") * 10_000
    with pytest.raises(InvalidInput):
        read_workbook(raw_workbook(sheet_xml(rows), **{"xl__sharedStrings.xml": strings}))


def test_formulas_are_found_with_prefixes_arrays_and_no_references() -> None:
    xml = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        b"<x:row><x:c><x:v>1</x:v></x:c><x:c><x:f>A1+1</x:f><x:v>2</x:v></x:c></x:row>"
        b"<x:row r='3'><x:c r='A3'><x:f t='array' ref='A3:B4'>1</x:f><x:v>1</x:v></x:c></x:row>"
        b"</x:sheetData></x:worksheet>"
    )
    (scan,) = inspect(raw_workbook(xml)).values()
    assert scan.formulas == {(0, 1), (2, 0), (2, 1), (3, 0), (3, 1)}


def test_formula_and_error_cells_come_out_as_such() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["C2"] = "=1+1", "#N/A"
    sheet["D3"] = "x"
    (read,) = read_workbook(save(book))
    assert read.rows[0][0] == BadCell("formula")
    assert read.rows[1][2] == BadCell("error")
    assert read.rows[2][3] == "x"


def test_hidden_sheets_are_marked_and_empty_ones_left_out() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Ẩn").append(["a"])
    book["Ẩn"].sheet_state = "hidden"
    book.create_sheet("Dữ liệu").append(["b"])
    assert [(sheet.name, sheet.hidden) for sheet in read_workbook(save(book))] == [("Ẩn", True), ("Dữ liệu", False)]


@pytest.mark.parametrize("cut", range(0, 5_000, 617))
def test_a_broken_file_is_refused_wherever_it_breaks(cut: int) -> None:
    content = bytearray(workbook(HEADINGS, *([n, "a", "b", "c", 1, 1, 1, "có"] for n in range(30))))
    content[cut % len(content)] ^= 0xFF
    with suppress(InvalidInput):
        assert read_workbook(bytes(content))[0].rows[0][0] == "STT"


def test_a_csv_is_told_by_its_bytes_and_its_separator() -> None:
    assert kind_of("Họ tên;Số khẩu\nA;1".encode()) == "csv"
    (sheet,) = read_workbook('\ufeffHọ tên;Số khẩu\n"A; B";=1+1\n'.encode())
    assert sheet.rows == [["Họ tên", "Số khẩu"], ["A; B", BadCell("formula")]]
