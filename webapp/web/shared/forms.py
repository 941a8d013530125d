"""The base of every form: WTForms ships no Vietnamese, so its built-in messages are given here."""

from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm

from webapp.core.errors import N_

# WTForms' own words → ours (then translated for the reader). What forms of this program can never raise is left out.
MESSAGES = {
    "This field is required.": N_("Ô này chưa có nội dung. Hãy điền vào."),
    "Invalid input.": N_("Nội dung ô này không hợp lệ."),
    "Field must be equal to %(other_name)s.": N_("Nội dung phải giống ô %(other_name)s."),
    "Field must be at least %(min)d character long.": N_("Cần ít nhất %(min)d ký tự."),
    "Field must be at least %(min)d characters long.": N_("Cần ít nhất %(min)d ký tự."),
    "Field cannot be longer than %(max)d character.": N_("Không dài quá %(max)d ký tự."),
    "Field cannot be longer than %(max)d characters.": N_("Không dài quá %(max)d ký tự."),
    "Field must be exactly %(max)d character long.": N_("Cần đúng %(max)d ký tự."),
    "Field must be exactly %(max)d characters long.": N_("Cần đúng %(max)d ký tự."),
    "Field must be between %(min)d and %(max)d characters long.": N_("Cần từ %(min)d đến %(max)d ký tự."),
    "Number must be at least %(min)s.": N_("Số phải từ %(min)s trở lên."),
    "Number must be at most %(max)s.": N_("Số không được quá %(max)s."),
    "Number must be between %(min)s and %(max)s.": N_("Số phải từ %(min)s đến %(max)s."),
    "Date must be at least %(min)s.": N_("Ngày phải từ %(min)s trở đi."),
    "Date must be at most %(max)s.": N_("Ngày không được sau %(max)s."),
    "Date must be between %(min)s and %(max)s.": N_("Ngày phải từ %(min)s đến %(max)s."),
    "Invalid UUID.": N_("Mã không hợp lệ."),
    "Invalid Choice: could not coerce.": N_("Hãy chọn một trong các mục có sẵn."),
    "Not a valid choice.": N_("Hãy chọn một trong các mục có sẵn."),
    "Not a valid choice": N_("Hãy chọn một trong các mục có sẵn."),
    "Invalid choice(s): one or more data inputs could not be coerced.": N_("Hãy chọn trong các mục có sẵn."),
    "'%(value)s' is not a valid choice for this field.": N_("“%(value)s” không có trong các mục được chọn."),
    "'%(value)s' are not valid choices for this field.": N_("“%(value)s” không có trong các mục được chọn."),
    "Not a valid datetime value.": N_("Ngày giờ chưa đúng. Ví dụ: 22/11/2026 14:30."),
    "Not a valid date value.": N_("Ngày chưa đúng. Ví dụ: 22/11/2026."),
    "Not a valid time value.": N_("Giờ chưa đúng. Ví dụ: 14:30."),
    "Not a valid integer value.": N_("Hãy nhập một số nguyên, ví dụ 4."),
    "Not a valid decimal value.": N_("Hãy nhập một số, ví dụ 4,5."),
    "Not a valid float value.": N_("Hãy nhập một số, ví dụ 4,5."),
    "Invalid CSRF Token.": N_("Trang đã để quá lâu. Hãy bấm gửi lại."),
    "CSRF token missing.": N_("Trang đã để quá lâu. Hãy bấm gửi lại."),
    "CSRF failed.": N_("Trang đã để quá lâu. Hãy bấm gửi lại."),
    "CSRF token expired.": N_("Trang đã để quá lâu. Hãy bấm gửi lại."),
    "File does not have an approved extension.": N_("Loại tệp này không nhận được."),
    "File does not have an approved extension: {extensions}": N_("Loại tệp này không nhận được."),
}


class BuiltInMessages:
    """What WTForms asks for its texts."""

    def gettext(self, text: str) -> str:
        """Give a built-in text in the reader's language."""
        return str(gettext(MESSAGES[text])) if text in MESSAGES else text

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Give a counted text; Vietnamese has one form."""
        chosen = singular if n == 1 else plural
        return str(gettext(MESSAGES[chosen])) if chosen in MESSAGES else str(ngettext(singular, plural, n))


_MESSAGES = BuiltInMessages()


class PageForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """The base class of the program's forms."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask-wtf ships no types
        """Vietnamese texts for what WTForms checks by itself."""

        def get_translations(self, _form: FlaskForm) -> BuiltInMessages:
            """Use our texts."""
            return _MESSAGES
