"""The ledger of signatures: its rows, whether the files still agree with it, and a checkpoint to take away."""

from typing import Final

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.access import Permission
from webapp.core.ledger_checks import FindingKind
from webapp.queries.ledger_checks import last_check
from webapp.queries.ledger_rows import PAGE, ledger_head, ledger_page
from webapp.services.ledger import export_checkpoint
from webapp.services.ledger_checks import ask_for_check
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock

# What the person who reads a finding should do.
ADVICE: Final = {
    FindingKind.CHAIN_BROKEN: _l(
        "Giữ nguyên máy chủ, so với mốc sổ đã xuất trước đây và báo người phụ trách an toàn thông tin."
    ),
    FindingKind.FILE_MISSING: _l("Khôi phục tệp từ bản sao lưu; tên tệp là mã băm ghi bên cạnh."),
    FindingKind.FILE_ALTERED: _l("Không dùng tệp này. Khôi phục tệp từ bản sao lưu và tìm nguyên nhân."),
    FindingKind.FILE_UNREADABLE: _l("Mở văn bản, kiểm tra tệp và báo người phụ trách kỹ thuật."),
    FindingKind.SIGNATURE_UNKNOWN: _l("Không phát hành tệp này; tìm xem ai đã ký và bằng cách nào."),
    FindingKind.SIGNATURE_MISSING: _l("Khôi phục bản có chữ ký này từ bản sao lưu."),
    FindingKind.REVISION_ALTERED: _l("Không dùng tệp này; khôi phục bản đúng từ bản sao lưu."),
}


@bp.get("/signatures")
@requires(Permission.LEDGER_VIEW)
def signatures() -> ResponseReturnValue:
    """Show the newest rows and the last comparison."""
    ward_id = current_actor().ward_id
    lines = ledger_page(db.session, ward_id, before=request.args.get("before", type=int))
    return render_template(
        "registers/signatures.html",
        lines=lines,
        older=lines[-1].sequence if len(lines) == PAGE and lines[-1].sequence > 1 else None,
        check=last_check(db.session, ward_id),
        head=ledger_head(db.session, ward_id),
        now=clock().now(),
        advice=ADVICE,
        may_open=current_actor().can(Permission.DOCUMENT_VIEW),
    )


@bp.post("/signatures/checkpoint")
@requires(Permission.LEDGER_VIEW)
@commits
def signatures_checkpoint() -> ResponseReturnValue:
    """Give the checkpoint file; who took it is written down."""
    brief = request.form.get("brief") == "1"
    content = export_checkpoint(db.session, actor=current_actor(), clock=clock(), brief=brief)
    name = f"moc-so-chu-ky-{'ngan-' if brief else ''}{clock().today().isoformat()}.json"
    return Response(
        content, mimetype="application/json", headers={"Content-Disposition": f"attachment; filename={name}"}
    )


@bp.post("/signatures/check")
@requires(Permission.LEDGER_VIEW)
@commits
def signatures_check() -> ResponseReturnValue:
    """Ask for a comparison now."""
    ask_for_check(db.session, actor=current_actor(), clock=clock())
    flash(_("Đang đối chiếu. Kết quả hiện ở đây sau ít phút; hãy tải lại trang."), "info")
    return redirect(url_for(".signatures"), 303)
