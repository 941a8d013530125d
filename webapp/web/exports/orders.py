"""The page of exports: CSV and JSON flow straight into the answer, a workbook is made by a job."""

from collections.abc import Iterator
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.analytics.survey_files import csv_pieces, json_pieces
from webapp.core.access import Permission
from webapp.core.exports import ExportFormat, ExportOrder, ExportTable
from webapp.core.jobs import JobKind
from webapp.core.ports import PersonalDataCipher
from webapp.queries.export_rows import extra_columns, stream_visits
from webapp.queries.jobs import recent_jobs
from webapp.queries.surveys import list_groups, list_rounds
from webapp.services.exports import allow_export, queue_workbook
from webapp.web.exports.blueprint import bp
from webapp.web.exports.forms import ExportForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock

MIME = {ExportFormat.CSV: "text/csv; charset=utf-8", ExportFormat.JSON: "application/json"}


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.DATA_EXPORT)
@commits
def exports() -> ResponseReturnValue:
    """Ask what is wanted and give it, or queue it."""
    actor = current_actor()
    scope = actor.group_scope(Permission.DATA_EXPORT)
    form = ExportForm.of(list_rounds(db.session, actor.ward_id), list_groups(db.session, actor.ward_id, scope), actor)
    if request.method == "POST" and form.validate():
        order, kind = form.order(scope), ExportFormat(form.kind.data)
        if kind is ExportFormat.XLSX:
            job_id = queue_workbook(db.session, order, actor=actor, clock=clock())
            return redirect(url_for(".export_job", job_id=job_id), 303)
        table = ExportTable(form.table.data)
        allow_export(db.session, order, kind=kind, actor=actor, clock=clock(), table=table)
        return _streamed(order, kind, table)
    mine = recent_jobs(db.session, actor.ward_id, JobKind.EXPORT, created_by=actor.account_id)
    page = render_template("exports/exports.html", form=form, jobs=mine, may_name="names" in form)
    return page, 422 if form.errors else 200


def _streamed(order: ExportOrder, kind: ExportFormat, table: ExportTable) -> Response:
    """Answer piece by piece. The ports are taken here: when the pieces are asked for, the request is over."""
    pieces = _pieces(order, kind, table, ward=current_actor().ward_id, cipher=cipher())
    content = table.value if kind is ExportFormat.CSV else ExportTable.VISITS.value
    name = f"khao-sat-{content}-{clock().today().isoformat()}.{kind.value}"
    return Response(pieces, mimetype=MIME[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _pieces(
    order: ExportOrder, kind: ExportFormat, table: ExportTable, *, ward: UUID, cipher: PersonalDataCipher
) -> Iterator[bytes]:
    with db.new_session(reading=True) as session:
        extra = extra_columns(session, ward, order)
        visits = stream_visits(session, ward, order, cipher=cipher)
        if kind is ExportFormat.CSV:
            yield from csv_pieces(visits, table, order, extra=extra)
        else:
            yield from json_pieces(visits, order, extra=extra)
