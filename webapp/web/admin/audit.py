"""The audit log: who did what, when and from where; and whether anybody changed it afterwards."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from webapp.core.access import Permission, Role
from webapp.core.events import AuditTag
from webapp.queries.audit import AuditFilter, list_events
from webapp.services.audit_check import check_audit_for
from webapp.web.admin.blueprint import bp
from webapp.web.admin.forms import AuditFilterForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.labels import LABELS, label

# Details that a reader understands, and words for their values; the others are for the machine.
DETAILS = {
    "role": _l("vai trò"),
    "reason": _l("lý do"),
    "minutes": _l("phút"),
    "method": _l("cách"),
    "change": _l("thay đổi"),
    "created": _l("đã tạo"),
    "changed": _l("đã sửa"),
}
VALUES = {
    "password": _l("mật khẩu"),
    "code": _l("mã xác thực"),
    "step_up": _l("xác nhận lại"),
    "locked": _l("đang bị khóa"),
    "idle": _l("lâu không dùng"),
    "disabled": _l("đã ngừng dùng"),
    "no_ward": _l("chưa có việc"),
    "unlock": _l("mở khóa"),
    "enable": _l("mở lại"),
    "name": _l("tên"),
    **{role.value: LABELS[Role, role] for role in Role},
}


def _details(detail: dict[str, Any]) -> str:
    """Say the details of an event in words."""
    said = []
    for key, value in detail.items():
        if key in DETAILS and value:
            parts = value if isinstance(value, list) else [value]
            said.append(f"{DETAILS[key]}: {', '.join(str(VALUES.get(str(part), part)) for part in parts)}")
    return "; ".join(said)


@bp.get("/audit")
@requires(Permission.AUDIT_VIEW)
def audit() -> ResponseReturnValue:
    """Page through the log; with `check` the whole chain is hashed again."""
    actor = current_actor()
    form = AuditFilterForm(request.args)
    form.tag.choices = [SelectChoice("", _l("Mọi việc")), *(SelectChoice(tag.value, label(tag)) for tag in AuditTag)]
    valid = form.validate()
    wanted = AuditFilter(
        tag=form.tag.data or "" if valid else "",
        person=form.person.data or "",
        first_day=form.first.data if valid else None,
        last_day=form.last.data if valid else None,
        before=request.args.get("before", type=int),
    )
    page = list_events(db.session, actor.ward_id, wanted)
    return render_template(
        "admin/audit.html",
        form=form,
        page=page,
        older=_older(page.next_before) if page.next_before else None,
        report=check_audit_for(db.session, actor) if "check" in request.args else None,
        words={tag.value: label(tag) for tag in AuditTag},
        details=_details,
    ), 200 if valid else 422


def _older(before: int) -> str:
    kept = {name: request.args.get(name) or None for name in ("tag", "person", "first", "last")}
    return url_for(".audit", **kept, before=before)  # type: ignore[arg-type]  # values of the address, not options
