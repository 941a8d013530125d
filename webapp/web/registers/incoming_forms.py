"""Forms of incoming documents."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField
from wtforms import DateField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from webapp.core.incoming import TEXT_MAX, Handing, IncomingFacts, IncomingMedium
from webapp.queries.document_choices import Choice
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import label


class ReceiveForm(PageForm):
    """What arrived: a file, or paper."""

    medium = RadioField(
        _l("Văn bản đến bằng"),
        default=IncomingMedium.ELECTRONIC.value,
        validators=[InputRequired()],
    )
    content = FileField(
        _l("Tệp văn bản (PDF)"),
        [Optional(), FileAllowed(["pdf"], _l("Chỉ nhận tệp PDF. Nếu nơi gửi gửi tệp khác, hãy đề nghị gửi lại."))],
    )

    def offer(self) -> None:
        """Fill the choice of medium."""
        self.medium.choices = [SelectChoice(medium.value, label(medium)) for medium in IncomingMedium]


class RegisterForm(PageForm):
    """The columns of the register that a person writes."""

    arrived_on = DateField(_l("Ngày đến"), validators=[InputRequired()])
    sender = StringField(_l("Tác giả (nơi gửi)"), [Length(max=TEXT_MAX["sender"])])
    notation = StringField(_l("Số, ký hiệu văn bản"), [Length(max=TEXT_MAX["notation"])])
    document_on = DateField(_l("Ngày tháng văn bản"), [Optional()])
    type_name = StringField(_l("Tên loại văn bản"), [Length(max=TEXT_MAX["type_name"])])
    abstract = TextAreaField(_l("Trích yếu nội dung"), [Length(max=TEXT_MAX["abstract"])])
    note = StringField(_l("Ghi chú"), [Length(max=TEXT_MAX["note"])])
    decision = TextAreaField(_l("Vì sao vẫn nhận văn bản này"), [Length(max=TEXT_MAX["decision"])])

    def facts(self) -> IncomingFacts:
        """Give what was typed."""
        return IncomingFacts(
            arrived_on=self.arrived_on.data,
            document_on=self.document_on.data,
            **{
                name: getattr(self, name).data or ""
                for name in ("sender", "notation", "type_name", "abstract", "note", "decision")
            },
        )


class AssignForm(PageForm):
    """Who deals with it, until when."""

    handler_id = SelectField(_l("Người giải quyết"), [InputRequired(_l("Hãy chọn người giải quyết."))])
    deadline_on = DateField(_l("Hạn giải quyết"), [Optional()])
    instruction = TextAreaField(_l("Ý kiến giao việc"), [Length(max=TEXT_MAX["instruction"])])

    def offer(self, people: Sequence[Choice]) -> None:
        """Fill the list of people."""
        self.handler_id.choices = [
            SelectChoice("", _l("Chọn người")),
            *(SelectChoice(person.value, person.text) for person in people),
        ]

    def handing(self) -> Handing:
        """Give what was chosen."""
        return Handing(
            handler_id=UUID(self.handler_id.data),
            deadline_on=self.deadline_on.data,
            instruction=self.instruction.data or "",
        )


class ReturnForm(PageForm):
    """Why it goes back."""

    reason = TextAreaField(_l("Lý do trả lại"), [Length(max=TEXT_MAX["decision"])])


class DoneForm(PageForm):
    """How it was dealt with."""

    outcome = TextAreaField(_l("Đã giải quyết ra sao"), [Length(max=TEXT_MAX["outcome"])])
