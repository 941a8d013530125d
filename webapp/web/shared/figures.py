"""How a figure is said on staff and public pages: value, n of N, age, coverage, target, gap, a word for the pace."""

from dataclasses import dataclass
from typing import Final

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.adoption import AGE_ADJUSTABLE, IndicatorSource, IndicatorUnit, Measure, Target, TargetOperator
from webapp.core.progress import ProgressStatus
from webapp.queries.adoption import Figure
from webapp.queries.indicators import IndicatorRow
from webapp.web.shared.filters import number_vi, percent_vi
from webapp.web.shared.labels import label

# The tint beside the word; a figure that cannot be judged stays neutral.
KINDS: Final = {
    ProgressStatus.MET: "ok",
    ProgressStatus.ON_TRACK: "ok",
    ProgressStatus.SPEED_UP: "warn",
    ProgressStatus.SLOW: "danger",
    ProgressStatus.DECLINING: "danger",
    ProgressStatus.NOT_MET: "warn",
    ProgressStatus.OVERDUE: "danger",
    ProgressStatus.LOW_COVERAGE: "neutral",
    ProgressStatus.UNKNOWN: "neutral",
    ProgressStatus.WATCHED: "neutral",
}
# What is counted, as the registry names it in Vietnamese.
UNITS: Final[dict[str, LazyString]] = {
    "người": _l("người"),
    "hộ": _l("hộ"),
    "tổ": _l("tổ"),
    "địa điểm": _l("địa điểm"),
    "kết nối": _l("kết nối"),
    "máy": _l("máy"),
    "hệ thống": _l("hệ thống"),
    "nền tảng": _l("nền tảng"),
    "mốc": _l("mốc"),
    "văn bản": _l("văn bản"),
}
# One of them: English has another word for one, Vietnamese has not.
ONE: Final[dict[str, LazyString]] = {
    "người": _l("1 người"),
    "hộ": _l("1 hộ"),
    "tổ": _l("1 tổ"),
    "địa điểm": _l("1 địa điểm"),
    "kết nối": _l("1 kết nối"),
    "máy": _l("1 máy"),
    "hệ thống": _l("1 hệ thống"),
    "nền tảng": _l("1 nền tảng"),
    "văn bản": _l("1 văn bản"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """A figure in words; empty texts are left out by the page."""

    code: str
    name: str
    value_text: str
    of_text: str
    counts: str
    bar: float | None
    target_bar: float | None
    target_text: str
    target_short: str
    state: tuple[str, str]
    gap_text: str
    age_text: str
    coverage_text: str
    coverage: str
    plan_section: str
    href: str


def in_english() -> bool:
    """Tell whether the reader chose English."""
    return str(get_locale() or "vi") == "en"


def indicator_name(indicator: IndicatorRow) -> str:
    """Give the indicator's name in the reader's language."""
    return indicator.name_en if in_english() else indicator.name_vi


def unit_name(indicator: IndicatorRow) -> str:
    """Give what the indicator counts."""
    return str(UNITS.get(indicator.unit_name_vi, indicator.unit_name_vi))


def rate_text(indicator: IndicatorRow, measure: Measure) -> str:
    """Write the figure; "–" when nobody was asked, and never a rounded 100 % while somebody is missing."""
    rate = measure.rate
    if rate is None:
        return "–"
    if indicator.unit is IndicatorUnit.MILESTONE:
        return str(_("Đã sẵn sàng")) if measure.numerator >= measure.denominator else _("Chưa sẵn sàng")
    if indicator.unit is IndicatorUnit.PER_RESIDENT:
        return number_vi(round(rate, 2))
    return percent_vi(0.999 if 0.999 < rate < 1 else rate)


def of_text(indicator: IndicatorRow, measure: Measure) -> str:
    """Write n of N with what N is."""
    if not measure.denominator:
        return ""
    return str(
        _(
            "%(numerator)s trong %(denominator)s %(what)s",
            numerator=number_vi(measure.numerator),
            denominator=number_vi(measure.denominator),
            what=indicator.denominator_en if in_english() else indicator.denominator_vi,
        )
    )


def counts(measure: Measure) -> str:
    """Write n/N for a narrow column."""
    return f"{number_vi(measure.numerator)}/{number_vi(measure.denominator)}" if measure.denominator else "–"


def target_value_text(indicator: IndicatorRow, target: Target) -> str:
    """Write the value of a target: "trên 50 %", "đạt 100 %"."""
    value = number_vi(target.value) if indicator.unit is IndicatorUnit.PER_RESIDENT else percent_vi(target.value)
    if indicator.unit is IndicatorUnit.MILESTONE:
        return str(_("sẵn sàng"))
    over = target.operator is TargetOperator.MORE_THAN
    return str(_("trên %(value)s", value=value) if over else _("đạt %(value)s", value=value))


def gap_text(figure: Figure) -> str:
    """Write what is missing to the target in persons or things: "1.234 người"; empty when nothing is."""
    if not figure.gap or figure.indicator.unit is IndicatorUnit.MILESTONE:
        return ""
    if figure.gap == 1 and (one := ONE.get(figure.indicator.unit_name_vi)):
        return str(one)
    return f"{number_vi(figure.gap)} {unit_name(figure.indicator)}"


def age_text(indicator: IndicatorRow) -> str:
    """Write the age that counts."""
    return "" if indicator.adult_age is None else _("Tính người từ %(age)s tuổi", age=indicator.adult_age)


def coverage_text(figure: Figure) -> str:
    """Write how many of the known households (or listed things) were asked."""
    if figure.coverage is None:
        return ""
    values = {
        "asked": number_vi(figure.measure.asked),
        "known": number_vi(figure.known),
        "percent": percent_vi(figure.coverage, 0),
    }
    if figure.indicator.source is IndicatorSource.HOUSEHOLD:
        return str(_("Đã hỏi %(asked)s trong %(known)s hộ (%(percent)s)", **values))
    unit = _("tổ") if figure.indicator.source is IndicatorSource.GROUP else unit_name(figure.indicator)
    return str(_("Đã ghi nhận %(asked)s trong %(known)s %(unit)s", unit=unit, **values))


def bar_of(indicator: IndicatorRow, rate: float | None) -> float | None:
    """Give the length of a bar, 0–1; a milestone has none."""
    return None if rate is None or indicator.unit is IndicatorUnit.MILESTONE else min(rate, 1.0)


def present(figure: Figure, href: str = "") -> FigureView:
    """Say one figure."""
    indicator, target, missing = figure.indicator, figure.target, gap_text(figure)
    return FigureView(
        code=indicator.code,
        name=indicator_name(indicator),
        value_text=rate_text(indicator, figure.measure),
        of_text=of_text(indicator, figure.measure),
        counts=counts(figure.measure),
        bar=bar_of(indicator, figure.rate),
        target_bar=None if target is None else bar_of(indicator, target.value),
        target_text=""
        if target is None
        else _("Chỉ tiêu %(year)s: %(value)s", year=target.year, value=target_value_text(indicator, target)),
        target_short="" if target is None else f"{target.year}: {target_value_text(indicator, target)}",
        state=(KINDS[figure.status], label(figure.status)),
        gap_text=str(_("Còn thiếu %(what)s", what=missing)) if missing else "",
        age_text=age_text(indicator),
        coverage_text=coverage_text(figure),
        coverage=percent_vi(figure.coverage, 0),
        plan_section=indicator.plan_section if target is None else target.plan_section,
        href=href,
    )


def age_is_adjustable(indicator: IndicatorRow) -> bool:
    """Tell whether the ward may choose the age for this indicator."""
    return indicator.code in AGE_ADJUSTABLE
