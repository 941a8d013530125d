"""Groups × indicators as one workbook for meetings: rates, distance from the ward, counts. Rows in, bytes out."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from webapp.analytics.exports import harmless

WARD_ROW: Final = "Toàn phường"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """Counts of one indicator in one group, with the households asked and known."""

    group: str
    indicator: str
    numerator: int
    denominator: int
    asked: int
    known: int


def group_workbook(rows: Sequence[GroupCount]) -> bytes:
    """Write an XLSX with the sheets `Tỷ lệ`, `So với phường` and `Số đếm`; ratios, empty where nobody was asked.

    The ward's rate is the sum of numerators ÷ the sum of denominators, never the mean of the groups' rates.
    """
    import pandas as pd  # noqa: PLC0415 - half a second to load, and only a download needs it

    frame = pd.DataFrame(
        [(harmless(r.group), harmless(r.indicator), r.numerator, r.denominator, r.asked, r.known) for r in rows],
        columns=["Tổ dân phố", "Chỉ tiêu", "Tử số", "Mẫu số", "Hộ đã hỏi", "Hộ đã biết"],
    )
    tops, bottoms = _wide(frame, "Tử số"), _wide(frame, "Mẫu số")
    rates = tops / bottoms.where(bottoms > 0)
    whole = tops.sum() / bottoms.sum().where(bottoms.sum() > 0)
    distance = rates - whole
    rates.loc[WARD_ROW] = whole
    return _written(pd, {"Tỷ lệ": rates, "So với phường": distance, "Số đếm": frame.set_index("Tổ dân phố")})


def _wide(frame: Any, values: str) -> Any:  # noqa: ANN401 - pandas, imported late
    """Put indicators beside one another, groups and indicators in the order they came."""
    wide = frame.pivot_table(index="Tổ dân phố", columns="Chỉ tiêu", values=values, aggfunc="sum", sort=False)
    return wide[list(dict.fromkeys(frame["Chỉ tiêu"]))]


def _written(pd: Any, sheets: dict[str, Any]) -> bytes:  # noqa: ANN401 - the module, imported late
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="openpyxl") as book:
        for name, table in sheets.items():
            table.to_excel(book, sheet_name=name, freeze_panes=(1, 1))
            sheet = book.sheets[name]
            sheet.column_dimensions["A"].width = 24
            for row in sheet.iter_rows(min_row=2, min_col=2):
                for cell in row:
                    cell.number_format = "0" if name == "Số đếm" else "0.0%"
    return content.getvalue()
