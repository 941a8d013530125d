"""Forms of back-checks; the second interview has the widgets of the first and none of its answers."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from webapp.core.back_check import KeyAnswers
from webapp.core.surveys import VisitOutcome
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import LABELS
from webapp.web.surveys.count_field import CountField
from webapp.web.surveys.visit_form import BLANK_COUNT, UNANSWERED, UNKNOWN

COUNTS = ("residents", "adults", "smartphone_adults", "signature_adults", "iot_connections")
_YES_NO = (("yes", _l("Có")), ("no", _l("Không")), (UNKNOWN, _l("Không biết")))


class DrawForm(PageForm):
    """How large a sample is."""

    wanted = CountField(_l("Chọn bao nhiêu"), [InputRequired(_l("Ghi số phiếu hoặc số phần trăm."))])
    unit = RadioField(
        _l("Tính theo"),
        choices=[
            SelectChoice("percent", _l("Phần trăm số phiếu của mỗi tổ")),
            SelectChoice("visits", _l("Số phiếu, chia đều theo cỡ tổ")),
        ],
        default="percent",
    )
    seed = CountField(_l("Số gốc để rút ngẫu nhiên"), [Optional()])


class AssignForm(PageForm):
    """Who asks again; the visits are boxes of the table."""

    account_id = SelectField(_l("Giao cho"), choices=[])

    @classmethod
    def of(cls, people: dict[UUID, str]) -> "AssignForm":
        """Make the form with the people to choose from."""
        form = cls()
        form.account_id.choices = [SelectChoice(str(account_id), name) for account_id, name in people.items()]
        return form


def _yes_no(label: object) -> RadioField:
    return RadioField(label, choices=[SelectChoice(value, text) for value, text in _YES_NO], validate_choice=False)


class SecondForm(PageForm):
    """The second interview."""

    outcome = RadioField(
        _l("Hôm nay gặp được chủ nhà không?"),
        choices=[SelectChoice(o.value, LABELS[VisitOutcome, o]) for o in VisitOutcome],
        invalid_choice_message=_l("Chọn một kết quả của lần đến nhà này."),
    )
    visited = _yes_no(_l("Trong đợt này đã có người của tổ đến hỏi chưa?"))
    residents = CountField(_l("Số người trong nhà"))
    residents_unknown = BooleanField(_l("Không biết"))
    adults = CountField(_l("Người lớn (từ 18 tuổi)"))
    adults_unknown = BooleanField(_l("Không biết"))
    smartphone_adults = CountField(_l("Người lớn có điện thoại thông minh"))
    smartphone_adults_unknown = BooleanField(_l("Không biết"))
    signature_adults = CountField(_l("Người lớn có chữ ký số hoặc chữ ký điện tử"))
    signature_adults_unknown = BooleanField(_l("Không biết"))
    fibre_connected = _yes_no(_l("Nhà đã lắp cáp quang chưa?"))
    iot_connections = CountField(_l("Thiết bị kết nối Internet trong nhà"))
    iot_connections_unknown = BooleanField(_l("Không biết"))

    def read(self) -> KeyAnswers | None:
        """Give the answers; None when a question of an interview was left blank (its field then says so)."""
        if not self.validate():
            return None
        if self.outcome.data != VisitOutcome.INTERVIEWED:
            return KeyAnswers()
        for name in ("visited", "fibre_connected"):
            if self[name].data not in {"yes", "no", UNKNOWN}:
                self[name].errors = [str(UNANSWERED)]
        for name in COUNTS:
            if self[name].data is None and not self[f"{name}_unknown"].data:
                self[name].errors = [str(BLANK_COUNT)]
        if self.errors:
            return None
        known = {"yes": True, "no": False}
        return KeyAnswers(
            visited=known.get(self.visited.data),
            fibre_connected=known.get(self.fibre_connected.data),
            **{name: self[name].data for name in COUNTS},
        )
