"""Acts without a key: submit, withdraw, reject, number, publish."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.queries.documents import get_document
from webapp.services.document_versions import BaseVersion
from webapp.services.numbering import NumberDocument, number_document
from webapp.services.publishing import publish_document
from webapp.services.submission import SubmitDocument, reject_document, submit_document, withdraw_document
from webapp.services.unstamped import queue_stamp_now
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import BaseForm, RejectForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing


@bp.post("/<uuid:document_id>/submit")
@requires(Permission.DOCUMENT_DRAFT)
@commits
def submit(document_id: UUID) -> ResponseReturnValue:
    """Put it on the signer's desk."""
    path = url_for("verify.by_code", code="CODE")
    command = SubmitDocument(
        document_id=document_id,
        base=_base(),
        verify_url=settings().base_url.rstrip("/") + path.replace("CODE", "{code}"),
    )
    submit_document(db.session, command, actor=current_actor(), clock=clock(), files=files(), signing=signing())
    flash(_("Đã trình ký. Văn bản đang chờ người ký."), "ok")
    return _back(document_id)


@bp.post("/<uuid:document_id>/withdraw")
@requires(Permission.DOCUMENT_DRAFT)
@commits
def withdraw(document_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    withdraw_document(db.session, document_id, actor=current_actor(), clock=clock())
    flash(_("Đã rút lại văn bản."), "ok")
    return _back(document_id)


@bp.route("/<uuid:document_id>/reject", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_SIGN)
@commits
def reject(document_id: UUID) -> ResponseReturnValue:
    """Send it back to its author with a reason."""
    form = RejectForm()
    if form.validate_on_submit():
        with problems_on(form):
            reject_document(db.session, document_id, form.reason.data, actor=current_actor(), clock=clock())
            flash(_("Đã trả lại văn bản cho người soạn."), "ok")
            return _back(document_id)
    document = get_document(db.session, current_actor(), document_id)
    page = render_template("documents/reject.html", form=form, document=document)
    return page, 422 if form.is_submitted() else 200


@bp.post("/<uuid:document_id>/number")
@requires(Permission.DOCUMENT_NUMBER)
@commits
def number(document_id: UUID) -> ResponseReturnValue:
    """Take the next number and enter the register."""
    command = NumberDocument(document_id=document_id, base=_base())
    notation = number_document(
        db.session, command, actor=current_actor(), clock=clock(), files=files(), signing=signing()
    )
    flash(_("Đã cấp số %(notation)s và vào sổ văn bản đi.", notation=notation), "ok")
    return _back(document_id)


@bp.post("/<uuid:document_id>/stamp")
@requires(Permission.DOCUMENT_DRAFT)
@commits
def stamp(document_id: UUID) -> ResponseReturnValue:
    """Ask for the missing timestamp at once."""
    queue_stamp_now(db.session, current_actor(), document_id, clock=clock())
    flash(_("Đang xin lại dấu thời gian. Hãy xem lại trang này sau ít phút."), "ok")
    return _back(document_id)


@bp.post("/<uuid:document_id>/publish")
@requires(Permission.DOCUMENT_PUBLISH)
@commits
def publish(document_id: UUID) -> ResponseReturnValue:
    """Open its public page."""
    publish_document(db.session, document_id, _base(), actor=current_actor(), clock=clock(), files=files())
    flash(_("Đã phát hành. Mọi người có thể kiểm tra văn bản bằng mã tra cứu."), "ok")
    return _back(document_id)


def _base() -> BaseVersion:
    """Give the version that the page showed; a form without one was not ours."""
    form = BaseForm()
    if not form.validate():
        abort(400)
    return form.base()


def _back(document_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".document", document_id=document_id), 303)
