"""The form of a household visit. It checks shape only; what cannot be true is said by core.survey_checks."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    TextAreaField,
)

from webapp.core.survey_checks import ADULTS_MAX
from webapp.core.surveys import AgeBand, Barrier, FibreSpeed, MinorBand, Sex, VisitOutcome
from webapp.web.shared.forms import BuiltInMessages
from webapp.web.shared.labels import LABELS
from webapp.web.surveys.count_field import CountField

UNKNOWN = "unknown"
UNANSWERED = _l("Chưa trả lời. Không rõ thì chọn “Không biết”.")
BLANK_COUNT = _l("Chưa ghi số. Không rõ thì chọn “Không biết”.")
_NOT_KNOWN = SelectChoice(UNKNOWN, _l("Không biết"))
_MESSAGES = BuiltInMessages()


def _choose(label: object, choices: list[SelectChoice]) -> RadioField:
    return RadioField(label, choices=choices, invalid_choice_message=UNANSWERED)


def _yes_no(label: object) -> RadioField:
    return _choose(label, [SelectChoice("yes", _l("Có")), SelectChoice("no", _l("Không")), _NOT_KNOWN])


class VisitPart(Form):  # type: ignore[misc]  # wtforms ships no types
    """A form without a token of its own: the page carries one, and the whole application checks it."""

    class Meta:
        """Vietnamese texts for what WTForms checks by itself."""

        def get_translations(self, _form: Form) -> BuiltInMessages:
            """Use our texts."""
            return _MESSAGES


class AdultForm(VisitPart):
    """One adult. `last` points to the same person's line of the last round."""

    sex = _choose(
        _l("Giới tính"),
        [*(SelectChoice(s.value, LABELS[Sex, s]) for s in Sex), _NOT_KNOWN],
    )
    # Word joiners keep the two years of a band on one line of a narrow button.
    age_band = _choose(
        _l("Tuổi"),
        [
            SelectChoice(AgeBand.A18_29.value, "18\u2060–\u206029"),
            SelectChoice(AgeBand.A30_44.value, "30\u2060–\u206044"),
            SelectChoice(AgeBand.A45_59.value, "45\u2060–\u206059"),
            SelectChoice(AgeBand.A60.value, _l("Từ 60")),
            _NOT_KNOWN,
        ],
    )
    smartphone = _yes_no(_l("Điện thoại thông minh"))
    digital_id = _yes_no(_l("Số định danh (căn cước)"))
    vneid_level = _choose(
        _l("Tài khoản VNeID"),
        [
            SelectChoice("0", _l("Chưa có")),
            SelectChoice("1", _l("Mức 1")),
            SelectChoice("2", _l("Mức 2")),
            _NOT_KNOWN,
        ],
    )
    digital_signature = _yes_no(_l("Chữ ký số"))
    e_signature = _yes_no(_l("Chữ ký điện tử khác"))
    barrier = SelectField(
        _l("Lý do chính nếu còn thiếu"),
        choices=[
            SelectChoice("", _l("Không hỏi / không có")),
            *(SelectChoice(b.value, LABELS[Barrier, b]) for b in Barrier),
        ],
        validate_choice=False,
    )
    last = HiddenField()


class MinorForm(VisitPart):
    """The minors of one band, and how many of them have it; each band has its own `count`."""

    digital_id = CountField(_l("Có số định danh"))
    digital_id_unknown = BooleanField(_l("Không biết"))


class Minor0Form(MinorForm):
    """0–5 years."""

    count = CountField(_l("Trẻ 0–5 tuổi"))


class Minor6Form(MinorForm):
    """6–13 years."""

    count = CountField(_l("Trẻ 6–13 tuổi"))


class Minor14Form(MinorForm):
    """14 years: from here on there are VNeID accounts of level 2."""

    count = CountField(_l("Trẻ 14 tuổi"))
    vneid_l2 = CountField(_l("Có VNeID mức 2"))
    vneid_l2_unknown = BooleanField(_l("Không biết"))


