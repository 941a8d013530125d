"""Switching the second factor on and off."""

import segno
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission, Role
from webapp.services import second_factor as factor
from webapp.web.auth.blueprint import bp
from webapp.web.auth.door import LIMIT
from webapp.web.auth.forms import CodeForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock


@bp.get("/account/second-factor")
@requires(Permission.OWN_ACCOUNT)
def second_factor() -> ResponseReturnValue:
    """Explain; once begun, show the picture to scan and ask for a code."""
    return _page(CodeForm())


def _page(form: CodeForm) -> ResponseReturnValue:
    actor, row = current_actor(), current_account()
    pending = factor.pending_uri(db.session, actor.account_id, cipher=cipher())
    qr = segno.make(pending[0], error="m").svg_data_uri(scale=5, border=3) if pending else None
    page = render_template(
        "auth/second_factor.html",
        form=form,
        row=row,
        qr=qr,
        secret=pending[1] if pending else None,
        is_admin=Role.ADMIN in actor.roles,
    )
    return page, 422 if form.errors else 200


@bp.post("/account/second-factor/start")
@requires(Permission.OWN_ACCOUNT)
@commits
def start_second_factor() -> ResponseReturnValue:
    """Make the secret."""
    if step_up_needed():
        return ask_step_up(url_for("auth.second_factor"))
    factor.start(db.session, actor=current_actor(), cipher=cipher())
    return redirect(url_for("auth.second_factor"), 303)


@bp.post("/account/second-factor")
@requires(Permission.OWN_ACCOUNT)
@limiter.limit(LIMIT)
@commits
def confirm_second_factor() -> ResponseReturnValue:
    """Take the first code; show the recovery codes, once."""
    form = CodeForm()
    if form.validate_on_submit():
        with problems_on(form):
            codes = factor.confirm(db.session, form.code.data, actor=current_actor(), clock=clock(), cipher=cipher())
            return render_template("auth/recovery_codes.html", codes=codes)
    return _page(form)


@bp.post("/account/second-factor/codes")
@requires(Permission.OWN_ACCOUNT)
@commits
def renew_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes; show them, once."""
    if step_up_needed():
        return ask_step_up(url_for("auth.account"))
    codes = factor.renew_codes(db.session, actor=current_actor(), clock=clock())
    return render_template("auth/recovery_codes.html", codes=codes)


@bp.post("/account/second-factor/off")
@requires(Permission.OWN_ACCOUNT)
@commits
def stop_second_factor() -> ResponseReturnValue:
    """Switch it off, after the password was given again."""
    if step_up_needed():
        return ask_step_up(url_for("auth.account"))
    actor = current_actor()
    factor.turn_off(db.session, actor.account_id, actor=actor, clock=clock())
    flash(_("Đã tắt xác thực hai lớp."), "warn")
    return redirect(url_for("auth.account"), 303)
