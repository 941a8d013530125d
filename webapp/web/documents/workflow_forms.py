"""Forms of the workflow: people of a chain, chains of types, delegations, attachments and copies."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from webapp.core.copies import CopyForm
from webapp.core.delegations import NEEDS_DELEGATION
from webapp.core.documents import SigningCapacity
from webapp.core.signing_chains import MOST_EXTRA_SIGNERS, Chain, Participant
from webapp.queries.document_choices import Choice, Signer
from webapp.services.copies import MakeCopy
from webapp.services.delegations import RecordDelegation
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import label

PDF_ONLY = FileAllowed(["pdf"], _l("Chỉ nhận tệp PDF. Hãy lưu văn bản thành PDF rồi chọn lại."))
DAYS = ["%Y-%m-%d", "%d/%m/%Y"]


def signer_choices(signers: Sequence[Signer], nobody: str) -> list[tuple[str, str]]:
    """Give people with their titles, nobody first."""
    named = [(str(one.account_id), f"{one.name} – {one.title}" if one.title else one.name) for one in signers]
    return [("", nobody), *named]


class OtherSignerForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """One more signer; an empty line is left out."""

    account_id = SelectField(_l("Người ký"), [Optional()])
    capacity = SelectField(_l("Quyền hạn ký"))
    title = StringField(_l("Chức vụ in trên văn bản"), [Optional(), Length(max=160)])


class PeopleForm(PageForm):
    """Who initials as head of department, and who signs beside the authorised person."""

    head_id = SelectField(_l("Người phụ trách đơn vị ký nháy"), [Optional()])
    others = FieldList(FormField(OtherSignerForm))

    def offer(self, signers: Sequence[Signer], lines: int) -> None:
        """Fill the lists and give as many lines as the type allows."""
        while len(self.others) < lines:
            self.others.append_entry()
        nobody = str(_l("(không chọn)"))
        self.head_id.choices = signer_choices(signers, nobody)
        for line in self.others:
            line.account_id.choices = signer_choices(signers, nobody)
            line.capacity.choices = [(member.value, label(member)) for member in SigningCapacity]

    def people(self, signers: Sequence[Signer]) -> list[Participant]:
        """Give the lines that name somebody; an empty title is the person's own."""
        titles = {str(one.account_id): one.title for one in signers}
        return [
            Participant(
                account_id=UUID(line.account_id.data),
                capacity=SigningCapacity(line.capacity.data),
                title=line.title.data or titles.get(line.account_id.data, ""),
            )
            for line in self.others
            if line.account_id.data
        ]


