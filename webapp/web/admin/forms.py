"""Forms of the administrator."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.core.access import Role
from webapp.core.groups import MOST_GROUPS
from webapp.core.reminders import EMAIL_MOST
from webapp.queries.places import Choice
from webapp.services.accounts import NewGrant
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import label

# In the order in which a ward fills them.
ROLES = (
    Role.GROUP_HEAD,
    Role.OFFICER,
    Role.CLERK,
    Role.LEADER,
    Role.STATISTICIAN,
    Role.AUDITOR,
    Role.ADMIN,
)


def _id(value: str) -> UUID | None:
    return UUID(value) if value else None


def _optional(choices: list[Choice]) -> list[SelectChoice]:
    return [SelectChoice("", _l("Không có")), *(SelectChoice(str(choice.id), choice.name) for choice in choices)]


class GrantForm(PageForm):
    """A role, with the group of a head and the title and department of staff."""

    role = SelectField(_l("Vai trò"), [InputRequired()])
    group_id = SelectField(_l("Tổ dân phố (chỉ với tổ trưởng)"), [Optional()])
    title = StringField(_l("Chức vụ"), [Optional(), Length(max=120)])
    department_id = SelectField(_l("Bộ phận"), [Optional()])

    def offer(self, groups: list[Choice], departments: list[Choice]) -> None:
        """Fill the lists of choices."""
        self.role.choices = [
            SelectChoice("", _l("Chọn vai trò")),
            *(SelectChoice(role.value, label(role)) for role in ROLES),
        ]
        self.group_id.choices = _optional(groups)
        self.department_id.choices = _optional(departments)

    def grant(self) -> NewGrant:
        """Give the command."""
        return NewGrant(
            role=Role(self.role.data),
            group_id=_id(self.group_id.data),
            department_id=_id(self.department_id.data),
            title=self.title.data or "",
        )


class AccountForm(GrantForm):
    """A new person with a first role."""

    display_name = StringField(_l("Họ và tên"), [InputRequired(), Length(max=120)])
    username = StringField(_l("Tên đăng nhập"), [Optional(), Length(max=60)])


class NameForm(PageForm):
    """A person's name."""

    display_name = StringField(_l("Họ và tên"), [InputRequired(), Length(max=120)])


class EmailForm(PageForm):
    """A person's address for the morning's letter; empty: none."""

    email = StringField(_l("Địa chỉ e-mail công vụ"), [Optional(), Length(max=EMAIL_MOST)])


class GroupForm(PageForm):
    """One group."""

    code = StringField(_l("Mã tổ"), [InputRequired(), Length(max=20)])
    name = StringField(_l("Tên tổ"), [InputRequired(), Length(max=120)])
    sort_key = IntegerField(_l("Thứ tự trong danh sách"), [InputRequired(), NumberRange(min=0, max=MOST_GROUPS * 10)])
    population = IntegerField(_l("Số dân"), [Optional(), NumberRange(min=0, max=1_000_000)])


class GroupListForm(PageForm):
    """Groups pasted or in a file."""

    groups = TextAreaField(_l("Các tổ mới"), [Optional(), Length(max=100_000)])
    file = FileField(_l("Hoặc tệp danh sách tổ (.xlsx, .csv)"), [Optional()])


class Blank(Optional):  # type: ignore[misc]  # WTForms ships no types
    """Optional without the words "(không bắt buộc)": nobody takes a filter for something to fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, bool] = {}


class AuditFilterForm(PageForm):
    """What to look for in the audit log."""

    class Meta(PageForm.Meta):
        """A filter changes nothing and travels in the address."""

        csrf = False

    tag = SelectField(_l("Việc"), [Blank()])
    person = StringField(_l("Người làm"), [Blank(), Length(max=100)])
    first = DateField(_l("Từ ngày"), [Blank()], format=["%Y-%m-%d", "%d/%m/%Y"])
    last = DateField(_l("Đến ngày"), [Blank()], format=["%Y-%m-%d", "%d/%m/%Y"])


class CertificateForm(PageForm):
    """A certificate to look at before trusting it."""

    file = FileField(_l("Tệp chứng thư số (.pem, .crt, .cer, .der)"), [FileRequired(_l("Hãy chọn tệp chứng thư."))])


class TrustForm(PageForm):
    """The decision about a certificate that was looked at; `certificates` is base64 of what was shown."""

    certificates = HiddenField(validators=[InputRequired()])
    kind = RadioField(
        _l("Dùng làm gì"),
        [InputRequired(_l("Hãy chọn một mục."))],
        choices=[
            SelectChoice("anchor", _l("Chứng thư gốc: tin mọi chữ ký do nơi này cấp")),
            SelectChoice("intermediate", _l("Chứng thư trung gian: chỉ giúp nối tới chứng thư gốc")),
        ],
    )


class RevocationForm(PageForm):
    """A revocation list."""

    crl = FileField(_l("Tệp danh sách thu hồi (.crl)"), [FileRequired(_l("Hãy chọn tệp danh sách thu hồi."))])
