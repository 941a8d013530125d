"""The clerk's desk for incoming documents: receive, look at the verdict, register or return, confirm receipt."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.incoming import IncomingMedium, needs_decision
from webapp.queries.incoming import IncomingDetail, get_incoming, handlers
from webapp.services.incoming import (
    ReceiveIncoming,
    confirm_receipt,
    receive_incoming,
    register_incoming,
    return_incoming,
)
from webapp.web.extensions import db, limiter
from webapp.web.registers.blueprint import bp
from webapp.web.registers.incoming_forms import AssignForm, DoneForm, ReceiveForm, RegisterForm, ReturnForm
from webapp.web.shared.access import requires
from webapp.web.shared.downloads import stored
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.verdicts import verdict_view
from webapp.web.shared.wiring import clock, files, settings, signing


@bp.route("/incoming/new", methods=["GET", "POST"])
@requires(Permission.INCOMING_REGISTER)
@limiter.limit("30 per minute", methods=["POST"])
@commits
def incoming_new() -> ResponseReturnValue:
    """Take the file in: it is checked first, then kept under its hash together with the verdict."""
    form = ReceiveForm()
    form.offer()
    if form.validate_on_submit():
        actor, medium = current_actor(), IncomingMedium(form.medium.data)
        content = form.content.data.read() if form.content.data else b""
        command = ReceiveIncoming(
            medium=medium,
            content=content,
            filename=form.content.data.filename or "" if form.content.data else "",
            report=_verdict(content, medium),
        )
        with problems_on(form):
            made = receive_incoming(db.session, command, actor=actor, clock=clock(), files=files())
            return redirect(url_for(".incoming_document", document_id=made), 303)
    page = render_template("registers/incoming_new.html", form=form, max_mb=settings().max_upload_mb)
    return page, 422 if form.is_submitted() else 200


@bp.get("/incoming/<uuid:document_id>")
@requires(Permission.REGISTER_VIEW)
def incoming_document(document_id: UUID) -> ResponseReturnValue:
    """Show a document, its verdict, and what can be done next."""
    return show_incoming(document_id)


@bp.post("/incoming/<uuid:document_id>/register")
@requires(Permission.INCOMING_REGISTER)
@commits
def incoming_register_it(document_id: UUID) -> ResponseReturnValue:
    """Enter it into the register under the next number."""
    form = RegisterForm()
    if form.validate_on_submit():
        with problems_on(form):
            number = register_incoming(db.session, document_id, form.facts(), actor=current_actor(), clock=clock())
            flash(_("Đã vào sổ: số đến %(number)s.", number=number), "ok")
            return redirect(url_for(".incoming_document", document_id=document_id), 303)
    return show_incoming(document_id, register=form), 422


@bp.post("/incoming/<uuid:document_id>/return")
@requires(Permission.INCOMING_REGISTER)
@commits
def incoming_return(document_id: UUID) -> ResponseReturnValue:
    """Send it back before it gets a number."""
    form = ReturnForm()
    if form.validate_on_submit():
        with problems_on(form):
            return_incoming(db.session, document_id, form.reason.data or "", actor=current_actor(), clock=clock())
            flash(_("Đã ghi là trả lại. Hãy báo lý do cho nơi gửi."), "ok")
            return redirect(url_for(".incoming"), 303)
    return show_incoming(document_id, back=form), 422


@bp.post("/incoming/<uuid:document_id>/confirm")
@requires(Permission.INCOMING_REGISTER)
@commits
def incoming_confirm(document_id: UUID) -> ResponseReturnValue:
    """Note that the sender was told."""
    confirm_receipt(db.session, document_id, actor=current_actor(), clock=clock())
    flash(_("Đã ghi là đã xác nhận với nơi gửi."), "ok")
    return redirect(url_for(".incoming_document", document_id=document_id), 303)


@bp.get("/incoming/<uuid:document_id>/file")
@requires(Permission.REGISTER_VIEW)
def incoming_file_of(document_id: UUID) -> Response:
    """Give the file as it was received; its hash is checked while it is read."""
    found = get_incoming(db.session, current_actor().ward_id, document_id)
    if found.file_sha256 is None:
        raise NotFound
    return stored(found.file_sha256, name=found.file_name)


def show_incoming(document_id: UUID, **forms: FlaskForm) -> str:
    """Draw the page of a document; a form that was refused comes back with what was typed."""
    actor = current_actor()
    found = get_incoming(db.session, actor.ward_id, document_id)
    return render_template(
        "registers/incoming_document.html",
        found=found,
        line=found.line,
        verdict=verdict_view(found.report) if found.report else None,
        doubtful=needs_decision(found.line.medium, found.line.verdict),
        today=clock().today(),
        wrong=next(iter(forms.values()), None),
        **_forms(found, forms),
        **_moves(found),
    )


def _forms(found: IncomingDetail, given: dict[str, FlaskForm]) -> dict[str, FlaskForm]:
    people = handlers(db.session, current_actor().ward_id, now=clock().now())
    assign = given.get("assign") or AssignForm(
        formdata=None,
        handler_id=str(found.handler_id or ""),
        deadline_on=found.line.deadline_on,
        instruction=found.instruction,
    )
    assign.offer(people)
    return {
        "register": given.get("register") or RegisterForm(formdata=None, arrived_on=found.line.arrived_on),
        "back": given.get("back") or ReturnForm(formdata=None),
        "assign": assign,
        "done": given.get("done") or DoneForm(formdata=None),
    }


def _moves(found: IncomingDetail) -> dict[str, bool]:
    actor, status = current_actor(), found.line.status.value
    is_open, mine = status == "registered", found.handler_id == actor.account_id
    assigns = actor.can(Permission.INCOMING_ASSIGN)
    return {
        "may_register": actor.can(Permission.INCOMING_REGISTER) and status == "received",
        "may_confirm": actor.can(Permission.INCOMING_REGISTER)
        and found.line.number is not None
        and found.confirmed_at is None,
        "may_assign": assigns and is_open,
        "may_acknowledge": mine and is_open and found.line.acknowledged_at is None,
        "may_finish": is_open and (mine or assigns) and actor.can(Permission.INCOMING_HANDLE),
    }


def _verdict(content: bytes, medium: IncomingMedium) -> dict[str, Any]:
    """Examine an electronic document; the examination takes seconds, and no transaction may wait for it."""
    if not content or medium is IncomingMedium.PAPER:
        return {}
    ward_id = current_actor().ward_id
    db.session.rollback()
    return signing().verify(content, ward_id=ward_id)
