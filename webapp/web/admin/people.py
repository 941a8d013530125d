"""What the pages of accounts share: the rows, and words for how an account stands."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.errors import NotFound
from webapp.queries.staff import StaffFilter, StaffRow, Standing, find_staff
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import clock, settings

# Kind of badge and its word.
STANDINGS: dict[Standing, tuple[str, LazyString]] = {
    Standing.ACTIVE: ("ok", _l("Đang dùng")),
    Standing.FIRST_PASSWORD: ("info", _l("Chưa đổi mật khẩu lần đầu")),
    Standing.LOCKED: ("warn", _l("Tạm khóa do nhập sai")),
    Standing.IDLE: ("warn", _l("Khóa do lâu không dùng")),
    Standing.DISABLED: ("neutral", _l("Đã ngừng dùng")),
}


def staff_filter(**wanted: object) -> StaffFilter:
    """Give a filter that knows the moment and the idle days of this installation."""
    return StaffFilter(now=clock().now(), idle_days=settings().account_idle_days, **wanted)  # type: ignore[arg-type]


def person_or_404(account_id: UUID) -> StaffRow:
    """Give one person of the actor's ward. Raises NotFound."""
    row = find_staff(db.session, current_actor().ward_id, account_id, staff_filter())
    if row is None:
        raise NotFound
    return row
