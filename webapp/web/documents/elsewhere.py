"""Signing with a key on one's own computer: what the script of the signing page and the program beside the key ask.

The page prepares, hands the rest to the agent on 127.0.0.1 (signing/agent/README.md), and brings back the raw
signature.
"""

import base64
import binascii
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from flask import Response, flash, jsonify, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import DomainError, InvalidInput, SigningRefused
from webapp.core.prepared_signings import StampPending
from webapp.services.document_signing import SignDocument, initial_with_key, seal_document, sign_document
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.prepared_signings import give_up_signing
from webapp.services.signing_elsewhere import begin_elsewhere, finish_elsewhere, prepared_file, take_signature
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import BaseForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import public, requires
from webapp.web.shared.errors import say, status_of
from webapp.web.shared.headers import allow_connecting
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing

LIMIT = "120 per minute"
FILES = "600 per minute"
_RAW: Final = re.compile(r"raw(-[1-9][0-9]{0,3})?")


def agent_address() -> str:
    """Give where the agent listens on a person's own computer."""
    return f"http://127.0.0.1:{settings().agent_port}"


@bp.after_request
def _may_ask_the_agent(response: Response) -> Response:
    return allow_connecting(response, f"{agent_address()} {settings().vgca_service}".rstrip())


@bp.context_processor
def _agent_for_templates() -> dict[str, str]:
    return {"agent_address": agent_address()}


@bp.post("/<uuid:document_id>/elsewhere/sign")
@requires(Permission.DOCUMENT_SIGN)
@limiter.limit(LIMIT)
@commits
def prepare_sign(document_id: UUID) -> ResponseReturnValue:
    """Prepare my signature."""
    return _prepare(document_id, sign_document, "sign")


@bp.post("/<uuid:document_id>/elsewhere/seal")
@requires(Permission.DOCUMENT_SEAL)
@limiter.limit(LIMIT)
@commits
def prepare_seal(document_id: UUID) -> ResponseReturnValue:
    """Prepare the agency's signature."""
    return _prepare(document_id, seal_document, "seal")


@bp.post("/<uuid:document_id>/elsewhere/initial")
@requires(Permission.DOCUMENT_DRAFT)
@limiter.limit(LIMIT)
@commits
def prepare_initial(document_id: UUID) -> ResponseReturnValue:
    """Prepare my initials."""
    return _prepare(document_id, initial_with_key, "initial")


@bp.post("/elsewhere/<uuid:prepared_id>")
@requires(Permission.DOCUMENT_VIEW)
@limiter.limit(LIMIT)
@commits
def complete(prepared_id: UUID) -> ResponseReturnValue:
    """Take a raw signature and make the document's signature of it; the services ask who may."""
    actor = current_actor()
    ports: dict[str, Any] = {"actor": actor, "clock": clock(), "files": files(), "signing": signing()}
    try:
        taken = take_signature(db.session, prepared_id, _raws(), **ports)
        db.session.commit()
    except DomainError as error:
        return refused(error, prepared_id)
    try:
        finish_elsewhere(db.session, prepared_id, taken, release=db.session.rollback, **ports)
    except StampPending as pending:
        db.session.rollback()
        return jsonify(state="pending", message=say(pending))
    except DomainError as error:
        db.session.rollback()
        give_up_signing(db.session, prepared_id, error, actor=actor, clock=clock())
        db.session.commit()
        return _told(error)
    if request.args.get("alone"):
        flash(_("Đã ký văn bản bằng khóa trên máy của bạn."), "ok")
    return jsonify(state="done")


@bp.get("/elsewhere/file/<token>")
@bp.get("/elsewhere/file/<token>/<int:number>")
@public
@limiter.limit(FILES)
def elsewhere_file(token: str, number: int = 0) -> ResponseReturnValue:
    """Give a prepared file, the document's or an attachment's, to the program that brings the one-time token."""
    return pdf_answer(prepared_file(db.session, token, number, clock=clock(), files=files()))


def pdf_answer(content: bytes) -> ResponseReturnValue:
    """Give a file to a program."""
    return send_file(BytesIO(content), mimetype="application/pdf")


def ordered(document_id: UUID) -> SignDocument | tuple[Response, int]:
    """Read what the page's script wants signed, or give the answer why not: no fresh password, a page out of date."""
    if step_up_needed():
        return jsonify(code="step-up-needed", message=_("Hãy xác nhận lại mật khẩu trước khi ký.")), 401
    form = BaseForm()
    if not form.validate():
        return jsonify(code="malformed", message=_("Hãy tải lại trang rồi thử lại.")), 400
    return SignDocument(document_id=document_id, base=form.base())


def _prepare(document_id: UUID, act: Callable[..., str], step: str) -> ResponseReturnValue:
    command = ordered(document_id)
    if not isinstance(command, SignDocument):
        return command
    try:
        begun = begin_elsewhere(
            db.session,
            command,
            act,
            actor=current_actor(),
            clock=clock(),
            files=files(),
            signing=signing(),
            release=db.session.rollback,
        )
    except DomainError as error:
        return refused(error, document_id)
    return jsonify(
        id=str(begun.id),
        title=begun.title,
        abstract=begun.abstract,
        prepared=dict(begun.value),
        url=url_for(".elsewhere_file", token=begun.token),
        complete=url_for(".complete", prepared_id=begun.id),
        step=step,
        attachments=[
            {
                "number": one.number,
                "title": _("Tệp đính kèm %(number)s: %(title)s", number=one.number, title=one.title),
                "prepared": dict(one.value),
                "url": url_for(".elsewhere_file", token=begun.token, number=one.number),
            }
            for one in begun.attached
        ],
    )


def _raws() -> dict[int, bytes]:
    """Read the raw signatures: the document's (`raw`) and those of its attachments (`raw-1` …). Raises InvalidInput."""
    named = {name.partition("-")[2] or "0": value for name, value in request.form.items() if _RAW.fullmatch(name)}
    try:
        return {int(number): base64.b64decode(value, validate=True) for number, value in named.items()}
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(_("Chữ ký gửi lên không đọc được.")) from error


def refused(error: DomainError, subject: UUID) -> ResponseReturnValue:
    """Answer with the refusal; one of the signing room stays in the audit log."""
    db.session.rollback()
    if isinstance(error, SigningRefused):
        note_signing_failure(db.session, subject, error.code, actor=current_actor(), clock=clock())
        db.session.commit()
    return _told(error)


def _told(error: DomainError) -> ResponseReturnValue:
    return jsonify(code=error.code, message=say(error)), status_of(error)
