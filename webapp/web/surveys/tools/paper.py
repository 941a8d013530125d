"""Paper: the empty form for a group's households, and the list of the group to take along."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.queries.group_paper import household_numbers, whole_group
from webapp.queries.households import ListedHousehold
from webapp.queries.surveys import GroupRow, RoundRow, current_round, list_groups, list_rounds
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.labels import label
from webapp.web.shared.wiring import cipher, clock, press
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.tools.sheets import Sheet, form_values, sheet_of

MOST_SHEETS: Final = 500
MOST_BLANK: Final = 50
KINDS: Final = ("lines", "totals")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperChoice:
    """What is printed: for which group and round, which form, for which numbers or how many blank ones."""

    groups: list[GroupRow]
    group: GroupRow | None
    rounds: list[RoundRow]
    round: RoundRow | None
    kind: str
    first: int | None
    last: int | None
    blank: int

    @property
    def values(self) -> dict[str, Any]:
        """Give the values of an address that asks for the same."""
        return {
            "group": self.group.group_id if self.group else None,
            "round": self.round.round_id if self.round else None,
            "kind": self.kind,
            "first": self.first,
            "last": self.last,
            "blank": self.blank or None,
        }


@bp.get("/print/forms")
@requires(Permission.HOUSEHOLD_VIEW)
def print_forms() -> ResponseReturnValue:
    """Choose forms and see them as they will be printed."""
    choice = _choice()
    sheets = _sheets(choice)
    return render_template(
        "surveys/tools/forms.html",
        choice=choice,
        sheets=sheets,
        form=_form_values(choice, sheets),
        most=MOST_SHEETS,
        pdf=url_for(".print_forms_pdf", **choice.values),
    )


@bp.get("/print/forms.pdf")
@requires(Permission.HOUSEHOLD_VIEW)
def print_forms_pdf() -> ResponseReturnValue:
    """Give the chosen forms as one file."""
    choice = _choice()
    pdf = press().press("forms", _form_values(choice, _sheets(choice)), moment=clock().now())
    return _file(pdf, f"phieu-{choice.group.code if choice.group else 'trong'}.pdf")


@bp.get("/print/list")
@requires(Permission.HOUSEHOLD_VIEW)
def print_list() -> ResponseReturnValue:
    """Show a group's households as a list to print."""
    choice = _choice()
    return render_template(
        "surveys/tools/group_list.html",
        choice=choice,
        rows=_rows(choice),
        columns=_columns(),
        state=_state,
        pdf=url_for(".print_list_pdf", **choice.values),
    )


@bp.get("/print/list.pdf")
@requires(Permission.HOUSEHOLD_VIEW)
def print_list_pdf() -> ResponseReturnValue:
    """Give the list as a file with page numbers."""
    choice = _choice()
    if choice.group is None:
        raise NotFound
    values = {
        "ward": _ward(),
        "title": _("Danh sách hộ – %(group)s", group=choice.group.name),
        "round": choice.round.name if choice.round else "",
        "footer": _("Có thông tin cá nhân: giữ cẩn thận, dùng xong trả lại phường."),
        "words": {"page": _("Trang")},
        "columns": _columns(),
        "rows": [
            {
                "number": str(item.household.number),
                "name": item.household.head_name,
                "address": item.household.address,
                "state": _state(item),
            }
            for item in _rows(choice)
        ],
    }
    return _file(press().press("group_list", values, moment=clock().now()), f"danh-sach-{choice.group.code}.pdf")


def _choice() -> PaperChoice:
    actor = current_actor()
    groups = list_groups(db.session, actor.ward_id, actor.group_scope(Permission.HOUSEHOLD_VIEW))
    rounds = list_rounds(db.session, actor.ward_id)
    kind = request.args.get("kind", KINDS[0])
    if kind not in KINDS:
        raise NotFound
    return PaperChoice(
        groups=groups,
        group=_group(groups),
        rounds=rounds,
        round=_round(rounds),
        kind=kind,
        first=request.args.get("first", type=int),
        last=request.args.get("last", type=int),
        blank=min(MOST_BLANK, max(0, request.args.get("blank", 0, type=int))),
    )


def _group(groups: list[GroupRow]) -> GroupRow | None:
    wanted = request.args.get("group")
    if not wanted:
        return groups[0] if len(groups) == 1 else None
    found = next((group for group in groups if str(group.group_id) == wanted), None)
    if found is None:
        raise NotFound
    return found


def _round(rounds: list[RoundRow]) -> RoundRow | None:
    wanted = request.args.get("round")
    if not wanted:
        return current_round(rounds, clock().today())
    found = next((item for item in rounds if str(item.round_id) == wanted), None)
    if found is None:
        raise NotFound
    return found


def _sheets(choice: PaperChoice) -> list[Sheet]:
    group = choice.group
    blank = [Sheet(group=group.name if group else "")] * choice.blank
    if group is None or choice.blank:
        return blank
    numbers = household_numbers(db.session, current_actor().ward_id, group.group_id)
    first, last = choice.first or 1, choice.last or max(numbers, default=0)
    return [sheet_of(group.code, group.name, n) for n in numbers if first <= n <= last][:MOST_SHEETS]


def _form_values(choice: PaperChoice, sheets: list[Sheet]) -> dict[str, Any]:
    return form_values(choice.kind, sheets, ward=_ward(), round_name=choice.round.name if choice.round else "")


def _rows(choice: PaperChoice) -> list[ListedHousehold]:
    if choice.group is None:
        return []
    round_id: UUID | None = choice.round.round_id if choice.round else None
    return whole_group(db.session, current_actor().ward_id, choice.group.group_id, cipher=cipher(), round_id=round_id)


def _columns() -> list[str]:
    return [_("Số"), _("Chủ hộ"), _("Địa chỉ"), _("Trong đợt"), _("Đã gặp"), _("Hẹn lại"), _("Ghi chú")]


def _state(item: ListedHousehold) -> str:
    if item.visit is None:
        return str(_("Chưa có phiếu"))
    interviewed = item.visit.outcome.value == "interviewed"
    return label(item.visit.status) if interviewed else label(item.visit.outcome)


def _ward() -> str:
    account = current_account()
    return account.ward_name if account else ""


def _file(pdf: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(pdf, mimetype="application/pdf", headers=headers)
