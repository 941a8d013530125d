"""Making an electronic copy of a paper document (Decree 30, Arts 25 to 27)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import SigningRefused
from webapp.services.copies import make_copy
from webapp.web.documents.blueprint import bp
from webapp.web.documents.workflow_forms import ScanForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, settings, signing


@bp.route("/copies/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_COPY)
@commits
def copy() -> ResponseReturnValue:
    """Take a scan and what it is a copy of."""
    form = ScanForm()
    form.offer()
    if form.validate_on_submit():
        try:
            with problems_on(form):
                made = make_copy(
                    db.session, form.command(), actor=current_actor(), clock=clock(), files=files(), signing=signing()
                )
                flash(_("Tệp quét đạt yêu cầu. Hãy cấp số rồi ký số cơ quan."), "ok")
                return redirect(url_for(".document", document_id=made), 303)
        except SigningRefused as error:
            form.content.errors = [*form.content.errors, say(error)]
    page = render_template("documents/copy.html", form=form, max_mb=settings().max_upload_mb)
    return page, 422 if form.is_submitted() else 200
