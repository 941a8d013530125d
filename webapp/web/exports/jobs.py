"""A workbook on its way: how far it is, stopping it, fetching it."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import N_, NotFound, WrongState
from webapp.core.exports import ExportOrder
from webapp.core.jobs import JobKind
from webapp.queries.jobs import JobRow, get_job
from webapp.services.exports import note_download
from webapp.services.jobs import cancel_job
from webapp.web.exports.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, files

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/<uuid:job_id>")
@requires(Permission.DATA_EXPORT)
def export_job(job_id: UUID) -> ResponseReturnValue:
    """Show how far a workbook is."""
    return render_template("exports/job.html", job=_own(job_id))


@bp.post("/<uuid:job_id>/stop")
@requires(Permission.DATA_EXPORT)
@commits
def stop_export(job_id: UUID) -> ResponseReturnValue:
    """Stop making it."""
    _own(job_id)
    cancel_job(db.session, job_id, actor=current_actor(), clock=clock())
    flash(_("Đã dừng xuất dữ liệu."), "ok")
    return redirect(url_for(".exports"), 303)


@bp.post("/<uuid:job_id>/file")
@requires(Permission.DATA_EXPORT)
@commits
def fetch_export(job_id: UUID) -> ResponseReturnValue:
    """Give the finished workbook and write down that it was fetched; who lost the right to names gets it no more."""
    job = _own(job_id)
    if not job.has_file or job.file_sha256 is None:
        raise WrongState(N_("Tệp này không còn trên máy chủ. Hãy xuất lại."))
    if ExportOrder.from_json(job.payload).names and not current_actor().can(Permission.DATA_EXPORT_NAMES):
        raise NotFound
    content = cipher().unseal(files().get(job.file_sha256))
    note_download(db.session, job_id, actor=current_actor(), clock=clock())
    headers = {"Content-Disposition": f'attachment; filename="{job.file_name}"'}
    return Response(content, mimetype=WORKBOOK, headers=headers)


def _own(job_id: UUID) -> JobRow:
    actor = current_actor()
    job = get_job(db.session, actor.ward_id, job_id)
    if job is None or job.kind != JobKind.EXPORT or job.created_by != actor.account_id:
        raise NotFound
    return job
