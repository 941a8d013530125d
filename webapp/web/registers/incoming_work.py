"""Handing incoming documents on, signing for them, and saying that they are dealt with."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.queries.incoming import handlers
from webapp.services.incoming_work import acknowledge_incoming, assign_incoming, finish_incoming
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.registers.incoming_desk import show_incoming
from webapp.web.registers.incoming_forms import AssignForm, DoneForm
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.post("/incoming/<uuid:document_id>/assign")
@requires(Permission.INCOMING_ASSIGN)
@commits
def incoming_assign(document_id: UUID) -> ResponseReturnValue:
    """Hand it to somebody, with a deadline."""
    form = AssignForm()
    form.offer(handlers(db.session, current_actor().ward_id, now=clock().now()))
    if form.validate_on_submit():
        with problems_on(form):
            assign_incoming(db.session, document_id, form.handing(), actor=current_actor(), clock=clock())
            flash(_("Đã giao văn bản."), "ok")
            return redirect(url_for(".incoming_document", document_id=document_id), 303)
    return show_incoming(document_id, assign=form), 422


@bp.post("/incoming/<uuid:document_id>/acknowledge")
@requires(Permission.INCOMING_HANDLE)
@commits
def incoming_acknowledge(document_id: UUID) -> ResponseReturnValue:
    """Sign for it."""
    acknowledge_incoming(db.session, document_id, actor=current_actor(), clock=clock())
    flash(_("Đã ký nhận văn bản."), "ok")
    return redirect(url_for(".incoming_document", document_id=document_id), 303)


@bp.post("/incoming/<uuid:document_id>/done")
@requires(Permission.INCOMING_HANDLE)
@commits
def incoming_done(document_id: UUID) -> ResponseReturnValue:
    """Say that it is dealt with."""
    form = DoneForm()
    if form.validate_on_submit():
        with problems_on(form):
            finish_incoming(db.session, document_id, form.outcome.data or "", actor=current_actor(), clock=clock())
            flash(_("Đã ghi kết quả giải quyết."), "ok")
            return redirect(url_for(".incoming_document", document_id=document_id), 303)
    return show_incoming(document_id, done=form), 422
