"""The tables about the use of signatures, for the page and as CSV."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from webapp.core.periods import Period
from webapp.queries.ledger import usage_by_department, usage_by_month, usage_by_person
from webapp.queries.usage_cuts import usage_by_level, usage_by_type, waiting_times
from webapp.web.shared.filters import datetime_vi

Rows = list[tuple[object, ...]]
LEVELS: Final = {
    "b-b": _l("B-B: chưa có dấu thời gian"),
    "b-t": _l("B-T: có dấu thời gian"),
    "b-lt": _l("B-LT: kèm chứng cứ còn hiệu lực"),
    "b-lta": _l("B-LTA: lưu trữ lâu dài"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A way to cut the figures: its name in the address, its title, and what fills it."""

    key: str
    title: LazyString
    columns: tuple[LazyString, ...]
    fill: Callable[[Session, UUID, Period], Rows]


def _people(session: Session, ward_id: UUID, period: Period) -> Rows:
    return [
        (line.name, line.note, line.documents, line.signatures, datetime_vi(line.last_at) if line.last_at else "")
        for line in usage_by_person(session, ward_id, period)
    ]


def _departments(session: Session, ward_id: UUID, period: Period) -> Rows:
    lines = usage_by_department(session, ward_id, period)
    return [(line.name or _("Không ghi đơn vị"), line.documents, line.signatures) for line in lines]


def _types(session: Session, ward_id: UUID, period: Period) -> Rows:
    return [(cut.name, cut.documents, cut.seals, cut.signatures) for cut in usage_by_type(session, ward_id, period)]


def _months(session: Session, ward_id: UUID, period: Period) -> Rows:
    months = usage_by_month(session, ward_id, period)
    return [(_("Tháng %(month)s", month=f"{row.month:%m/%Y}"), row.documents, row.seals) for row in months]


def _levels(session: Session, ward_id: UUID, period: Period) -> Rows:
    cuts = usage_by_level(session, ward_id, period)
    return [(str(LEVELS.get(cut.name, cut.name.upper())), cut.signatures) for cut in cuts]


def _times(session: Session, ward_id: UUID, period: Period) -> Rows:
    return [
        (wait.name or _("Mọi loại văn bản"), wait.documents, _length(wait.median), _length(wait.most))
        for wait in waiting_times(session, ward_id, period)
    ]


_DOCUMENTS, _SEALS, _SIGNATURES = _l("Văn bản đã ký"), _l("Văn bản đóng dấu"), _l("Số chữ ký")
_LAST: Final = _l("Lần ký gần nhất")
TABLES: Final[Sequence[Table]] = (
    Table("month", _l("Theo tháng"), (_l("Tháng"), _DOCUMENTS, _SEALS), _months),
    Table("person", _l("Theo người"), (_l("Người ký"), _l("Chức vụ"), _DOCUMENTS, _SIGNATURES, _LAST), _people),
    Table("department", _l("Theo đơn vị soạn thảo"), (_l("Đơn vị"), _DOCUMENTS, _SIGNATURES), _departments),
    Table("type", _l("Theo loại văn bản"), (_l("Loại văn bản"), _DOCUMENTS, _SEALS, _SIGNATURES), _types),
    Table("level", _l("Theo mức chữ ký"), (_l("Mức"), _SIGNATURES), _levels),
    Table(
        "time",
        _l("Thời gian từ lúc trình đến lúc ký xong"),
        (_l("Loại văn bản"), _l("Số văn bản"), _l("Một nửa không quá"), _l("90 % không quá")),
        _times,
    ),
)


def _length(span: dt.timedelta) -> str:
    """Say a span in words: minutes below two hours, hours below two days, then days."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return str(_("%(count)s phút", count=minutes))
    if minutes < 48 * 60:
        return str(_("%(count)s giờ", count=_tenth(minutes / 60)))
    return str(_("%(count)s ngày", count=_tenth(minutes / 1440)))


def _tenth(number: float) -> str:
    return f"{number:.1f}".replace(".", ",").removesuffix(",0")
