"""The people of a document's chain, and their initials."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import KeystoreOwner
from webapp.queries.document_choices import possible_signers
from webapp.queries.documents import DocumentDetail, StepRow, get_document
from webapp.queries.keystores import KeystoreRow, key_in_use
from webapp.queries.signing_chains import ChainRow, chain_in_force
from webapp.queries.signing_people import people_of
from webapp.services.document_signing import initial_with_key
from webapp.services.initials import initial_document
from webapp.services.participants import SetParticipants, set_participants
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import BaseForm, SignForm
from webapp.web.documents.page import count_pages
from webapp.web.documents.presenters import moves_of, page_images
from webapp.web.documents.signing import LIMIT, applied
from webapp.web.documents.workflow_forms import PeopleForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.route("/<uuid:document_id>/people", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@commits
def people(document_id: UUID) -> ResponseReturnValue:
    """Choose who initials and who signs beside the authorised person."""
    actor = current_actor()
    document = get_document(db.session, actor, document_id)
    chain = chain_in_force(db.session, actor.ward_id, document.type_code)
    form = _people_form(document, chain)
    signers = possible_signers(db.session, actor.ward_id)
    form.offer(signers, chain.chain.extra_signers)
    if form.validate_on_submit():
        head_id = UUID(form.head_id.data) if form.head_id.data else None
        command = SetParticipants(document_id=document_id, head_id=head_id, others=form.people(signers))
        with problems_on(form):
            set_participants(db.session, command, actor=actor, clock=clock())
            flash(_("Đã lưu trình tự ký."), "ok")
            return redirect(url_for(".document", document_id=document_id), 303)
    page = render_template("documents/people.html", form=form, document=document, chain=chain.chain)
    return page, 422 if form.is_submitted() else 200


def _people_form(document: DocumentDetail, chain: ChainRow) -> PeopleForm:
    if request.method == "POST":
        return PeopleForm()
    now = people_of(db.session, current_actor().ward_id, document.id)
    others = [
        {"account_id": str(one.account_id), "capacity": one.capacity.value, "title": one.title}
        for one in now.others[: chain.chain.extra_signers]
    ]
    return PeopleForm(data={"head_id": str(now.head_id) if now.head_id else "", "others": others})


@bp.route("/<uuid:document_id>/initial", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def initial(document_id: UUID) -> ResponseReturnValue:
    """Show the pages and take the initials, with or without a key."""
    actor = current_actor()
    document = get_document(db.session, actor, document_id)
    step = document.step_of(actor.account_id)
    if step is None or not moves_of(document, actor).initial:
        return redirect(url_for(".document", document_id=document_id), 303)
    if step_up_needed():
        return ask_step_up(url_for(".initial", document_id=document_id))
    key = key_in_use(db.session, actor.ward_id, KeystoreOwner.PERSON, account_id=actor.account_id)
    form = SignForm().asks(key)
    if form.is_submitted() and _initialled(document_id, form, step):
        return redirect(url_for(".document", document_id=document_id), 303)
    return _initial_page(document, form, step, key), 422 if form.is_submitted() else 200


def _initialled(document_id: UUID, form: SignForm, step: StepRow) -> bool:
    done = _("Đã ký nháy. Văn bản chuyển đến người tiếp theo.")
    approves = request.form.get("how") == "approve" and not step.with_key
    if not approves:
        return bool(form.validate()) and applied(document_id, form, initial_with_key, done)
    shown = BaseForm()
    if not shown.validate():
        return False
    initial_document(db.session, document_id, shown.base(), actor=current_actor(), clock=clock())
    flash(done, "ok")
    return True


def _initial_page(document: DocumentDetail, form: SignForm, step: StepRow, key: KeystoreRow | None) -> str:
    if not form.is_submitted():
        form.process(data={"version": document.current.number, "sha256": document.current.sha256})
    return render_template(
        "documents/initial.html",
        document=document,
        form=form,
        step=step,
        key=key,
        may_sign=current_actor().can(Permission.DOCUMENT_SIGN),
        pages=page_images(document, count_pages(document)),
    )
