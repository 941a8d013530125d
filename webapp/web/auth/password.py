"""Changing one's own password, at the first log-in and whenever wanted."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.accounts import SHORTEST_PASSWORD
from webapp.services.own_password import ChangePassword
from webapp.services.own_password import change_password as set_password
from webapp.services.step_up import Proof, ProofOf
from webapp.web.auth.blueprint import bp
from webapp.web.auth.door import LIMIT, next_page, prove
from webapp.web.auth.forms import PasswordForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def change_password() -> ResponseReturnValue:
    """Ask for the old password once and the new one twice."""
    form = PasswordForm()
    if form.validate_on_submit():
        if _old_is_wrong(form):
            return redirect(url_for("auth.login"), 303)
        if not form.errors and _set(form):
            flash(_("Đã đổi mật khẩu. Các máy khác đã được đăng xuất."), "ok")
            return redirect(next_page(), 303)
    page = render_template("auth/password.html", form=form, account=current_account(), shortest=SHORTEST_PASSWORD)
    return page, 422 if form.errors else 200


def _old_is_wrong(form: PasswordForm) -> bool:
    """Check the old password onto the form; tell whether guessing has now locked the account."""
    row = current_account()
    if row is None:
        return True
    outcome, given = prove(row, form.password.data)
    if outcome is Proof.LOCKED:
        flash(_("Nhập sai quá nhiều lần. Tài khoản tạm khóa, hãy đợi rồi đăng nhập lại."), "danger")
    elif outcome is Proof.WRONG or given is not ProofOf.PASSWORD:
        form.password.errors = [*form.password.errors, _("Mật khẩu đang dùng chưa đúng.")]
    return outcome is Proof.LOCKED


def _set(form: PasswordForm) -> bool:
    row = current_account()
    with problems_on(form):
        command = ChangePassword(new=form.new.data, session_id=row.session_id if row else None)
        set_password(db.session, command, actor=current_actor(), clock=clock())
    return not form.errors
