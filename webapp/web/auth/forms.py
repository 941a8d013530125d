"""Forms of the door and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.web.shared.forms import PageForm


class LoginForm(PageForm):
    """Name and password."""

    username = StringField(_l("Tên đăng nhập"), [InputRequired(_l("Hãy nhập tên đăng nhập.")), Length(max=200)])
    password = PasswordField(_l("Mật khẩu"), [InputRequired(_l("Hãy nhập mật khẩu.")), Length(max=1000)])


class CodeForm(PageForm):
    """A code of the second factor, or a recovery code."""

    code = StringField(_l("Mã xác thực"), [InputRequired(_l("Hãy nhập mã.")), Length(max=40)])


class WardForm(PageForm):
    """The ward to work in now; choices are given by the page."""

    ward = RadioField(_l("Phường"), [InputRequired(_l("Hãy chọn phường."))])


class PasswordForm(PageForm):
    """Old password once, new password twice."""

    username = HiddenField()
    password = PasswordField(
        _l("Mật khẩu đang dùng"), [InputRequired(_l("Hãy nhập mật khẩu đang dùng.")), Length(max=1000)]
    )
    new = PasswordField(_l("Mật khẩu mới"), [InputRequired(_l("Hãy nhập mật khẩu mới.")), Length(max=1000)])
    again = PasswordField(
        _l("Nhập lại mật khẩu mới"),
        [InputRequired(_l("Hãy nhập lại mật khẩu mới.")), EqualTo("new", _l("Hai lần nhập chưa giống nhau."))],
    )


class StepUpForm(PageForm):
    """The password, or the code of the second factor."""

    password = PasswordField(_l("Mật khẩu"), [InputRequired(_l("Hãy nhập mật khẩu.")), Length(max=1000)])
