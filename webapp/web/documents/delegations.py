"""The register of delegations to sign (Decree 30, Art 13): everybody reads it, the clerk writes it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.delegations import DelegationState
from webapp.core.errors import SigningRefused
from webapp.queries.delegations import delegation_paper, list_delegations
from webapp.queries.document_choices import document_types, possible_signers
from webapp.services.delegations import end_delegation, record_delegation
from webapp.web.documents.blueprint import bp
from webapp.web.documents.workflow_forms import DelegationForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.downloads import stored
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing

D = DelegationState
BADGES = {D.HOLDS: "ok", D.COMING: "info", D.EXPIRED: "neutral", D.ENDED: "neutral"}


@bp.get("/delegations")
@requires(Permission.DOCUMENT_VIEW)
def delegations() -> ResponseReturnValue:
    """Show who signs for whom, until when, on what paper."""
    actor, today = current_actor(), clock().today()
    rows = list_delegations(db.session, actor.ward_id)
    types = {choice.value: choice.text for choice in document_types(db.session)}
    return render_template(
        "documents/delegations.html",
        rows=[
            (row, row.delegation.state(today), sorted(types.get(code, code) for code in row.delegation.type_codes))
            for row in rows
        ],
        badges=BADGES,
        may_record=actor.can(Permission.DELEGATION_RECORD),
    )


@bp.route("/delegations/new", methods=["GET", "POST"])
@requires(Permission.DELEGATION_RECORD)
@commits
def delegation_new() -> ResponseReturnValue:
    """Write a delegation into the register."""
    form = DelegationForm()
    actor = current_actor()
    form.offer(possible_signers(db.session, actor.ward_id), document_types(db.session))
    if form.validate_on_submit():
        try:
            with problems_on(form):
                record_delegation(
                    db.session, form.command(), actor=actor, clock=clock(), files=files(), signing=signing()
                )
                flash(_("Đã ghi vào sổ ủy quyền ký."), "ok")
                return redirect(url_for(".delegations"), 303)
        except SigningRefused as error:
            form.paper.errors = [*form.paper.errors, say(error)]
    page = render_template("documents/delegation.html", form=form, max_mb=settings().max_upload_mb)
    return page, 422 if form.is_submitted() else 200


@bp.post("/delegations/<uuid:delegation_id>/end")
@requires(Permission.DELEGATION_RECORD)
@commits
def delegation_end(delegation_id: UUID) -> ResponseReturnValue:
    """End a delegation today."""
    end_delegation(db.session, delegation_id, actor=current_actor(), clock=clock())
    flash(_("Đã cho thôi từ hôm nay. Văn bản đã ký trước đó vẫn có giá trị."), "ok")
    return redirect(url_for(".delegations"), 303)


@bp.get("/delegations/<uuid:delegation_id>/paper")
@requires(Permission.DOCUMENT_VIEW)
def delegation_file(delegation_id: UUID) -> ResponseReturnValue:
    """Give the paper of a delegation."""
    sha256, name = delegation_paper(db.session, current_actor().ward_id, delegation_id)
    return stored(sha256, name=name)
