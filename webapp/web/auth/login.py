"""Logging in and out."""

from uuid import UUID

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user
from wtforms import SelectChoice

from webapp.queries.accounts import find_pending, ward_choices
from webapp.queries.places import has_ward
from webapp.services import login as logins
from webapp.services import sessions
from webapp.services.login import LoginResult, LoginStep
from webapp.web.auth.blueprint import bp
from webapp.web.auth.door import LIMIT, PENDING, desk, enter, next_page, own_transaction, try_password
from webapp.web.auth.forms import CodeForm, LoginForm, WardForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import public
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, settings


@bp.route("/login", methods=["GET", "POST"])
@public
@limiter.limit(LIMIT, methods=["POST"])
@commits
def login() -> ResponseReturnValue:
    """Ask for name and password."""
    if current_account() is not None:
        return redirect(next_page(), 303)
    if not has_ward(db.session):
        return redirect(url_for("home.setup"), 303)
    form = LoginForm()
    if form.validate_on_submit():
        result = try_password(form.username.data, form.password.data)
        if result.token:
            return _go_on(result)
        form.form_errors.append(_refusal(result.step))
    return render_template("auth/login.html", form=form), 422 if form.errors else 200


def _go_on(result: LoginResult) -> ResponseReturnValue:
    if result.step is LoginStep.DONE:
        return enter(result.token)
    session[PENDING] = result.token
    page = "auth.login_code" if result.step is LoginStep.SECOND_FACTOR else "auth.login_ward"
    return redirect(url_for(page, next=request.args.get("next")), 303)


def _refusal(step: LoginStep) -> str:
    """Say why not. Only somebody with the right password learns more than that something was wrong."""
    if step is LoginStep.DISABLED:
        return str(_("Tài khoản này đã ngừng dùng. Hãy liên hệ người quản trị của phường."))
    if step is LoginStep.IDLE:
        return str(
            _(
                "Tài khoản đã quá %(days)s ngày không đăng nhập nên tạm khóa. Hãy nhờ người quản trị mở lại.",
                days=settings().account_idle_days,
            )
        )
    if step is LoginStep.NO_WARD:
        return str(_("Tài khoản này chưa được giao việc ở phường nào. Hãy liên hệ người quản trị của phường."))
    return str(
        _(
            "Tên đăng nhập hoặc mật khẩu không đúng. Nhập sai %(attempts)s lần liền thì phải đợi %(minutes)s phút.",
            attempts=settings().login_attempts,
            minutes=settings().login_lock_minutes,
        )
    )


@bp.route("/login/code", methods=["GET", "POST"])
@public
@limiter.limit(LIMIT, methods=["POST"])
@commits
def login_code() -> ResponseReturnValue:
    """Ask for the code of the second factor."""
    token = session.get(PENDING, "")
    if find_pending(db.session, token, now=clock().now()) is None:
        return _start_again()
    form = CodeForm()
    if form.validate_on_submit():
        with own_transaction() as own:
            result = logins.check_code(own, token, form.code.data, desk=desk(), cipher=cipher())
        if result.step is LoginStep.REFUSED:
            return _start_again()
        if result.step is not LoginStep.WRONG_CODE:
            return _go_on(result)
        form.code.errors = [*form.code.errors, _("Mã không đúng hoặc đã dùng. Hãy đợi mã mới trên điện thoại.")]
    return render_template("auth/login_code.html", form=form), 422 if form.errors else 200


@bp.route("/login/ward", methods=["GET", "POST"])
@public
@limiter.limit(LIMIT, methods=["POST"])
@commits
def login_ward() -> ResponseReturnValue:
    """Ask somebody who works in several wards for which one."""
    token = session.get(PENDING, "")
    pending = find_pending(db.session, token, now=clock().now())
    if pending is None:
        return _start_again()
    form = WardForm()
    form.ward.choices = [
        SelectChoice(str(row.ward_id), row.name) for row in ward_choices(db.session, pending.account_id)
    ]
    if form.validate_on_submit():
        with own_transaction() as own:
            result = logins.choose_ward(own, token, UUID(form.ward.data), desk=desk())
        return _go_on(result) if result.token else _start_again()
    return render_template("auth/login_ward.html", form=form), 422 if form.errors else 200


def _start_again() -> ResponseReturnValue:
    session.pop(PENDING, None)
    flash(_("Phiên đăng nhập đã hết hạn. Hãy đăng nhập lại."), "warn")
    return redirect(url_for("auth.login", next=request.args.get("next")), 303)


@bp.post("/logout")
@public
@commits
def logout() -> ResponseReturnValue:
    """End this log-in on the server and in the cookie."""
    account = current_account()
    if account is not None:
        sessions.end_session(db.session, account.session_id, actor=current_actor(), clock=clock())
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language
    flash(_("Bạn đã đăng xuất."), "ok")
    response = redirect(url_for("auth.login"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