class ChainForm(PageForm):
    """The chain of a type of document."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    author_initials = BooleanField(_l("Người soạn ký nháy"))
    head_initials = BooleanField(_l("Người phụ trách đơn vị soạn ký nháy"))
    initials_with_key = BooleanField(_l("Ký nháy phải dùng khóa ký số"))
    extra_signers = IntegerField(
        _l("Số người ký thêm nhiều nhất"), [InputRequired(), NumberRange(min=0, max=MOST_EXTRA_SIGNERS)]
    )
    in_parallel = BooleanField(_l("Những người ký cùng lúc, không theo thứ tự"))
    note = StringField(_l("Lý do thay đổi"), [InputRequired(_l("Hãy ghi lý do.")), Length(max=300)])

    def chain(self) -> Chain:
        """Give what was chosen."""
        return Chain(
            author_initials=self.author_initials.data,
            head_initials=self.head_initials.data,
            initials_with_key=self.initials_with_key.data,
            extra_signers=self.extra_signers.data,
            in_parallel=self.in_parallel.data,
        )


class DelegationForm(PageForm):
    """A delegation as its paper says it."""

    delegate_id = SelectField(_l("Người được giao ký"), [InputRequired(_l("Hãy chọn người được giao ký."))])
    capacity = RadioField(_l("Hình thức"), [InputRequired(_l("Hãy chọn hình thức ký."))])
    principal_id = SelectField(_l("Ký thay cho"), [InputRequired(_l("Hãy chọn người giao ký."))])
    principal_title = StringField(_l("Chức vụ của người giao ký"), [Length(max=120)], default="Chủ tịch")
    starts_on = DateField(_l("Từ ngày"), [InputRequired(_l("Hãy ghi ngày bắt đầu."))], format=DAYS)
    ends_on = DateField(_l("Đến hết ngày"), [InputRequired(_l("Hãy ghi ngày kết thúc."))], format=DAYS)
    type_codes = SelectMultipleField(
        _l("Loại văn bản được ký"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    basis = StringField(_l("Số, ký hiệu văn bản giao ký"), [Optional(), Length(max=160)])
    basis_on = DateField(_l("Ngày của văn bản giao ký"), [Optional()], format=DAYS)
    paper = FileField(_l("Bản PDF của văn bản giao ký"), [Optional(), PDF_ONLY])

    def offer(self, signers: Sequence[Signer], types: Sequence[Choice]) -> None:
        """Fill the lists."""
        people = signer_choices(signers, str(_l("(chọn người)")))
        self.delegate_id.choices = self.principal_id.choices = people
        self.type_codes.choices = [(one.value, one.text) for one in types]
        in_order = [member for member in SigningCapacity if member in NEEDS_DELEGATION]
        self.capacity.choices = [(member.value, label(member)) for member in in_order]

    def command(self) -> RecordDelegation:
        """Give the order."""
        paper = self.paper.data or None
        return RecordDelegation(
            delegate_id=UUID(self.delegate_id.data),
            principal_id=UUID(self.principal_id.data),
            principal_title=self.principal_title.data or "",
            capacity=SigningCapacity(self.capacity.data),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            type_codes=self.type_codes.data or (),
            basis=self.basis.data or "",
            basis_on=self.basis_on.data,
            paper=paper.read() if paper else None,
            paper_name=paper.filename or "" if paper else "",
        )


class AttachmentForm(PageForm):
    """A further file of a draft."""

    title = StringField(_l("Tên phụ lục"), [InputRequired(_l("Hãy ghi tên phụ lục.")), Length(max=300)])
    content = FileField(_l("Tệp PDF"), [FileRequired(_l("Hãy chọn tệp PDF.")), PDF_ONLY])


class ScanForm(PageForm):
    """A scan and what it is a copy of."""

    form = RadioField(_l("Hình thức sao"), [InputRequired(_l("Hãy chọn hình thức sao."))])
    content = FileField(_l("Tệp quét (PDF)"), [FileRequired(_l("Hãy chọn tệp PDF.")), PDF_ONLY])
    abstract = TextAreaField(
        _l("Trích yếu của văn bản được sao"), [InputRequired(_l("Hãy ghi trích yếu.")), Length(max=500)]
    )
    source_notation = StringField(
        _l("Số, ký hiệu của văn bản được sao"), [InputRequired(_l("Hãy ghi số, ký hiệu.")), Length(max=80)]
    )
    source_issuer = StringField(
        _l("Cơ quan ban hành văn bản đó"), [InputRequired(_l("Hãy ghi cơ quan ban hành.")), Length(max=200)]
    )
    source_on = DateField(_l("Ngày của văn bản đó"), [Optional()], format=DAYS)
    recipients = TextAreaField(_l("Nơi nhận bản sao"), [Optional(), Length(max=1000)])

    def offer(self) -> None:
        """Fill the list."""
        self.form.choices = [(member.value, label(member)) for member in CopyForm]

    def command(self) -> MakeCopy:
        """Give the order."""
        day: dt.date | None = self.source_on.data
        return MakeCopy(
            form=CopyForm(self.form.data),
            abstract=self.abstract.data,
            source_notation=self.source_notation.data,
            source_issuer=self.source_issuer.data,
            source_on=day,
            recipients=self.recipients.data or "",
            content=self.content.data.read(),
            filename=self.content.data.filename or "",
        )
