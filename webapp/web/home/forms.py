"""Forms of the first set-up."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.web.shared.forms import PageForm


class WardSetupForm(PageForm):
    """The ward, its groups and the first administrator."""

    setup_code = StringField(_l("Mã cài đặt"), [InputRequired(), Length(max=40)])
    code = StringField(_l("Mã phường"), [InputRequired(), Length(max=10)])
    name = StringField(_l("Tên phường"), [InputRequired(), Length(max=110)])
    province_code = StringField(_l("Mã tỉnh, thành phố"), [InputRequired(), Length(max=10)])
    province_name = StringField(_l("Tên tỉnh, thành phố"), [InputRequired(), Length(max=120)])
    valid_from = DateField(_l("Địa giới này có từ ngày"), [InputRequired()], format=["%Y-%m-%d", "%d/%m/%Y"])
    agency_name = StringField(_l("Tên cơ quan ban hành văn bản"), [Optional(), Length(max=200)])
    place_name = StringField(_l("Địa danh ghi trên văn bản"), [Optional(), Length(max=120)])
    groups = TextAreaField(_l("Các tổ dân phố"), [Optional(), Length(max=100_000)])
    file = FileField(_l("Hoặc tệp danh sách tổ (.xlsx, .csv)"), [Optional()])
    admin_name = StringField(_l("Họ và tên người quản trị"), [InputRequired(), Length(max=120)])
    admin_username = StringField(_l("Tên đăng nhập"), [InputRequired(), Length(max=60)])


class ConfirmSetupForm(PageForm):
    """The same, checked, with the administrator's password."""

    setup_code = HiddenField()
    code = HiddenField()
    name = HiddenField()
    province_code = HiddenField()
    province_name = HiddenField()
    valid_from = DateField(widget=HiddenInput(), validators=[InputRequired()])
    agency_name = HiddenField()
    place_name = HiddenField()
    groups = HiddenField()
    admin_name = HiddenField()
    admin_username = HiddenField()
    admin_password = PasswordField(_l("Mật khẩu của người quản trị"), [InputRequired(), Length(max=1000)])
    again = PasswordField(
        _l("Nhập lại mật khẩu"), [InputRequired(), EqualTo("admin_password", _l("Hai lần nhập chưa giống nhau."))]
    )
