"""Keys: my own, and the agency's for the clerk."""

from io import BytesIO

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import NotFound, SigningRefused
from webapp.core.ports import KeyAccess
from webapp.queries.keystores import KeystoreRow, key_in_use
from webapp.services.keystores import EnrolKeystore, change_picture, enrol_keystore, retire_keystore
from webapp.services.pin_attempts import note_signing_failure
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import KeystoreForm, PictureForm
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, signing

PERSON, AGENCY = KeystoreOwner.PERSON, KeystoreOwner.AGENCY
LIMIT = "10 per minute"


@bp.route("/keys/mine", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_OWN)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def my_key() -> ResponseReturnValue:
    """Show my key and take a new one."""
    return _key_page(PERSON)


@bp.route("/keys/agency", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_AGENCY)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def agency_key() -> ResponseReturnValue:
    """Show the agency's key and take a new one."""
    return _key_page(AGENCY)


@bp.post("/keys/mine/picture")
@requires(Permission.KEYSTORE_OWN)
@commits
def my_picture() -> ResponseReturnValue:
    """Use another picture of my signature."""
    return _new_picture(PERSON)


@bp.post("/keys/agency/picture")
@requires(Permission.KEYSTORE_AGENCY)
@commits
def agency_picture() -> ResponseReturnValue:
    """Use another picture of the seal."""
    return _new_picture(AGENCY)


@bp.post("/keys/mine/retire")
@requires(Permission.KEYSTORE_OWN)
@commits
def retire_mine() -> ResponseReturnValue:
    """Stop using my key."""
    return _retire(PERSON)


@bp.post("/keys/agency/retire")
@requires(Permission.KEYSTORE_AGENCY)
@commits
def retire_agency() -> ResponseReturnValue:
    """Stop using the agency's key."""
    return _retire(AGENCY)


@bp.get("/keys/mine/picture.png")
@requires(Permission.KEYSTORE_OWN)
def my_picture_image() -> ResponseReturnValue:
    """Give the picture that my signature shows."""
    return _image(PERSON)


@bp.get("/keys/agency/picture.png")
@requires(Permission.KEYSTORE_AGENCY)
def agency_picture_image() -> ResponseReturnValue:
    """Give the picture of the seal."""
    return _image(AGENCY)


def _key_page(owner: KeystoreOwner) -> ResponseReturnValue:
    if step_up_needed():
        return ask_step_up(_address(owner))
    form = KeystoreForm()
    if form.validate_on_submit() and _enrolled(owner, form):
        flash(_("Đã đăng ký khóa ký."), "ok")
        return redirect(_address(owner), 303)
    key = _key(owner)
    account = current_account()
    page = render_template(
        "documents/key.html",
        form=form,
        picture_form=PictureForm(formdata=None, prefix="new"),
        key=key,
        agency=owner is AGENCY,
        places=[place.name for place in signing().key_places()],
        now=clock().now(),
        person=account.display_name if account and owner is PERSON else "",
    )
    return page, 422 if form.is_submitted() else 200


def _enrolled(owner: KeystoreOwner, form: KeystoreForm) -> bool:
    actor = current_actor()
    picture = form.picture.data.read() if form.picture.data else None
    if picture is None and owner is PERSON and (account := current_account()):
        picture = signing().draw_signature(account.display_name)
    command = EnrolKeystore(
        key=KeyAccess(kind=KeystoreKind.PKCS12, content=form.content.data.read(), secret=form.pin.data),
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
        note_signing_failure(db.session, None, error.code, actor=actor, clock=clock())
        db.session.commit()
        places = {"wrong_pin": form.pin, "too_many_pins": form.pin, "picture_unreadable": form.picture}
        field = places.get(error.code, form.content)
        field.errors = [*field.errors, say(error)]
    return False


def _new_picture(owner: KeystoreOwner) -> ResponseReturnValue:
    key, form = _own(owner), PictureForm(prefix="new")
    if not form.validate():
        flash("; ".join(form.picture.errors), "danger")
        return redirect(_address(owner), 303)
    content = form.picture.data.read()
    change_picture(db.session, key.id, content, actor=current_actor(), clock=clock(), files=files(), signing=signing())
    flash(_("Đã thay ảnh."), "ok")
    return redirect(_address(owner), 303)


def _retire(owner: KeystoreOwner) -> ResponseReturnValue:
    retire_keystore(db.session, _own(owner).id, actor=current_actor(), clock=clock())
    flash(_("Đã ngừng dùng khóa ký này. Văn bản đã ký vẫn có giá trị."), "ok")
    return redirect(_address(owner), 303)


def _image(owner: KeystoreOwner) -> ResponseReturnValue:
    sha256 = _own(owner).picture_sha256
    if sha256 is None:
        raise NotFound
    return send_file(BytesIO(files().get(sha256)), mimetype="image/png")


def _key(owner: KeystoreOwner) -> KeystoreRow | None:
    actor = current_actor()
    return key_in_use(db.session, actor.ward_id, owner, account_id=actor.account_id if owner is PERSON else None)


def _own(owner: KeystoreOwner) -> KeystoreRow:
    key = _key(owner)
    if key is None:
        raise NotFound
    return key


def _address(owner: KeystoreOwner) -> str:
    return url_for(".my_key" if owner is PERSON else ".agency_key")
