"""A new document, and a draft or rejected one made better."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.errors import SigningRefused
from webapp.core.letters_about import types_about
from webapp.queries.documents import get_document
from webapp.services.documents import ReviseDocument, UploadDocument
from webapp.web.documents.blueprint import bp
from webapp.web.documents.facts import facts_of, offer
from webapp.web.documents.forms import DocumentForm, ReviseForm, UploadForm
from webapp.web.documents.relations import asked_relation
from webapp.web.documents.word_files import revised, uploaded
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import settings, word


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def upload() -> ResponseReturnValue:
    """Take a PDF or Word file and what it is about."""
    form, relation = UploadForm(), asked_relation()
    offer(form)
    target = get_document(db.session, current_actor(), relation.target_id) if relation else None
    if target is not None and not form.is_submitted():
        form.type_code.data = target.type_code
    if form.validate_on_submit():
        command = UploadDocument(
            facts=facts_of(form, form.type_code.data),
            content=form.content.data.read(),
            filename=form.content.data.filename or "",
            relation=relation,
        )
        with problems_on(form), _file_problem_on(form):
            return redirect(url_for(".document", document_id=uploaded(command)), 303)
    templates = types_about(relation.kind, target.type_code) if relation and target else []
    page = _page(form, None, target=target, relation=relation, composable=bool(templates))
    return page, 422 if form.is_submitted() else 200


@bp.route("/<uuid:document_id>/edit", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def revise(document_id: UUID) -> ResponseReturnValue:
    """Change the facts, and the file if another one is chosen."""
    document = get_document(db.session, current_actor(), document_id)
    form = ReviseForm(obj=document)
    offer(form)
    if form.validate_on_submit():
        upload = form.content.data or None
        command = ReviseDocument(
            document_id=document_id,
            facts=facts_of(form, form.type_code.data),
            content=upload.read() if upload else None,
            filename=upload.filename or "" if upload else "",
        )
        with problems_on(form), _file_problem_on(form):
            revised(command)
            return redirect(url_for(".document", document_id=document_id), 303)
    return _page(form, document_id), 422 if form.is_submitted() else 200


@contextmanager
def _file_problem_on(form: DocumentForm) -> Iterator[None]:
    """Put what the signing room says of the file beside the file field."""
    try:
        yield
    except SigningRefused as error:
        form.content.errors = [*form.content.errors, say(error)]


def _page(form: DocumentForm, document_id: UUID | None, **more: object) -> str:
    context: dict[str, Any] = {
        "max_mb": settings().max_upload_mb,
        "document_id": document_id,
        "word": word().available(),
        **more,
    }
    return render_template("documents/upload.html", form=form, **context)
