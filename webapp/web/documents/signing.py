"""Acts with a key: the person signs, the clerk seals. Both see the pages, confirm who they are, and give a PIN."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import SigningRefused
from webapp.core.prepared_signings import StampPending
from webapp.queries.companions import AttachmentRow, attachments_of
from webapp.queries.documents import DocumentDetail, get_document
from webapp.queries.keystores import KeystoreRow, key_in_use
from webapp.services.document_signing import SignDocument, seal_document, sign_document
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.signature_store import PlannedUnstamped
from webapp.services.unstamped import keep_waiting
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import SignForm
from webapp.web.documents.page import count_pages
from webapp.web.documents.presenters import moves_of, page_images
from webapp.web.documents.together import seal_together
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, signing

LIMIT = "10 per minute"


@bp.route("/<uuid:document_id>/sign", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_SIGN)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def sign(document_id: UUID) -> ResponseReturnValue:
    """Sign as the person named."""
    document = get_document(db.session, current_actor(), document_id)
    if not moves_of(document, current_actor()).sign:
        return redirect(url_for(".document", document_id=document_id), 303)
    key = key_in_use(db.session, current_actor().ward_id, KeystoreOwner.PERSON, account_id=current_actor().account_id)
    return _page(document, key, sign_document, _("Đã ký văn bản. Văn thư sẽ cấp số và đóng dấu."))


@bp.route("/<uuid:document_id>/seal", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_SEAL)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def seal(document_id: UUID) -> ResponseReturnValue:
    """Apply the agency's signature with its seal."""
    document = get_document(db.session, current_actor(), document_id)
    if not moves_of(document, current_actor()).seal:
        return redirect(url_for(".document", document_id=document_id), 303)
    key = key_in_use(db.session, current_actor().ward_id, KeystoreOwner.AGENCY)
    beside = attachments_of(db.session, current_actor().ward_id, document_id)
    act = seal_together if beside and key is not None and key.kind is KeystoreKind.CSC else seal_document
    return _page(document, key, act, _("Đã đóng dấu. Hãy xem lại rồi phát hành."), beside)


def _page(
    document: DocumentDetail,
    key: KeystoreRow | None,
    act: Callable[..., str],
    done: str,
    attachments: Sequence[AttachmentRow] = (),
) -> ResponseReturnValue:
    """Show the pages and ask for the PIN; on the way in and on the way out the person must be confirmed."""
    back = url_for(".sign" if act is sign_document else ".seal", document_id=document.id)
    if step_up_needed():
        return ask_step_up(back)
    shown = {"version": document.current.number, "sha256": document.current.sha256}
    form = SignForm().asks(key)
    if form.validate_on_submit() and applied(document.id, form, act, done):
        return redirect(url_for(".document", document_id=document.id), 303)
    if not form.is_submitted():
        form.process(data=shown)
    page = render_template(
        "documents/sign.html",
        document=document,
        form=form,
        key=key,
        now=clock().now(),
        sealing=act is not sign_document,
        attachments=attachments,
        pages=page_images(document, count_pages(document)),
    )
    return page, 422 if form.is_submitted() else 200


def applied(document_id: UUID, form: SignForm, act: Callable[..., str], done: str) -> bool:
    """Sign and say so; a refusal stays in the audit log although the page answers with an error."""
    command = SignDocument(document_id=document_id, base=form.base(), pin=form.typed("pin"), code=form.typed("code"))
    actor = current_actor()
    try:
        act(
            db.session,
            command,
            actor=actor,
            clock=clock(),
            files=files(),
            signing=signing(),
            release=db.session.rollback,
        )
    except PlannedUnstamped as found:
        db.session.rollback()
        keep_waiting(db.session, document_id, found, actor=actor, clock=clock(), files=files())
        flash(say(found), "warn")
        return True
    except StampPending as found:  # kept by the act itself
        db.session.rollback()
        flash(say(found), "warn")
        return True
    except SigningRefused as error:
        db.session.rollback()
        note_signing_failure(db.session, document_id, error.code, actor=actor, clock=clock())
        db.session.commit()
        form.refuse(error)
        return False
    flash(done, "ok")
    return True
