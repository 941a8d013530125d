"""Importing a workbook, second half: every error before anything is stored, then all of it, then what came of it."""

from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.analytics.import_reports import problems_csv
from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.import_columns import BY_KEY
from webapp.queries.imports import BatchRow, get_batch
from webapp.services.import_check import ImportCheck, check_import, summary
from webapp.services.import_match import VISITED
from webapp.services.import_store import NotReady, store_import
from webapp.services.imports import choose, load_batch, open_round
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, files, settings
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.imports_batch import OpenedBatch, open_batch

SHOWN_PROBLEMS = 200
SHOWN_QUESTIONS = 50


def _check(opened: OpenedBatch) -> ImportCheck:
    actor = current_actor()
    return check_import(
        db.session,
        opened.batch,
        opened.sheets,
        survey_round=open_round(db.session, actor, opened.batch.round_id),
        actor=actor,
        cipher=cipher(),
        clock=clock(),
        max_rows=settings().import_max_rows,
    )


@bp.get("/imports/<uuid:batch_id>/check")
@requires(Permission.HOUSEHOLD_IMPORT)
def import_check(batch_id: UUID) -> ResponseReturnValue:
    """Show every error and what would be stored; nothing is stored yet."""
    opened = open_batch(batch_id)
    return _check_page(opened.batch, _check(opened))


def _check_page(batch: BatchRow, check: ImportCheck, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "surveys/imports_check.html",
        batch=batch,
        check=check,
        counts=summary(check),
        problems=check.problems[:SHOWN_PROBLEMS],
        questions=check.to_review[:SHOWN_QUESTIONS],
        columns=BY_KEY,
        visited_message=VISITED,
        has_errors=not check.may_store,
    )
    return page, status


@bp.post("/imports/<uuid:batch_id>/choices")
@requires(Permission.HOUSEHOLD_IMPORT)
@commits
def import_choices(batch_id: UUID) -> ResponseReturnValue:
    """Take the answers to what the check page asks."""
    answers = {name: request.form[name] == "yes" for name in ("skip_visited", "accept") if name in request.form}
    choose(db.session, batch_id, actor=current_actor(), **answers)
    return redirect(url_for(".import_check", batch_id=batch_id), 303)


@bp.get("/imports/<uuid:batch_id>/errors.csv")
@requires(Permission.HOUSEHOLD_IMPORT)
def import_errors(batch_id: UUID) -> ResponseReturnValue:
    """Give all errors as a file for Excel."""
    check = _check(open_batch(batch_id))
    headings = (_("Trang"), _("Dòng"), _("Cột"), _("Tiêu đề cột"), _("Ô ghi"), _("Cần sửa"))
    content = problems_csv(check.problems, headings, lambda message, params: _(message, **params))
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="loi-can-sua.csv"'
    return response


@bp.post("/imports/<uuid:batch_id>/store")
@requires(Permission.HOUSEHOLD_IMPORT)
@commits
def import_store(batch_id: UUID) -> ResponseReturnValue:
    """Store the whole file, or nothing and say why."""
    try:
        store_import(
            db.session,
            batch_id,
            actor=current_actor(),
            clock=clock(),
            files=files(),
            cipher=cipher(),
            max_rows=settings().import_max_rows,
        )
    except NotReady as refused:
        return _check_page(load_batch(db.session, batch_id, actor=current_actor()), refused.check, 422)
    return redirect(url_for(".import_result", batch_id=batch_id), 303)


@bp.get("/imports/<uuid:batch_id>")
@requires(Permission.HOUSEHOLD_IMPORT)
def import_result(batch_id: UUID) -> ResponseReturnValue:
    """Show what was stored, held against the file."""
    batch = get_batch(db.session, current_actor().ward_id, batch_id)
    if batch is None:
        raise NotFound
    if batch.stored_at is None:
        step = ".import_check" if batch.mapping else ".import_columns"
        return redirect(url_for(step, batch_id=batch_id), 303)
    return render_template("surveys/imports_result.html", batch=batch, result=batch.result, columns=BY_KEY)