class Minor15Form(MinorForm):
    """15–17 years: from here on smartphones are asked."""

    count = CountField(_l("Trẻ 15–17 tuổi"))
    vneid_l2 = CountField(_l("Có VNeID mức 2"))
    vneid_l2_unknown = BooleanField(_l("Không biết"))
    smartphone = CountField(_l("Có điện thoại thông minh"))
    smartphone_unknown = BooleanField(_l("Không biết"))


class TotalsForm(VisitPart):
    """Counts for a household of which only totals are known; the order is that of the paper form."""

    residents = CountField(_l("Số người trong nhà"))
    adults = CountField(_l("Người lớn (từ 18 tuổi)"))
    residents_14plus = CountField(_l("Người từ 14 tuổi trở lên"))
    residents_14plus_unknown = BooleanField(_l("Không biết"))
    smartphone_adults = CountField(_l("Người lớn có điện thoại thông minh"))
    smartphone_adults_unknown = BooleanField(_l("Không biết"))
    digital_id_residents = CountField(_l("Người có số định danh"))
    digital_id_residents_unknown = BooleanField(_l("Không biết"))
    vneid_l2 = CountField(_l("Người có VNeID mức 2"))
    vneid_l2_unknown = BooleanField(_l("Không biết"))
    esignature_adults = CountField(_l("Người lớn có chữ ký số hoặc chữ ký điện tử"))
    esignature_adults_unknown = BooleanField(_l("Không biết"))
    digital_signature_adults = CountField(_l("Trong đó: có chữ ký số"))
    digital_signature_adults_unknown = BooleanField(_l("Không biết"))


class VisitForm(VisitPart):
    """The whole visit; a page shows a part of it and carries the rest along unseen."""

    visit_id = HiddenField()
    base_revision = HiddenField()
    mode = HiddenField(default="lines")
    outcome = RadioField(
        _l("Hôm nay gặp được chủ nhà không?"),
        choices=[SelectChoice(o.value, LABELS[VisitOutcome, o]) for o in VisitOutcome],
        invalid_choice_message=_l("Chọn một kết quả của lần đến nhà này."),
    )
    visited_on = DateField(_l("Ngày đến nhà"), format=["%Y-%m-%d", "%d/%m/%Y"])
    adult_count = CountField(_l("Người lớn (từ 18 tuổi)"))
    adults = FieldList(FormField(AdultForm), max_entries=ADULTS_MAX + 1)
    minors_0_5 = FormField(Minor0Form)
    minors_6_13 = FormField(Minor6Form)
    minors_14 = FormField(Minor14Form)
    minors_15_17 = FormField(Minor15Form)
    totals = FormField(TotalsForm)
    fibre_connected = _yes_no(_l("Nhà đã lắp cáp quang chưa?"))
    fibre_covered = _yes_no(_l("Nơi này đã có cáp quang đi qua chưa?"))
    fibre_speed = RadioField(
        _l("Nếu đã lắp: tốc độ có thể đạt"),
        choices=[*(SelectChoice(s.value, LABELS[FibreSpeed, s]) for s in FibreSpeed), _NOT_KNOWN],
        validate_choice=False,
    )
    iot_connections = CountField(_l("Thiết bị kết nối Internet trong nhà"))
    iot_connections_unknown = BooleanField(_l("Không biết"))
    payment_accounts = CountField(_l("Người từ 15 tuổi có tài khoản thanh toán"))
    residents_15plus = CountField(_l("Người từ 15 tuổi trở lên"))
    note = TextAreaField(_l("Ghi chú"))


# Band → name of its part of the form.
MINOR_PARTS = {
    MinorBand.M0_5: "minors_0_5",
    MinorBand.M6_13: "minors_6_13",
    MinorBand.M14: "minors_14",
    MinorBand.M15_17: "minors_15_17",
}
