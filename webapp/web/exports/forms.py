"""What somebody wants to have exported."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from wtforms import BooleanField, RadioField, SelectChoice, SelectField

from webapp.core.access import Actor, Permission
from webapp.core.exports import ExportFormat, ExportOrder, ExportTable, Wording
from webapp.core.surveys import VisitStatus
from webapp.queries.surveys import GroupRow, RoundRow
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import LABELS

ALL = ""
_KINDS = (ExportFormat.XLSX, ExportFormat.CSV, ExportFormat.JSON)
_STATES = (VisitStatus.SUBMITTED, VisitStatus.NEEDS_CORRECTION, VisitStatus.APPROVED, VisitStatus.LOCKED)


class ExportForm(PageForm):
    """The order; choices of round and group are set by `of`."""

    round_id = SelectField(_l("Đợt khảo sát"), choices=[])
    group_id = SelectField(_l("Tổ dân phố"), choices=[])
    status = SelectField(
        _l("Tình trạng phiếu"),
        choices=[
            SelectChoice(ALL, _l("Tất cả")),
            *(SelectChoice(state.value, LABELS[VisitStatus, state]) for state in _STATES),
        ],
    )
    kind = RadioField(
        _l("Loại tệp"),
        choices=[SelectChoice(kind.value, LABELS[ExportFormat, kind]) for kind in _KINDS],
        default=ExportFormat.XLSX.value,
    )
    table = RadioField(
        _l("Nội dung tệp CSV"),
        choices=[SelectChoice(table.value, LABELS[ExportTable, table]) for table in ExportTable],
        default=ExportTable.VISITS.value,
    )
    wording = RadioField(
        _l("Tiêu đề cột và nội dung ô"),
        choices=[SelectChoice(wording.value, LABELS[Wording, wording]) for wording in Wording],
        default=Wording.WORDS.value,
    )
    revisions = BooleanField(_l("Lấy cả các bản trước khi sửa"))
    names = BooleanField(_l("Kèm họ tên chủ hộ, địa chỉ, ghi chú và câu trả lời tự viết"))

    @classmethod
    def of(cls, rounds: list[RoundRow], groups: list[GroupRow], actor: Actor) -> "ExportForm":
        """Make the form with what this person may choose."""
        form = cls()
        form.round_id.choices = _choices(_l("Tất cả các đợt"), [(row.round_id, row.name) for row in rounds])
        form.group_id.choices = _choices(_l("Tất cả các tổ"), [(row.group_id, row.name) for row in groups])
        if not actor.can(Permission.DATA_EXPORT_NAMES):
            del form.names
        return form

    def order(self, scope: frozenset[UUID] | None) -> ExportOrder:
        """Give the order; without a group it is for all groups of the person (`scope`)."""
        chosen = self.group_id.data
        return ExportOrder(
            round_id=UUID(self.round_id.data) if self.round_id.data else None,
            group_ids=frozenset({UUID(chosen)}) if chosen else scope,
            status=VisitStatus(self.status.data) if self.status.data else None,
            revisions=self.revisions.data,
            names="names" in self and self.names.data,
            wording=Wording(self.wording.data),
        )


def _choices(everything: LazyString, rows: list[tuple[UUID, str]]) -> list[SelectChoice]:
    return [SelectChoice(ALL, everything), *(SelectChoice(str(row_id), name) for row_id, name in rows)]
