"""Electronic copies of paper (Decree 30, Arts 25 to 27 and Appendix I, Part II): form, scan and corner text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from webapp.core.errors import N_, Problem

LOWEST_DPI: Final = 200
LEAST_COVER: Final = 0.95
"""A scan in its true size fills its page; the rest allows for the trimmed edge of a scanner."""
OLDEST_PDF: Final = (1, 4)


class CopyForm(StrEnum):
    """The form of a copy; the value is the abbreviation that its number carries."""

    SAO_Y = "SY"
    SAO_LUC = "SL"
    TRICH_SAO = "TrS"


COPY_TYPES: Final[Mapping[CopyForm, str]] = MappingProxyType(
    {CopyForm.SAO_Y: "ban_sao_y", CopyForm.SAO_LUC: "ban_sao_luc", CopyForm.TRICH_SAO: "ban_trich_sao"}
)
"""The type of document of each form."""
CORNER_WORDS: Final[Mapping[CopyForm, str]] = MappingProxyType(
    {CopyForm.SAO_Y: "SAO Y", CopyForm.SAO_LUC: "SAO LỤC", CopyForm.TRICH_SAO: "TRÍCH SAO"}
)


def is_copy(type_code: str) -> bool:
    """Tell whether documents of this type are copies."""
    return type_code in COPY_TYPES.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPage:
    """What a page's pictures say. `dpi` is the lowest of its large pictures as placed, 0 when it has none.

    `cover` is the share of width and of height (the lesser) that they fill, from 0 to 1.
    """

    dpi: float
    cover: float
    colour: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFacts:
    """A PDF as a scan; `version` is that of the file, such as (1, 7)."""

    version: tuple[int, int]
    pages: Sequence[ScannedPage]


def scan_problems(scan: ScanFacts, form: CopyForm) -> list[Problem]:
    """Say what keeps a file from being an electronic copy; [] is right. An excerpt may have typed pages."""
    problems = []
    if scan.version < OLDEST_PDF:
        told = ".".join(map(str, scan.version))
        problems.append(Problem("content", N_("Tệp là PDF phiên bản %(version)s; cần từ 1.4."), {"version": told}))
    for number, page in enumerate(scan.pages, 1):
        problem = _page_problem(page, form)
        if problem:
            problems.append(Problem("content", problem, {"page": number, "dpi": round(page.dpi)}))
            break  # one page shows how the scanner was set; the same line thirty times helps nobody
    return problems


def _page_problem(page: ScannedPage, form: CopyForm) -> str:
    if not page.dpi:
        typed = N_("Trang %(page)s không phải là ảnh quét. Hãy quét bản giấy rồi chọn lại.")
        return "" if form is CopyForm.TRICH_SAO else typed
    if not page.colour:
        return N_("Trang %(page)s quét đen trắng. Hãy quét màu rồi chọn lại.")
    if round(page.dpi) < LOWEST_DPI:
        return N_("Trang %(page)s chỉ quét %(dpi)s dpi. Hãy quét từ 200 dpi trở lên rồi chọn lại.")
    if page.cover < LEAST_COVER:
        return N_("Ảnh quét ở trang %(page)s không đầy trang, không đúng tỷ lệ 1:1. Hãy quét đúng khổ giấy.")
    return ""
