"""The one field of the public page."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from webapp.web.shared.forms import PageForm


class VerifyForm(PageForm):
    """A file to examine; what it is shows when it is read, not by its name."""

    content = FileField(_l("Tệp PDF cần kiểm tra"), [FileRequired(_l("Hãy chọn tệp PDF cần kiểm tra."))])
