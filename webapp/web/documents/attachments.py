"""Attachments in files of their own: add, take away, download."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import SigningRefused
from webapp.queries.companions import find_attachment
from webapp.queries.documents import get_document
from webapp.services.attachments import AddAttachment, add_attachment, remove_attachment
from webapp.web.documents.blueprint import bp
from webapp.web.documents.workflow_forms import AttachmentForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.downloads import stored
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing


@bp.route("/<uuid:document_id>/attachments/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def attach(document_id: UUID) -> ResponseReturnValue:
    """Put a file beside a draft."""
    document = get_document(db.session, current_actor(), document_id)
    form = AttachmentForm()
    if form.validate_on_submit():
        upload = form.content.data
        command = AddAttachment(
            document_id=document_id,
            title=form.title.data,
            content=upload.read(),
            filename=upload.filename or "",
        )
        try:
            with problems_on(form):
                add_attachment(
                    db.session, command, actor=current_actor(), clock=clock(), files=files(), signing=signing()
                )
                flash(_("Đã thêm tệp đính kèm."), "ok")
                return redirect(url_for(".document", document_id=document_id), 303)
        except SigningRefused as error:
            form.content.errors = [*form.content.errors, say(error)]
    page = render_template("documents/attach.html", form=form, document=document, max_mb=settings().max_upload_mb)
    return page, 422 if form.is_submitted() else 200


@bp.post("/<uuid:document_id>/attachments/<int:number>/remove")
@requires(Permission.DOCUMENT_DRAFT)
@commits
def detach(document_id: UUID, number: int) -> ResponseReturnValue:
    """Take a file away from a draft."""
    remove_attachment(db.session, document_id, number, actor=current_actor(), clock=clock())
    flash(_("Đã bỏ tệp đính kèm."), "ok")
    return redirect(url_for(".document", document_id=document_id), 303)


@bp.get("/<uuid:document_id>/attachments/<int:number>/file")
@requires(Permission.DOCUMENT_VIEW)
def attachment_file(document_id: UUID, number: int) -> ResponseReturnValue:
    """Give an attachment, the sealed one once there is one."""
    found = find_attachment(db.session, current_actor().ward_id, document_id, number)
    return stored(found.sha256, name=found.filename)
