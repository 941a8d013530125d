"""Forms of documents and keys. PIN fields never give back what was typed."""

import base64
import json
from typing import Final, Self

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import (
    Field,
    FloatField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import HiddenInput

from webapp.core.errors import SigningRefused
from webapp.core.word_files import WORD_ENDINGS
from webapp.queries.keystores import KeystoreRow
from webapp.services.document_versions import BaseVersion
from webapp.web.shared.errors import say
from webapp.web.shared.forms import PageForm

MOST_CERTIFICATES: Final = 10
_WRONG: Final = {"wrong_pin": "pin", "too_many_pins": "pin", "wrong_code": "code"}
# Other files of text programs are let through to be told apart: each has its own way to become one of the two.
PDF_OR_WORD = FileAllowed(
    ["pdf", *(ending.lstrip(".") for ending in WORD_ENDINGS)],
    _l("Chỉ nhận tệp PDF hoặc Word (.docx). Hãy lưu văn bản thành một trong hai loại đó rồi chọn lại."),
)


class FactsForm(PageForm):
    """What the author says about a document; choices are given by the page."""

    abstract = TextAreaField(
        _l("Trích yếu nội dung"), [InputRequired(_l("Hãy ghi trích yếu nội dung văn bản.")), Length(max=500)]
    )
    recipients = TextAreaField(_l("Nơi nhận"), [Optional(), Length(max=1000)])
    department_id = SelectField(_l("Đơn vị soạn thảo"), [Optional()])
    signer_id = SelectField(_l("Người ký"), [InputRequired(_l("Hãy chọn người ký."))])
    capacity = SelectField(_l("Quyền hạn ký"))
    signer_title = StringField(_l("Chức vụ in trên văn bản"), [Optional(), Length(max=160)])


class DocumentForm(FactsForm):
    """A document whose file was made elsewhere."""

    type_code = SelectField(_l("Loại văn bản"), [InputRequired(_l("Hãy chọn loại văn bản."))])


class UploadForm(DocumentForm):
    """A new document with its file."""

    content = FileField(_l("Tệp PDF hoặc Word (.docx)"), [FileRequired(_l("Hãy chọn tệp PDF hoặc Word.")), PDF_OR_WORD])


class ReviseForm(DocumentForm):
    """A draft or rejected document; the file stays when none is chosen."""

    content = FileField(_l("Tệp PDF hoặc Word mới"), [Optional(), PDF_OR_WORD])


class KeyForm(PageForm):
    """What the owner of a key types to sign."""

    pin = PasswordField(_l("Mã PIN của khóa ký"), [InputRequired(_l("Hãy nhập mã PIN.")), Length(max=200)])
    code = StringField(_l("Mã dùng một lần"), [InputRequired(_l("Hãy nhập mã dùng một lần.")), Length(max=40)])

    def asks(self, key: KeystoreRow | None) -> Self:
        """Leave out what this key does not want."""
        if key is not None and not key.asks_pin:
            del self.pin
        if key is None or not key.asks_code:
            del self.code
        return self

    def field(self, name: str) -> Field | None:
        """Give a field, if this key asks for it."""
        return next((field for field in self if field.name == name), None)

    def typed(self, name: str) -> str:
        """Give what was typed into it."""
        field = self.field(name)
        return "" if field is None else field.data or ""

    def refuse(self, error: SigningRefused) -> None:
        """Say a refusal beside what was typed wrong, or above the form."""
        field = self.field(_WRONG.get(error.code, ""))
        if field is None:
            self.form_errors.append(say(error))
        else:
            field.errors = [*field.errors, say(error)]


class BaseForm(PageForm):
    """An act on the version that was shown."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    sha256 = HiddenField(validators=[InputRequired(), Regexp(r"^[0-9a-f]{64}$")])

    def base(self) -> BaseVersion:
        """Give the version that the page showed."""
        return BaseVersion(version=self.version.data, sha256=self.sha256.data)


class SignForm(KeyForm, BaseForm):
    """Sign or seal the version that was shown."""


class BatchForm(KeyForm):
    """One entry for the documents that stay ticked; each names the version that was shown."""


class PlaceForm(BaseForm):
    """Where a signature goes: a preset on a page, or an exact box in points that scripts fill in."""

    preset = RadioField(_l("Chỗ đặt chữ ký"), [InputRequired(_l("Hãy chọn chỗ đặt chữ ký."))])
    page = IntegerField(_l("Trang"), [InputRequired(_l("Hãy ghi số trang.")), NumberRange(min=1, max=100_000)])
    x = FloatField(widget=HiddenInput(), validators=[Optional()])
    y = FloatField(widget=HiddenInput(), validators=[Optional()])
    width = FloatField(widget=HiddenInput(), validators=[Optional()])
    height = FloatField(widget=HiddenInput(), validators=[Optional()])


class RejectForm(PageForm):
    """Send back with a reason."""

    reason = TextAreaField(
        _l("Lý do từ chối ký"), [InputRequired(_l("Hãy ghi lý do để người soạn biết cần sửa gì.")), Length(max=500)]
    )


class KeystoreForm(PageForm):
    """A key file with its PIN, and a picture."""

    content = FileField(
        _l("Tệp khóa ký (.p12 hoặc .pfx)"),
        [FileRequired(_l("Hãy chọn tệp khóa ký.")), FileAllowed(["p12", "pfx"], _l("Cần tệp .p12 hoặc .pfx."))],
    )
    pin = PasswordField(_l("Mã PIN của tệp khóa"), [InputRequired(_l("Hãy nhập mã PIN.")), Length(max=200)])
    picture = FileField(
        _l("Ảnh chữ ký"), [Optional(), FileAllowed(["png", "jpg", "jpeg"], _l("Cần ảnh PNG hoặc JPEG."))]
    )


class RemoteKeyForm(PageForm):
    """A key at a remote service or in a token at the server: look for it, then choose."""

    place = SelectField(_l("Nơi giữ khóa"), [InputRequired(_l("Hãy chọn nơi giữ khóa."))])
    holder = StringField(_l("Tên tài khoản hoặc mã khóa ở đó"), [Optional(), Length(max=200)])
    chosen = RadioField(_l("Khóa tìm thấy"), [Optional()])
    picture = FileField(
        _l("Ảnh chữ ký"), [Optional(), FileAllowed(["png", "jpg", "jpeg"], _l("Cần ảnh PNG hoặc JPEG."))]
    )


class AgentKeyForm(PageForm):
    """A key on one's own computer: the agent's certificates (JSON list of base64), filled in by the page's script."""

    certificates = HiddenField(validators=[InputRequired(), Length(max=100_000)])
    mechanisms = HiddenField(validators=[InputRequired(), Regexp(r"^[a-z0-9 -]{1,80}$")])
    holder = HiddenField(validators=[Optional(), Length(max=200)])
    picture = FileField(
        _l("Ảnh chữ ký"), [Optional(), FileAllowed(["png", "jpg", "jpeg"], _l("Cần ảnh PNG hoặc JPEG."))]
    )

    def chain(self) -> tuple[bytes, ...]:
        """Give the certificates, the own one first; empty when they are not what an agent sends."""
        try:
            found = json.loads(self.certificates.data or "")
            chain = tuple(base64.b64decode(each, validate=True) for each in found if isinstance(found, list))
        except (ValueError, TypeError):
            return ()
        return chain if len(chain) <= MOST_CERTIFICATES else ()


class PictureForm(PageForm):
    """Another picture for the same key."""

    picture = FileField(
        _l("Ảnh mới"),
        [FileRequired(_l("Hãy chọn ảnh.")), FileAllowed(["png", "jpg", "jpeg"], _l("Cần ảnh PNG hoặc JPEG."))],
    )
