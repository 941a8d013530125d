"""Enrolling a key on one's own computer: its certificates come from the agent, the key stays where it is."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import SigningRefused
from webapp.core.ports import KeyAccess
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import AgentKeyForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, signing

PERSON, AGENCY = KeystoreOwner.PERSON, KeystoreOwner.AGENCY
LIMIT = "10 per minute"


@bp.route("/keys/mine/token", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_OWN)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def token_mine() -> ResponseReturnValue:
    """Enrol my key that is on my computer."""
    return _token_page(PERSON)


@bp.route("/keys/agency/token", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_AGENCY)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def token_agency() -> ResponseReturnValue:
    """Enrol the agency's key that is on the clerk's computer."""
    return _token_page(AGENCY)


def _token_page(owner: KeystoreOwner) -> ResponseReturnValue:
    if step_up_needed():
        return ask_step_up(url_for(".token_mine" if owner is PERSON else ".token_agency"))
    form = AgentKeyForm()
    if form.validate_on_submit() and _enrolled(owner, form):
        flash(_("Đã đăng ký khóa ký trên máy của bạn."), "ok")
        return redirect(url_for(".my_key" if owner is PERSON else ".agency_key"), 303)
    page = render_template("documents/key_token.html", form=form, agency=owner is AGENCY)
    return page, 422 if form.is_submitted() else 200


def _enrolled(owner: KeystoreOwner, form: AgentKeyForm) -> bool:
    certificates = form.chain()
    if not certificates:
        form.form_errors.append(_("Chứng thư số gửi lên không đọc được. Hãy tải lại trang rồi thử lại."))
        return False
    actor, account = current_actor(), current_account()
    picture = form.picture.data.read() if form.picture.data else None
    if picture is None and owner is PERSON and account:
        picture = signing().draw_signature(account.display_name)
    location = {"mechanisms": form.mechanisms.data, "holder": form.holder.data or ""}
    command = EnrolKeystore(
        key=KeyAccess(kind=KeystoreKind.AGENT, location=location, certificates=certificates),
        owner=owner,
        account_id=actor.account_id if owner is PERSON else None,
        picture=picture,
    )
    try:
        with problems_on(form):
            enrol_keystore(db.session, command, actor=actor, clock=clock(), files=files(), signing=signing())
            return True
    except SigningRefused as error:
        db.session.rollback()
        if error.code == "picture_unreadable":
            form.picture.errors = [*form.picture.errors, say(error)]
        else:
            form.form_errors.append(say(error))
    return False
