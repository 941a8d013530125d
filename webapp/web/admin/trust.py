"""The trust list: roots, intermediates and revocation lists, each added only after its fingerprint was shown."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import N_, InvalidInput
from webapp.queries.trust import list_anchors, list_revocation_lists
from webapp.services.trust import add_anchor, add_revocation_list, read_certificates, remove_anchor
from webapp.web.admin.blueprint import bp
from webapp.web.admin.forms import CertificateForm, RevocationForm, TrustForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.get("/trust")
@requires(Permission.TRUST_MANAGE)
def trust() -> ResponseReturnValue:
    """List whom the ward trusts."""
    return _page(CertificateForm(), RevocationForm())


def _page(form: CertificateForm, crl_form: RevocationForm) -> ResponseReturnValue:
    ward_id = current_actor().ward_id
    page = render_template(
        "admin/trust.html",
        anchors=list_anchors(db.session, ward_id),
        revocation_lists=list_revocation_lists(db.session, ward_id),
        form=form,
        crl_form=crl_form,
        now=clock().now(),
        has_errors=bool(form.errors or crl_form.errors),
    )
    return page, 422 if form.errors or crl_form.errors else 200


@bp.post("/trust/look")
@requires(Permission.TRUST_MANAGE)
@commits
def trust_look() -> ResponseReturnValue:
    """Show what a file holds, to be compared before it is trusted. Stores nothing."""
    form = CertificateForm()
    if form.validate_on_submit():
        with problems_on(form):
            found = read_certificates(form.file.data.read())
            pems = b64encode(b"".join(facts.pem for facts in found)).decode()
            decision = TrustForm(formdata=None, certificates=pems)
            return render_template("admin/trust_check.html", found=found, form=decision)
    return _page(form, RevocationForm(formdata=None))


@bp.post("/trust")
@requires(Permission.TRUST_MANAGE)
@commits
def trust_add() -> ResponseReturnValue:
    """Add what was shown."""
    if step_up_needed():
        return ask_step_up(url_for(".trust"))
    form = TrustForm()
    content = _content(form)
    if form.validate_on_submit():
        is_anchor = form.kind.data == "anchor"
        add_anchor(db.session, content, is_anchor=is_anchor, actor=current_actor(), clock=clock())
        flash(_("Đã thêm vào danh sách tin cậy."), "ok")
        return redirect(url_for(".trust"), 303)
    return render_template("admin/trust_check.html", found=read_certificates(content), form=form), 422


def _content(form: TrustForm) -> bytes:
    try:
        return b64decode(form.certificates.data or "", validate=True)
    except Base64Error as error:
        raise InvalidInput(N_("Tệp này không phải chứng thư số (PEM hoặc DER).")) from error


@bp.post("/trust/<uuid:anchor_id>/remove")
@requires(Permission.TRUST_MANAGE)
@commits
def trust_remove(anchor_id: UUID) -> ResponseReturnValue:
    """Stop trusting."""
    if step_up_needed():
        return ask_step_up(url_for(".trust"))
    remove_anchor(db.session, anchor_id, actor=current_actor(), clock=clock())
    flash(_("Đã bỏ khỏi danh sách tin cậy."), "ok")
    return redirect(url_for(".trust"), 303)


@bp.post("/trust/crl")
@requires(Permission.TRUST_MANAGE)
@commits
def trust_crl() -> ResponseReturnValue:
    """Keep a revocation list."""
    form = RevocationForm()
    if form.validate_on_submit():
        try:
            add_revocation_list(db.session, form.crl.data.read(), actor=current_actor(), clock=clock())
        except InvalidInput as error:
            form.crl.errors = [_(problem.message) for problem in error.problems]
        else:
            flash(_("Đã lưu danh sách thu hồi."), "ok")
            return redirect(url_for(".trust"), 303)
    return _page(CertificateForm(formdata=None), form)
