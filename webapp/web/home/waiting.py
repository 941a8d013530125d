"""What waits for a person, one by one: the most pressing first."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.core.access import Permission
from webapp.core.waiting import WaitingKind as K
from webapp.queries.waiting_items import WaitingItem, list_waiting
from webapp.web.extensions import db
from webapp.web.home.blueprint import bp
from webapp.web.home.today import LOOKS, returned_to_me
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import clock

ACTIONS = {
    K.TO_SIGN: _l("Ký hoặc ký nháy"),
    K.SENT_BACK: _l("Sửa, trình lại"),
    K.TO_NUMBER: _l("Cấp số"),
    K.TO_SEAL: _l("Đóng dấu"),
    K.TO_PUBLISH: _l("Phát hành"),
    K.DRAFTS: _l("Trình ký"),
    K.INCOMING_MINE: _l("Giải quyết"),
    K.DELEGATIONS_ENDING: _l("Giao ký sắp hết hạn"),
}


@bp.get("/waiting")
@requires(Permission.OWN_ACCOUNT)
def waiting() -> ResponseReturnValue:
    """Show every document, incoming document, delegation and returned visit that waits."""
    today = clock().today()
    return render_template(
        "home/waiting.html",
        items=list_waiting(db.session, current_actor(), today),
        returned=returned_to_me(),
        today=today,
        looks=LOOKS,
        actions=ACTIONS,
        href=href_of,
    )


def href_of(item: WaitingItem) -> str:
    """Give the page where the thing is done."""
    if item.kind is K.INCOMING_MINE:
        return url_for("registers.incoming_document", document_id=item.subject_id)
    if item.kind is K.DELEGATIONS_ENDING:
        return url_for("documents.delegations")
    return url_for("documents.document", document_id=item.subject_id)
