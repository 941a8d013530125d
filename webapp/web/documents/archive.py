"""Long-term preservation: what will still verify, what is due, what fails and why."""

from typing import Final
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.preservation import PreservationOrder, PreservationState
from webapp.queries.preservation import PreservationRow, preservation_rows, preservation_summary
from webapp.services.preservation import ask_for_preservation
from webapp.web.documents.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, settings

BADGES: Final = {
    PreservationState.KEPT: "ok",
    PreservationState.DUE: "warn",
    PreservationState.FAILING: "danger",
    PreservationState.UNFIT: "neutral",
}
OPEN: Final = (PreservationState.FAILING, PreservationState.DUE, PreservationState.UNFIT)
NEXT: Final = 20


@bp.get("/archive")
@requires(Permission.ARCHIVE_VIEW)
def archive() -> ResponseReturnValue:
    """Show the counts, what needs somebody, and the next renewals."""
    actor = current_actor()
    return render_template(
        "documents/archive.html",
        summary=preservation_summary(db.session, actor.ward_id),
        states=PreservationState,
        rows=preservation_rows(db.session, actor.ward_id, OPEN),
        coming=preservation_rows(db.session, actor.ward_id, (PreservationState.KEPT,), most=NEXT),
        reason=reason,
        badges=BADGES,
        year=settings().preserve_until,
        may_keep=actor.can(Permission.ARCHIVE_KEEP),
        may_open=actor.can(Permission.DOCUMENT_VIEW),
    )


@bp.post("/archive/now")
@requires(Permission.ARCHIVE_KEEP)
@commits
def archive_now() -> ResponseReturnValue:
    """Ask for a run: of everything that is open, or of one document."""
    document_id = request.form.get("document_id", type=UUID)
    if document_id is None and request.form.get("document_id"):
        raise NotFound
    order = PreservationOrder(document_id=document_id)
    if ask_for_preservation(db.session, order, actor=current_actor(), clock=clock()):
        flash(_("Đang làm. Kết quả hiện ở đây sau ít phút; hãy tải lại trang."), "info")
    else:
        flash(_("Vừa có người bấm; việc đang được làm."), "info")
    return redirect(url_for(".archive"), 303)


def reason(row: PreservationRow) -> str:
    """Say in the reader's language why a file does not last; "" when it does."""
    return row.reason_en if str(get_locale()) == "en" else row.reason_vi
