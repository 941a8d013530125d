"""Composing a document from a template: choose the type, fill the parts, and correct them until it is submitted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import VersionKind
from webapp.core.errors import NotFound, WrongState
from webapp.core.letters import LETTERS, LetterTemplate
from webapp.core.letters_about import Cited, start_about, types_about
from webapp.queries.documents import DocumentDetail, get_document
from webapp.queries.letters import TemplateRow, WrittenRow, cited_document, find_template, find_text, list_templates
from webapp.services.letters import ComposeDocument, compose_document, letter_as_word
from webapp.services.relations import NewRelation, check_target
from webapp.web.documents.blueprint import bp
from webapp.web.documents.facts import facts_of, offer
from webapp.web.documents.letter_forms import LetterForm
from webapp.web.documents.relations import asked_relation
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, press, signing, word

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/letters")
@requires(Permission.DOCUMENT_DRAFT)
def letters() -> ResponseReturnValue:
    """Show the types that can be composed here; about an earlier document only those it may be changed with."""
    about, templates = _about(), list_templates(db.session)
    if about is not None:
        fitting = types_about(about.relation.kind, about.cited.type_code)
        templates = [one for one in templates if one.type_code in fitting]
        if len(templates) == 1:
            return redirect(url_for(".letter", type_code=templates[0].type_code, **about.address))
    return render_template("documents/letters.html", templates=templates, about=about)


@bp.route("/letters/<string:type_code>", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def letter(type_code: str) -> ResponseReturnValue:
    """Write a new document of a type."""
    kind = find_template(db.session, type_code)
    form, about = _form(LETTERS[type_code]), _about()
    if about is not None and type_code not in types_about(about.relation.kind, about.cited.type_code):
        raise NotFound
    if not form.is_submitted() and about is None:
        form.begin(LETTERS[type_code])
    elif not form.is_submitted() and about is not None:
        form.begin_about(start_about(LETTERS[type_code], about.relation.kind, about.cited))
    made = _composed(form, kind, None, about)
    if made is not None:
        flash(_("Đã soạn xong dự thảo. Hãy xem lại rồi bấm “Trình ký”."), "ok")
        return redirect(url_for(".document", document_id=made), 303)
    return _page(form, kind, about=about), 422 if form.is_submitted() else 200


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


@dataclass(frozen=True, slots=True)
class About:
    """The earlier document that the new one is about."""

    relation: NewRelation
    cited: Cited

    @property
    def address(self) -> dict[str, Any]:
        """Give what keeps it in the address."""
        return {"kind": self.relation.kind.value, "target": str(self.relation.target_id)}


def _about() -> About | None:
    """Read it from the address. Raises NotFound, WrongState when nothing can be done to that document any more."""
    relation = asked_relation()
    if relation is None:
        return None
    about = About(relation, cited_document(db.session, current_actor(), relation.target_id))
    if request.method == "GET":  # when the letter is sent the form says it, and keeps what was written
        check_target(db.session, current_actor().ward_id, relation.target_id)
    return about


def _form(template: LetterTemplate) -> LetterForm:
    form = LetterForm()
    form.only(template)
    offer(form)
    return form


def _composed(form: LetterForm, kind: TemplateRow, document_id: UUID | None, about: About | None = None) -> UUID | None:
    """Draw the document if all of it is there; what is wrong stands beside its field."""
    if not form.validate_on_submit():
        return None
    facts = facts_of(form, kind.type_code)
    relation = about.relation if about else None
    command = ComposeDocument(facts=facts, text=form.text(), document_id=document_id, relation=relation)
    made: UUID | None = None
    with problems_on(form), _ended_on(form, about):
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


@contextmanager
def _ended_on(form: LetterForm, about: About | None) -> Iterator[None]:
    """Say above the form that the earlier document was ended meanwhile; what was written stays."""
    try:
        yield
    except WrongState as error:
        if about is None:
            raise
        db.session.rollback()
        form.form_errors.append(say(error))


def _is_replaced(document: DocumentDetail, written: WrittenRow) -> bool:
    """Tell whether another file was uploaded since the text was drawn."""
    drafts = (one.number for one in document.versions if one.kind is VersionKind.UPLOADED)
    return max(drafts, default=0) > written.version


def _page(
    form: LetterForm,
    kind: TemplateRow,
    *,
    document: DocumentDetail | None = None,
    replaced: bool = False,
    about: About | None = None,
) -> str:
    return render_template(
        "documents/letter.html",
        form=form,
        kind=kind,
        document=document,
        replaced=replaced,
        about=about,
    )
