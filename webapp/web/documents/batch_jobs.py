"""A batch on its way: how far it is, what failed, going on with the PIN, stopping, and all files in one ZIP."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import N_, NotFound, WrongState
from webapp.core.exports import WARD_ZONE
from webapp.core.jobs import JobStatus
from webapp.core.signing_batches import tidy_names
from webapp.core.zip_stream import stream_zip
from webapp.queries.signing_batches import Batch, get_batch
from webapp.services.jobs import cancel_job
from webapp.services.signing_batches import go_on
from webapp.web.documents.batches import LIMIT, cards, key_for, opened_key, shown_items
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import BatchForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import batches, clock, files


@bp.route("/batches/<uuid:job_id>", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_VIEW)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def batch(job_id: UUID) -> ResponseReturnValue:
    """Show how far the batch is; a PIN lets what is left be signed."""
    found = _own(job_id)
    form = BatchForm().asks(key_for(found.kind))
    if form.is_submitted() and step_up_needed():
        return ask_step_up(url_for(".batch", job_id=job_id))
    if form.validate_on_submit() and _went_on(found, form):
        return redirect(url_for(".batch", job_id=job_id), 303)
    left = [step.document for step in found.left]
    page = render_template(
        "documents/batch_job.html", form=form, batch=found, kind=found.kind.value, **cards(found.kind, left)
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/batches/<uuid:job_id>/stop")
@requires(Permission.DOCUMENT_VIEW)
@commits
def stop_batch(job_id: UUID) -> ResponseReturnValue:
    """Stop after the document in hand."""
    _own(job_id)
    cancel_job(db.session, job_id, actor=current_actor(), clock=clock())
    flash(_("Đang dừng. Văn bản đã ký vẫn giữ chữ ký."), "ok")
    return redirect(url_for(".batch", job_id=job_id), 303)


@bp.get("/batches/<uuid:job_id>/files.zip")
@requires(Permission.DOCUMENT_VIEW)
def batch_files(job_id: UUID) -> ResponseReturnValue:
    """Give the newest file of every document of the batch that was signed, one after the other."""
    found = _own(job_id)
    done = [step.document for step in found.steps if step.status is JobStatus.DONE and not step.unstamped]
    if not done:
        raise WrongState(N_("Chưa có văn bản nào ký xong để tải về."))
    names = tidy_names((document.notation, document.abstract) for document in done)
    readers: list[Callable[[], bytes]] = [partial(files().get, document.sha256) for document in done]
    here = clock().now().astimezone(WARD_ZONE)
    return Response(
        stream_zip(zip(names, readers, strict=True), at=here),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="van-ban-{here:%Y-%m-%d-%H%M}.zip"'},
    )


def _went_on(found: Batch, form: BatchForm) -> bool:
    """Open the key again and go on with what stayed ticked."""
    items = shown_items()
    if not items:
        form.form_errors.append(_("Hãy chọn ít nhất một văn bản."))
        return False
    key = opened_key(found.kind, form)
    if key is None:
        return False
    try:
        go_on(db.session, found.job_id, items, actor=current_actor(), clock=clock())
        db.session.commit()
    except BaseException:
        key.close()
        raise
    batches().start(found.job_id, actor=current_actor(), key=key)
    return True


def _own(job_id: UUID) -> Batch:
    """Give the batch if its owner may still see documents. Raises NotFound."""
    actor = current_actor()
    if not actor.can(Permission.DOCUMENT_VIEW):
        raise NotFound
    return get_batch(db.session, actor, job_id, now=clock().now())
