"""Composing a document from a template: choose the type, fill the parts, and correct them until it is submitted."""

from io import BytesIO
from uuid import UUID

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import VersionKind
from webapp.core.errors import NotFound
from webapp.core.letters import LETTERS, LetterTemplate
from webapp.queries.documents import DocumentDetail, get_document
from webapp.queries.letters import TemplateRow, WrittenRow, find_template, find_text, list_templates
from webapp.services.letters import ComposeDocument, compose_document, letter_as_word
from webapp.web.documents.blueprint import bp
from webapp.web.documents.facts import facts_of, offer
from webapp.web.documents.letter_forms import LetterForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, press, signing, word

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/letters")
@requires(Permission.DOCUMENT_DRAFT)
def letters() -> ResponseReturnValue:
    """Show the types that can be composed here."""
    return render_template("documents/letters.html", templates=list_templates(db.session))


@bp.route("/letters/<string:type_code>", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def letter(type_code: str) -> ResponseReturnValue:
    """Write a new document of a type."""
    kind = find_template(db.session, type_code)
    form = _form(LETTERS[type_code])
    if not form.is_submitted():
        form.begin(LETTERS[type_code])
    made = _composed(form, kind, None)
    if made is not None:
        flash(_("Đã soạn xong dự thảo. Hãy xem lại rồi bấm “Trình ký”."), "ok")
        return redirect(url_for(".document", document_id=made), 303)
    return _page(form, kind), 422 if form.is_submitted() else 200


@bp.route("/<uuid:document_id>/letter", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def letter_again(document_id: UUID) -> ResponseReturnValue:
    """Correct a composed draft; another file is drawn, the earlier one stays."""
    document = get_document(db.session, current_actor(), document_id)
    written = find_text(db.session, current_actor().ward_id, document_id)
    if written is None:
        raise NotFound
    kind = find_template(db.session, document.type_code)
    form = _form(LETTERS[document.type_code])
    if not form.is_submitted():
        form.show(document, written.text)
    if _composed(form, kind, document_id) is not None:
        flash(_("Đã soạn lại dự thảo."), "ok")
        return redirect(url_for(".document", document_id=document_id), 303)
    page = _page(form, kind, document=document, replaced=_is_replaced(document, written))
    return page, 422 if form.is_submitted() else 200


@bp.get("/<uuid:document_id>/letter.docx")
@requires(Permission.DOCUMENT_DRAFT)
def letter_word(document_id: UUID) -> ResponseReturnValue:
    """Give a composed document as a Word file, to go on with it there."""
    name, content = letter_as_word(db.session, document_id, actor=current_actor(), clock=clock(), word=word())
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=name)


def _form(template: LetterTemplate) -> LetterForm:
    form = LetterForm()
    form.only(template)
    offer(form)
    return form


def _composed(form: LetterForm, kind: TemplateRow, document_id: UUID | None) -> UUID | None:
    """Draw the document if all of it is there; what is wrong stands beside its field."""
    if not form.validate_on_submit():
        return None
    facts = facts_of(form, kind.type_code)
    command = ComposeDocument(facts=facts, text=form.text(), document_id=document_id)
    made: UUID | None = None
    with problems_on(form):
        made = compose_document(
            db.session,
            command,
            actor=current_actor(),
            clock=clock(),
            files=files(),
            signing=signing(),
            press=press(),
        )
    return made  # noqa: RET504 - problems_on may have swallowed the refusal


def _is_replaced(document: DocumentDetail, written: WrittenRow) -> bool:
    """Tell whether another file was uploaded since the text was drawn."""
    drafts = (one.number for one in document.versions if one.kind is VersionKind.UPLOADED)
    return max(drafts, default=0) > written.version


def _page(
    form: LetterForm, kind: TemplateRow, *, document: DocumentDetail | None = None, replaced: bool = False
) -> str:
    return render_template(
        "documents/letter.html",
        form=form,
        kind=kind,
        document=document,
        replaced=replaced,
    )
