"""Signing with VGCA's browser tool: the page asks it on the person's own computer, it fetches a file and posts it back.

Its contract (the browser plugin's, read from public code): one JSON text over a WebSocket on loopback with `FileName`
(where to fetch) and `FileUploadHandler` (where to post the signed file as `uploadfile`); the handler answers `Status`,
`Message`, `FileName`, `FileServer`, which the tool hands to the page with `Status` 0 for good.
"""

from typing import Any, Final
from uuid import UUID

from flask import flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import StepKind
from webapp.core.errors import DomainError, NotFound, SigningRefused
from webapp.core.prepared_signings import PreparedState
from webapp.services.document_signing import SignDocument
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.prepared_signings import Begun
from webapp.services.vgca_signing import begin_vgca, drop_vgca, file_for_vgca, open_vgca, state_of_vgca, take_from_vgca
from webapp.web.documents.blueprint import bp
from webapp.web.documents.elsewhere import LIMIT, ordered, pdf_answer, refused
from webapp.web.extensions import csrf, db, limiter
from webapp.web.shared.access import public, requires
from webapp.web.shared.errors import say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing

ACTS: Final = {StepKind.INITIALS: "SignApproved", StepKind.PERSON: "SignApproved", StepKind.AGENCY: "SignIssued"}
"""Which act of the tool a step is: its path on the tool's WebSocket."""


@bp.context_processor
def _vgca_for_templates() -> dict[str, str]:
    return {"vgca_service": settings().vgca_service}


@bp.post("/<uuid:document_id>/vgca/sign")
@requires(Permission.DOCUMENT_SIGN)
@limiter.limit(LIMIT)
@commits
def vgca_sign(document_id: UUID) -> ResponseReturnValue:
    """Begin my signature."""
    return _begin(document_id, StepKind.PERSON)


@bp.post("/<uuid:document_id>/vgca/seal")
@requires(Permission.DOCUMENT_SEAL)
@limiter.limit(LIMIT)
@commits
def vgca_seal(document_id: UUID) -> ResponseReturnValue:
    """Begin the agency's signature."""
    return _begin(document_id, StepKind.AGENCY)


@bp.post("/<uuid:document_id>/vgca/initial")
@requires(Permission.DOCUMENT_DRAFT)
@limiter.limit(LIMIT)
@commits
def vgca_initial(document_id: UUID) -> ResponseReturnValue:
    """Begin my initials."""
    return _begin(document_id, StepKind.INITIALS)


@bp.get("/vgca/<uuid:prepared_id>")
@requires(Permission.DOCUMENT_VIEW)
def vgca_state(prepared_id: UUID) -> ResponseReturnValue:
    """Tell the page how the signing it began stands: the tool's word alone is not believed."""
    state, told = state_of_vgca(db.session, current_actor(), prepared_id)
    if state is PreparedState.DONE:
        flash(_("Đã ký văn bản bằng công cụ VGCA."), "ok")
    return jsonify(state=state.value, message=told)


@bp.get("/vgca/file/<token>")
@public
@limiter.limit(LIMIT)
def vgca_file(token: str) -> ResponseReturnValue:
    """Give the file to the tool that brings its one-time token."""
    return pdf_answer(file_for_vgca(db.session, token, clock=clock(), files=files()))


@bp.post("/vgca/upload/<token>")
@public
@limiter.limit(LIMIT)
@commits
def vgca_upload(token: str) -> ResponseReturnValue:
    """Take the signed file; the token is used up by it, whether the file is what it must be or not."""
    sent = request.files.get("uploadfile")
    if sent is None:
        return _handled(message=_("Không thấy tệp đã ký (uploadfile)."))
    ports: dict[str, Any] = {"clock": clock(), "files": files()}
    try:
        found = open_vgca(db.session, token, **ports)
    except DomainError as error:
        return _handled(message=say(error))
    try:
        take_from_vgca(db.session, found, sent.read(), signing=signing(), release=db.session.rollback, **ports)
    except DomainError as error:
        db.session.rollback()
        drop_vgca(db.session, found, error, told=say(error), clock=clock())
        if isinstance(error, SigningRefused):
            note_signing_failure(db.session, found.document_id, error.code, actor=found.actor, clock=clock())
        return _handled(message=say(error))
    page = url_for(".document", document_id=found.document_id, _external=True)
    return _handled(good=True, message=_("Đã nhận văn bản đã ký."), page=page)


csrf.exempt(vgca_upload)  # the token is the proof; a program sends no form of ours


def _begin(document_id: UUID, kind: StepKind) -> ResponseReturnValue:
    if not settings().vgca_service:
        raise NotFound
    command = ordered(document_id)
    if not isinstance(command, SignDocument):
        return command
    try:
        begun = begin_vgca(db.session, command, kind, actor=current_actor(), clock=clock(), files=files())
    except DomainError as error:
        return refused(error, document_id)
    return jsonify(
        service=f"{settings().vgca_service}/{ACTS[kind]}",
        message=_message(begun, kind),
        state=url_for(".vgca_state", prepared_id=begun.id),
    )


def _message(begun: Begun, kind: StepKind) -> dict[str, Any]:
    """Give what the tool is told. The number stands in the file already: the tool must not write one."""
    home = settings().base_url.rstrip("/")
    told: dict[str, Any] = {
        "FileUploadHandler": home + url_for(".vgca_upload", token=begun.token),
        "SessionId": "",
        "JWTToken": "",
        "FileName": home + url_for(".vgca_file", token=begun.token),
        "MetaData": [],
    }
    return told | ({"DocNumber": "", "IssuedDate": ""} if kind is StepKind.AGENCY else {})


def _handled(*, good: bool = False, message: str, page: str = "") -> ResponseReturnValue:
    """Answer as an upload handler of the tool must; it reads the JSON, not the HTTP status."""
    return jsonify(Status=good, Message=message, FileName="", FileServer=page)
