"""What an administrator does with one account: roles, password, lock, second factor, stop."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.queries.places import department_choices, group_choices
from webapp.services import accounts, reminders
from webapp.web.admin.accounts import person_page
from webapp.web.admin.blueprint import bp
from webapp.web.admin.forms import EmailForm, GrantForm, NameForm
from webapp.web.admin.people import person_or_404
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


def _back(account_id: UUID, message: str) -> ResponseReturnValue:
    flash(message, "ok")
    return redirect(url_for(".account_detail", account_id=account_id), 303)


@bp.post("/accounts/<uuid:account_id>/roles")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_grant(account_id: UUID) -> ResponseReturnValue:
    """Give a role."""
    actor = current_actor()
    form = GrantForm()
    form.offer(group_choices(db.session, actor.ward_id), department_choices(db.session, actor.ward_id))
    if form.validate_on_submit():
        with problems_on(form):
            accounts.grant_role(db.session, account_id, form.grant(), actor=actor, clock=clock())
            return _back(account_id, _("Đã thêm vai trò."))
    return person_page(account_id, form, 422)


@bp.post("/accounts/roles/<uuid:grant_id>/revoke")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_revoke(grant_id: UUID) -> ResponseReturnValue:
    """Take a role back."""
    account_id = accounts.revoke_role(db.session, grant_id, actor=current_actor(), clock=clock())
    return _back(account_id, _("Đã thu hồi vai trò."))


@bp.post("/accounts/<uuid:account_id>/name")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_rename(account_id: UUID) -> ResponseReturnValue:
    """Correct the name."""
    form = NameForm()
    name = form.display_name.data or ""
    accounts.rename_account(db.session, account_id, name, actor=current_actor(), clock=clock())
    return _back(account_id, _("Đã sửa họ và tên."))


@bp.post("/accounts/<uuid:account_id>/email")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_email(account_id: UUID) -> ResponseReturnValue:
    """Set the address for the morning's letter, which then needs no code."""
    form = EmailForm()
    if form.validate_on_submit():
        with problems_on(form):
            reminders.set_address_of(
                db.session, account_id, form.email.data or "", actor=current_actor(), clock=clock()
            )
            return _back(account_id, _("Đã lưu địa chỉ. Người này tự bật thư ở Tài khoản của tôi."))
    return person_page(account_id, status=422, email_form=form)


@bp.post("/accounts/<uuid:account_id>/password")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_reset(account_id: UUID) -> ResponseReturnValue:
    """Set a one-time password and show it, once."""
    new = accounts.reset_password(db.session, account_id, actor=current_actor(), clock=clock())
    return render_template("admin/one_time_password.html", new=new, person=person_or_404(account_id))


@bp.post("/accounts/<uuid:account_id>/unlock")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_unlock(account_id: UUID) -> ResponseReturnValue:
    """Lift the lock."""
    accounts.unlock_account(db.session, account_id, actor=current_actor(), clock=clock())
    return _back(account_id, _("Đã mở khóa."))


@bp.post("/accounts/<uuid:account_id>/second-factor/off")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_second_factor_off(account_id: UUID) -> ResponseReturnValue:
    """Switch off the second factor of somebody who lost the phone."""
    actor = current_actor()
    accounts.forget_second_factor(db.session, account_id, actor=actor, clock=clock())
    return _back(account_id, _("Đã tắt xác thực hai lớp của người này."))


@bp.post("/accounts/<uuid:account_id>/disable")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_disable(account_id: UUID) -> ResponseReturnValue:
    """Stop the account."""
    accounts.disable_account(db.session, account_id, actor=current_actor(), clock=clock())
    return _back(account_id, _("Đã ngừng dùng tài khoản. Người này đã bị đăng xuất khỏi mọi máy."))


@bp.post("/accounts/<uuid:account_id>/enable")
@requires(Permission.ACCOUNT_MANAGE)
@commits
def account_enable(account_id: UUID) -> ResponseReturnValue:
    """Let the account work again."""
    accounts.enable_account(db.session, account_id, actor=current_actor(), clock=clock())
    return _back(account_id, _("Đã mở lại tài khoản."))
