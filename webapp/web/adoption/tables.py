"""Figures as tables to download; headings are stable, so a sheet built on them keeps working."""

from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response

from webapp.analytics.exports import csv_bytes
from webapp.core.adoption import Measure
from webapp.queries.adoption import Figure
from webapp.web.shared.labels import label

FIGURE_HEADER: Final = (
    "ma_chi_tieu", "chi_tieu", "tu_so", "mau_so", "ty_le", "so_da_hoi", "tong_so_biet", "do_phu", "do_tuoi",
    "nam_chi_tieu", "phep_so_sanh", "muc_chi_tieu", "con_thieu", "danh_gia", "muc_ke_hoach", "ngay",
)  # fmt: skip
COUNT_HEADER: Final = ("tu_so", "mau_so", "ty_le", "so_ho_da_hoi")


def figure_row(figure: Figure, day: str) -> Sequence[object]:
    """Give one figure under FIGURE_HEADER; ratios as decimals, empty where nobody was asked."""
    indicator, measure, target = figure.indicator, figure.measure, figure.target
    return (
        indicator.code, indicator.name_vi, measure.numerator, measure.denominator, ratio(measure.rate), measure.asked,
        figure.known, ratio(figure.coverage), indicator.adult_age,
        target.year if target else None, target.operator.value if target else None, target.value if target else None,
        figure.gap, label(figure.status), indicator.plan_section, day,
    )  # fmt: skip


def count_cells(measure: Measure) -> Sequence[object]:
    """Give counts under COUNT_HEADER."""
    return measure.numerator, measure.denominator, ratio(measure.rate), measure.asked


def ratio(value: float | None) -> float | None:
    """Round for a table: six places are enough for a million people."""
    return None if value is None else round(value, 6)


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Answer with a CSV file; its name keeps to letters that every system takes."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return Response(
        csv_bytes(header, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{safe}.csv"'},
    )
