"""One's own account: what it is, where it is logged in."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission, Role
from webapp.queries.reminders import find_reminder
from webapp.queries.staff import StaffFilter, find_staff, list_devices
from webapp.services import sessions
from webapp.services.second_factor import codes_left
from webapp.web.auth.blueprint import bp
from webapp.web.auth.devices import device_name
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, settings


@bp.get("/account")
@requires(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show roles, password, second factor and the devices that are logged in."""
    actor, row, now = current_actor(), current_account(), clock().now()
    wanted = StaffFilter(now=now, idle_days=settings().account_idle_days)
    devices = list_devices(db.session, actor.account_id, now=now, idle_minutes=settings().session_idle_minutes)
    return render_template(
        "auth/account.html",
        row=row,
        person=find_staff(db.session, actor.ward_id, actor.account_id, wanted),
        devices=devices,
        device_name=device_name,
        codes_left=codes_left(db.session, actor.account_id) if row and row.has_second_factor else None,
        must_enrol=Role.ADMIN in actor.roles and row is not None and not row.has_second_factor,
        reminder=find_reminder(db.session, actor.ward_id, actor.account_id),
        may_use_phone=actor.can(Permission.DEVICE_OWN),
    )


@bp.post("/account/sessions/<uuid:session_id>/end")
@requires(Permission.OWN_ACCOUNT)
@commits
def end_session(session_id: UUID) -> ResponseReturnValue:
    """Log out one of one's devices."""
    sessions.end_session(db.session, session_id, actor=current_actor(), clock=clock())
    row = current_account()
    if row is not None and row.session_id == session_id:
        return redirect(url_for("auth.login"), 303)
    flash(_("Đã đăng xuất máy đó."), "ok")
    return redirect(url_for("auth.account"), 303)


@bp.app_context_processor
def account_links() -> dict[str, object]:
    """Put one's own account into the menu of every page."""
    if current_account() is None:
        return {}
    return {"account_links": [{"href": url_for("auth.account"), "label": _("Tài khoản của tôi"), "icon": "person"}]}
