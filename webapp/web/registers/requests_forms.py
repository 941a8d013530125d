"""Forms of the register of residents' requests."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.core.personal_data import DAYS, RequestKind
from webapp.queries.places import GroupRow
from webapp.services.subject_requests import TEXT_MAX, RecordRequest
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import label


class RequestForm(PageForm):
    """What a resident asked, as it came in."""

    kind = SelectField(_l("Người dân yêu cầu"), validators=[InputRequired()])
    received_on = DateField(_l("Ngày nhận yêu cầu"), validators=[InputRequired()])
    requester = StringField(_l("Họ tên người yêu cầu"), validators=[Length(max=TEXT_MAX["requester"])])
    contact = StringField(_l("Cách liên hệ để trả lời"), validators=[Length(max=TEXT_MAX["contact"])])
    group_id = SelectField(_l("Tổ dân phố của hộ"), validators=[Optional()])
    household_number = IntegerField(
        _l("Số thứ tự của hộ trong tổ"), validators=[Optional(), NumberRange(min=1, max=100_000)]
    )
    content = TextAreaField(_l("Nội dung yêu cầu"), validators=[Length(max=TEXT_MAX["content"])])

    def offer(self, groups: Sequence[GroupRow]) -> None:
        """Fill the lists."""
        self.kind.choices = [SelectChoice(kind.value, f"{label(kind)} ({days})") for kind, days in _with_days()]
        self.group_id.choices = [
            SelectChoice("", _l("Không rõ hoặc không liên quan đến hộ nào")),
            *(SelectChoice(str(group.group_id), group.name) for group in groups),
        ]

    def command(self) -> RecordRequest:
        """Give the order."""
        return RecordRequest(
            kind=RequestKind(self.kind.data),
            received_on=self.received_on.data,
            requester=self.requester.data or "",
            contact=self.contact.data or "",
            content=self.content.data or "",
            group_id=UUID(self.group_id.data) if self.group_id.data else None,
            household_number=self.household_number.data,
        )


class ExtendForm(PageForm):
    """Why the deadline is prolonged."""

    reason = TextAreaField(_l("Lý do gia hạn"), validators=[Length(max=TEXT_MAX["reason"])])


class DecideForm(PageForm):
    """How the request ended."""

    decision = TextAreaField(_l("Kết quả đã trả lời"), validators=[Length(max=TEXT_MAX["decision"])])


class BasisForm(PageForm):
    """The legal basis of one kind of data."""

    basis = TextAreaField(_l("Căn cứ pháp lý"), validators=[Length(max=TEXT_MAX["basis"])])


def _with_days() -> list[tuple[RequestKind, str]]:
    return [(kind, str(_l("%(days)s ngày", days=days))) for kind, days in DAYS.items()]
