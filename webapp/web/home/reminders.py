"""A person's own choice: a letter each working morning about what waits."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from webapp.core.access import Permission
from webapp.core.reminders import EMAIL_MOST
from webapp.queries.reminders import find_reminder
from webapp.services import reminders as service
from webapp.web.extensions import db, limiter
from webapp.web.home.blueprint import bp
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, outward


class AddressForm(PageForm):
    """Where the letter goes."""

    email = StringField(_l("Địa chỉ e-mail công vụ"), [InputRequired(), Length(max=EMAIL_MOST)])


class CodeForm(PageForm):
    """The digits that came by mail."""

    code = StringField(_l("Mã 6 số trong thư"), [InputRequired(), Length(max=20)])


@bp.get("/reminders")
@requires(Permission.OWN_ACCOUNT)
def reminders() -> ResponseReturnValue:
    """Show one's own address and whether letters come."""
    return _page()


@bp.post("/reminders/address")
@requires(Permission.OWN_ACCOUNT)
@limiter.limit("20 per hour")
@commits
def reminder_address() -> ResponseReturnValue:
    """Ask for letters at an address; a code goes there."""
    form = AddressForm()
    if form.validate_on_submit():
        with problems_on(form):
            service.ask_for_letters(db.session, form.email.data or "", actor=current_actor(), clock=clock())
            return _back(_("Đang gửi mã xác nhận tới địa chỉ này. Thư thường tới trong một phút."))
    return _page(form), 422


@bp.post("/reminders/confirm")
@requires(Permission.OWN_ACCOUNT)
@limiter.limit("60 per hour")
@commits
def reminder_confirm() -> ResponseReturnValue:
    """Show that the letter with the code was read. A wrong code is counted, so this commits."""
    form = CodeForm()
    typed = form.code.data or ""
    if service.confirm_address(db.session, typed, actor=current_actor(), clock=clock(), cipher=cipher()):
        return _back(_("Đã xác nhận địa chỉ. Thư đến vào sáng các ngày làm việc, khi có việc đang chờ."))
    return _back(_("Mã chưa đúng hoặc đã quá 30 phút. Hãy xem lại thư, hoặc gửi mã khác."), "danger")


@bp.post("/reminders/on")
@requires(Permission.OWN_ACCOUNT)
@commits
def reminder_on() -> ResponseReturnValue:
    """Want the letters."""
    service.want_letters(db.session, on=True, actor=current_actor(), clock=clock())
    return _back(_("Đã bật. Thư đến vào sáng các ngày làm việc, khi có việc đang chờ."))


@bp.post("/reminders/off")
@requires(Permission.OWN_ACCOUNT)
@commits
def reminder_off() -> ResponseReturnValue:
    """Want no letters."""
    service.want_letters(db.session, on=False, actor=current_actor(), clock=clock())
    return _back(_("Đã tắt. Không gửi thư nữa."))


@bp.post("/reminders/forget")
@requires(Permission.OWN_ACCOUNT)
@commits
def reminder_forget() -> ResponseReturnValue:
    """Delete one's address."""
    service.forget_address(db.session, actor=current_actor(), clock=clock())
    return _back(_("Đã xóa địa chỉ e-mail."))


def _back(message: str, kind: str = "ok") -> ResponseReturnValue:
    flash(message, kind)
    return redirect(url_for(".reminders"), 303)


def _page(form: AddressForm | None = None) -> str:
    actor = current_actor()
    return render_template(
        "home/reminders.html",
        row=find_reminder(db.session, actor.ward_id, actor.account_id),
        form=form or AddressForm(formdata=None),
        code_form=CodeForm(formdata=None),
        mail_works=outward().mail is not None,
    )
