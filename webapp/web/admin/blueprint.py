"""The `admin` blueprint."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Role
from webapp.web.shared.identity import current_account

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.before_request
def want_second_factor() -> ResponseReturnValue | None:
    """Lead an administrator without a second factor to the page that says why it is needed (QCVN 12:2026/BCA)."""
    account = current_account()
    if account is None or account.must_change_password or account.has_second_factor or Role.ADMIN not in account.roles:
        return None
    flash(_("Hãy bật xác thực hai lớp trước khi dùng các trang quản trị."), "warn")
    return redirect(url_for("auth.second_factor"), 303)
