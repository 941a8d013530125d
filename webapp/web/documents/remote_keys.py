"""Keys at a remote service or in a token at the server: found by name, chosen, enrolled; and their one-time codes."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import KeystoreOwner
from webapp.core.errors import NotFound, SigningRefused
from webapp.core.ports import KeyAccess, KeyDescription, KeyPlace
from webapp.core.signing_batches import MOST
from webapp.queries.keystores import key_in_use
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import RemoteKeyForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.filters import date_vi
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.next_page import inside
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, signing

PERSON, AGENCY = KeystoreOwner.PERSON, KeystoreOwner.AGENCY
LIMIT = "10 per minute"


@bp.route("/keys/mine/remote", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_OWN)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def remote_mine() -> ResponseReturnValue:
    """Enrol a key of mine that is elsewhere."""
    return _remote_page(PERSON)


@bp.route("/keys/agency/remote", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_AGENCY)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def remote_agency() -> ResponseReturnValue:
    """Enrol the agency's key that is elsewhere."""
    return _remote_page(AGENCY)


@bp.post("/keys/mine/code")
@requires(Permission.KEYSTORE_OWN)
@limiter.limit("3 per minute")
@commits
def send_my_code() -> ResponseReturnValue:
    """Have a one-time code sent to me."""
    return _send_code(PERSON)


@bp.post("/keys/agency/code")
@requires(Permission.KEYSTORE_AGENCY)
@limiter.limit("3 per minute")
@commits
def send_agency_code() -> ResponseReturnValue:
    """Have a one-time code of the agency's key sent."""
    return _send_code(AGENCY)


def _remote_page(owner: KeystoreOwner) -> ResponseReturnValue:
    places = signing().key_places()
    if not places:
        raise NotFound
    here = url_for(".remote_mine" if owner is PERSON else ".remote_agency")
    if step_up_needed():
        return ask_step_up(here)
    form = RemoteKeyForm()
    form.place.choices = [(place.code, place.name) for place in places]
    form.chosen.choices = []
    if form.is_submitted() and _enrolled(owner, form, places):
        flash(_("Đã đăng ký khóa ký."), "ok")
        return redirect(url_for(".my_key" if owner is PERSON else ".agency_key"), 303)
    page = render_template("documents/key_remote.html", form=form, agency=owner is AGENCY)
    return page, 422 if form.errors else 200


def _enrolled(owner: KeystoreOwner, form: RemoteKeyForm, places: Sequence[KeyPlace]) -> bool:
    """Look for keys and enrol the chosen one; False shows the page again with what was found or what is wrong."""
    place = next((each for each in places if each.code == form.place.data), None)
    if place is None:
        form.validate()
        return False
    try:
        found = {
            key.certificate.fingerprint: key for key in signing().find_keys(place, (form.holder.data or "").strip())
        }
    except SigningRefused as error:
        form.holder.errors = [say(error)]
        return False
    form.chosen.choices = [(fingerprint, _named(key)) for fingerprint, key in found.items()]
    if not found:
        form.holder.errors = [_("Không tìm thấy khóa nào dùng được. Hãy xem lại tên tài khoản hoặc mã khóa.")]
    if request.form.get("act") != "enrol" or form.chosen.data not in found or not form.validate():
        form.chosen.data = form.chosen.data or next(iter(found), None)
        return False
    return _enrol(owner, form, place, found[form.chosen.data])


def _enrol(owner: KeystoreOwner, form: RemoteKeyForm, place: KeyPlace, key: KeyDescription) -> bool:
    actor, account = current_actor(), current_account()
    picture = form.picture.data.read() if form.picture.data else None
    if picture is None and owner is PERSON and account:
        picture = signing().draw_signature(account.display_name)
    command = EnrolKeystore(
        key=KeyAccess(kind=place.kind, location=key.location, certificates=key.certificates),
        owner=owner,
        account_id=actor.account_id if owner is PERSON else None,
        picture=picture,
    )
    try:
        with problems_on(form):
            enrol_keystore(db.session, command, actor=actor, clock=clock(), files=files(), signing=signing())
            return True
    except SigningRefused as error:
        field = form.picture if error.code == "picture_unreadable" else form.chosen
        field.errors = [*field.errors, say(error)]
    return False


def _named(key: KeyDescription) -> str:
    certificate = key.certificate
    return str(
        _(
            "%(name)s, do %(issuer)s cấp, đến ngày %(day)s",
            name=certificate.common_name,
            issuer=certificate.issuer,
            day=date_vi(certificate.not_after),
        )
    )


def _send_code(owner: KeystoreOwner) -> ResponseReturnValue:
    actor = current_actor()
    key = key_in_use(db.session, actor.ward_id, owner, account_id=actor.account_id if owner is PERSON else None)
    if key is None or not key.asks_code:
        raise NotFound
    try:
        signing().send_code(key.location)
        flash(_("Đã yêu cầu dịch vụ gửi mã dùng một lần. Hãy xem điện thoại của bạn."), "ok")
    except SigningRefused as error:
        flash(say(error), "danger")
    return redirect(_back(), 303)


def _back() -> str:
    """Give the page that asked; a batch finds its documents ticked as they were."""
    page = inside(request.args.get("next")) or url_for("home.index")
    ticked = [("d", value.partition(":")[0]) for value in request.form.getlist("item")[:MOST]]
    return f"{page}?{urlencode(ticked)}" if ticked and "?" not in page else page
