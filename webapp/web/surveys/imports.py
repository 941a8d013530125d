"""Importing a workbook, first half: upload it and say what its columns mean."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.errors import InvalidInput, NotFound
from webapp.core.import_columns import BY_KEY
from webapp.queries.imports import BatchRow, recent_batches
from webapp.queries.places import group_choices
from webapp.queries.surveys import RoundRow, list_rounds
from webapp.services.import_mapping import Suggestion, default_day, default_group, suggest_columns
from webapp.services.imports import (
    DecideColumns,
    ReceiveWorkbook,
    decide_columns,
    open_round,
    receive_workbook,
)
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say_problem
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, files, settings
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.imports_batch import OpenedBatch, open_batch
from webapp.web.surveys.imports_forms import ColumnsForm, LayoutForm, UploadForm, columns_form


@bp.get("/imports")
@requires(Permission.HOUSEHOLD_IMPORT)
def imports() -> ResponseReturnValue:
    """Show the upload form and what was imported lately."""
    return _imports_page(UploadForm.of(_open_rounds()))


def _open_rounds() -> list[RoundRow]:
    return [found for found in list_rounds(db.session, current_actor().ward_id) if found.is_open]


def _imports_page(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    batches = recent_batches(db.session, current_actor().ward_id)
    page = render_template(
        "surveys/imports.html", form=form, batches=batches, max_bytes=settings().max_upload_mb * 1024 * 1024
    )
    return page, status


@bp.post("/imports")
@requires(Permission.HOUSEHOLD_IMPORT)
@commits
def import_upload() -> ResponseReturnValue:
    """Take a workbook."""
    form = UploadForm.of(_open_rounds())
    if form.validate():
        with problems_on(form):
            batch_id = receive_workbook(
                db.session,
                ReceiveWorkbook(
                    content=form.file.data.read(),
                    filename=form.file.data.filename or "",
                    round_id=UUID(form.round_id.data),
                ),
                actor=current_actor(),
                clock=clock(),
                files=files(),
                cipher=cipher(),
            )
            return redirect(url_for(".import_columns", batch_id=batch_id), 303)
    return _imports_page(form, 422)


def _offered(opened: OpenedBatch, values: Any) -> Suggestion:  # noqa: ANN401 - request.args or request.form
    """Look at the sheet and header rows that the address (or the form) names, or those decided before."""
    kept = opened.batch.mapping
    sheet = values.get("sheet", kept.get("sheet", ""))
    header = values.get("header", type=int)
    height = values.get("height", 1, type=int)
    if header is None and kept and sheet == kept["sheet"]:
        header, height = kept["header"] + 1, kept["height"]
    if values.get("was") is not None and values.get("was") != sheet:
        header = None
    return suggest_columns(
        db.session,
        opened.sheets,
        actor=current_actor(),
        sheet=sheet,
        header=None if header is None else header - 1,
        height=height,
    )


def _groups() -> list[tuple[UUID, str]]:
    return [(choice.id, choice.name) for choice in group_choices(db.session, current_actor().ward_id)]


@bp.get("/imports/<uuid:batch_id>/columns")
@requires(Permission.HOUSEHOLD_IMPORT)
def import_columns(batch_id: UUID) -> ResponseReturnValue:
    """Ask what each column of the file is."""
    opened = open_batch(batch_id)
    offered = _offered(opened, request.args)
    form = columns_form(offered, _groups())
    survey_round = open_round(db.session, current_actor(), opened.batch.round_id)
    group_id = default_group(opened.batch, offered)
    form.visited_on.data = default_day(survey_round, clock().today())
    form.group_id.data = str(group_id) if group_id else ""
    _recall(form, offered, opened.batch.mapping)
    return _columns_page(opened, offered, form)


def _recall(form: ColumnsForm, offered: Suggestion, kept: dict[str, Any]) -> None:
    """Put back what was decided before for these headings."""
    if not kept or set(kept["headings"]) != {choice.key for choice in offered.headings if choice.key}:
        return
    for choice in offered.headings:
        column = kept["columns"].get(choice.key, "")
        form[f"column_{choice.letter}"].data = column
        if choice.only_marks and column:
            form[f"blank_{choice.letter}"].data = "no" if column in kept["blank_is_no"] else "unknown"


def _columns_page(
    opened: OpenedBatch, offered: Suggestion, form: ColumnsForm, status: int = 200
) -> ResponseReturnValue:
    layout = offered.layout
    form.sheet.data = offered.sheet
    form.header.data, form.height.data = (layout.header + 1, layout.height) if layout else ("", "")
    page = render_template(
        "surveys/imports_columns.html",
        batch=opened.batch,
        offered=offered,
        form=form,
        layout_form=LayoutForm.of(offered),
        columns=BY_KEY,
    )
    return page, status


@bp.post("/imports/<uuid:batch_id>/columns")
@requires(Permission.HOUSEHOLD_IMPORT)
@commits
def import_decide(batch_id: UUID) -> ResponseReturnValue:
    """Keep the mapping and go on to the check."""
    opened = open_batch(batch_id)
    offered = _offered(opened, request.form)
    form = columns_form(offered, _groups())
    if form.validate() and offered.layout is not None:
        try:
            command = _decision(opened.batch, form, offered)
            decide_columns(db.session, command, actor=current_actor(), sheets=opened.sheets)
            return redirect(url_for(".import_check", batch_id=batch_id), 303)
        except InvalidInput as refused:
            for problem in refused.problems:
                form.blame(problem.field.removeprefix("blank_"), say_problem(problem), offered.headings)
    return _columns_page(opened, offered, form, 422)


def _decision(batch: BatchRow, form: ColumnsForm, offered: Suggestion) -> DecideColumns:
    if offered.layout is None:
        raise NotFound
    return DecideColumns(
        batch_id=batch.batch_id,
        sheet=offered.sheet,
        header=offered.layout.header,
        height=offered.layout.height,
        columns=form.chosen(offered.headings),
        visited_on=form.visited_on.data,
        group_id=UUID(form.group_id.data) if form.group_id.data else None,
        blank_is_no=form.blanks(offered.headings, "no"),
        blank_is_unknown=form.blanks(offered.headings, "unknown"),
        skip_visited=batch.mapping.get("skip_visited", False),
    )
