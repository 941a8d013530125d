"""Enrolling the certificate of a token that VGCA's tool uses: the file of the certificate is all that comes here."""

import ssl
from typing import Final

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField, FileRequired

from webapp.core.access import Permission
from webapp.core.documents import KeystoreKind, KeystoreOwner
from webapp.core.errors import NotFound, SigningRefused
from webapp.core.ports import KeyAccess
from webapp.services.keystores import EnrolKeystore, enrol_keystore
from webapp.web.documents.blueprint import bp
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing

LIMIT: Final = "10 per minute"
MOST_BYTES: Final = 100_000
PEM: Final = b"-----BEGIN CERTIFICATE-----"


class CertificateForm(PageForm):
    """The certificate of a token, without its key."""

    certificate = FileField(
        _l("Chứng thư số"),
        [
            FileRequired(_l("Hãy chọn tệp chứng thư số.")),
            FileAllowed(["cer", "crt", "pem", "der"], _l("Cần tệp chứng thư số .cer hoặc .crt.")),
        ],
    )

    def der(self) -> bytes:
        """Give the certificate in DER; what cannot be one is given as it is, for the signing room to refuse."""
        content: bytes = self.certificate.data.read(MOST_BYTES)
        if not content.lstrip().startswith(PEM):
            return content
        try:
            return ssl.PEM_cert_to_DER_cert(content.decode("ascii").strip())
        except ValueError:
            return content


@bp.route("/keys/mine/vgca", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_OWN)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def vgca_mine() -> ResponseReturnValue:
    """Enrol my certificate."""
    return _certificate_page(KeystoreOwner.PERSON)


@bp.route("/keys/agency/vgca", methods=["GET", "POST"])
@requires(Permission.KEYSTORE_AGENCY)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def vgca_agency() -> ResponseReturnValue:
    """Enrol the agency's certificate."""
    return _certificate_page(KeystoreOwner.AGENCY)


def _certificate_page(owner: KeystoreOwner) -> ResponseReturnValue:
    agency = owner is KeystoreOwner.AGENCY
    if not settings().vgca_service:
        raise NotFound
    if step_up_needed():
        return ask_step_up(url_for(".vgca_agency" if agency else ".vgca_mine"))
    form = CertificateForm()
    if form.validate_on_submit() and _enrolled(owner, form):
        flash(_("Đã đăng ký chứng thư để ký bằng VGCA."), "ok")
        return redirect(url_for(".agency_key" if agency else ".my_key"), 303)
    return render_template("documents/key_vgca.html", form=form, agency=agency), 422 if form.is_submitted() else 200


def _enrolled(owner: KeystoreOwner, form: CertificateForm) -> bool:
    actor = current_actor()
    command = EnrolKeystore(
        key=KeyAccess(kind=KeystoreKind.VGCA, certificates=(form.der(),)),
        owner=owner,
        account_id=actor.account_id if owner is KeystoreOwner.PERSON else None,
    )
    try:
        with problems_on(form):
            enrol_keystore(db.session, command, actor=actor, clock=clock(), files=files(), signing=signing())
            return True
    except SigningRefused as error:
        db.session.rollback()
        form.certificate.errors = [*form.certificate.errors, say(error)]
    return False
