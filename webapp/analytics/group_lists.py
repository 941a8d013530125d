"""Reading a list of residential groups from a workbook or CSV file, for the set-up and the page of groups."""

from typing import Final

from webapp.analytics.workbooks import read_workbook
from webapp.core.import_values import plain_text
from webapp.core.text import clean

# Code, name, persons.
MOST_COLUMNS: Final = 3


def read_group_lines(content: bytes) -> list[str]:
    """Give the rows of the first visible sheet as lines for core.groups.parse_groups: code, name, persons.

    Titles and remarks beside the table are left out. Raises InvalidInput on field `file`.
    """
    sheets = read_workbook(content)
    sheet = next((sheet for sheet in sheets if not sheet.hidden), sheets[0])
    rows = [[clean(plain_text(cell)) for cell in row] for row in sheet.rows]
    width = max(map(len, rows))
    # A column of one cell is a title or a remark, not part of the table.
    used = [index for index in range(width) if sum(bool(row[index]) for row in rows if index < len(row)) > 1]
    columns = used[:MOST_COLUMNS] or [0]
    lines = [[row[index] if index < len(row) else "" for index in columns] for row in rows]
    if len(columns) > 1:
        lines = [line for line in lines if sum(map(bool, line)) > 1]
    return ["\t".join(line) for line in lines if any(line)]
