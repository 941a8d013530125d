"""Asking once more who sits at the screen."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.services.step_up import Proof, confirm_step_up
from webapp.web.auth.blueprint import bp
from webapp.web.auth.door import LIMIT, next_page, prove
from webapp.web.auth.forms import StepUpForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, settings


@bp.route("/account/confirm", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def step_up() -> ResponseReturnValue:
    """Ask for the password or a code, then go on to what was wanted."""
    row = current_account()
    form = StepUpForm()
    if row is not None and form.validate_on_submit():
        outcome, given = prove(row, form.password.data)
        if outcome is Proof.PROVEN:
            actor = current_actor()
            confirm_step_up(db.session, row.session_id, actor=actor, clock=clock(), method=given.value)
            return redirect(next_page(), 303)
        if outcome is Proof.LOCKED:
            flash(_("Nhập sai quá nhiều lần. Tài khoản tạm khóa, hãy đợi rồi đăng nhập lại."), "danger")
            return redirect(url_for("auth.login"), 303)
        form.password.errors = [*form.password.errors, _("Chưa đúng. Hãy nhập lại.")]
    page = render_template(
        "auth/step_up.html", form=form, account=row, minutes=settings().step_up_minutes, back=next_page()
    )
    return page, 422 if form.errors else 200
