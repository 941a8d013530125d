"""Forms from ODK that cannot be a visit yet: staff look, complete them on the visit form, or discard them."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.queries.odk_issues import OdkIssue, list_issues
from webapp.services.odk_issues import discard_form
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say_problem
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import refuse_if_closed, sit_down
from webapp.web.surveys.odk_fields import fields_of_odk
from webapp.web.surveys.visit_draft import Draft
from webapp.web.surveys.visit_steps import details_page, start_page


class DiscardForm(PageForm):
    """Why a form is of no use."""

    reason = TextAreaField(_l("Lý do bỏ phiếu"), [InputRequired(_l("Hãy ghi lý do bỏ phiếu."))])


@bp.get("/odk")
@requires(Permission.VISIT_REVIEW)
def odk_issues() -> ResponseReturnValue:
    """Show what waits, the oldest first."""
    actor = current_actor()
    scope = actor.group_scope(Permission.VISIT_REVIEW)
    issues = list_issues(db.session, actor.ward_id, scope, cipher=cipher())
    return render_template("surveys/odk_issues.html", issues=issues, say=say_problem)


@bp.get("/odk/<uuid:submission_id>/complete")
@requires(Permission.VISIT_REVIEW)
def complete_odk(submission_id: UUID) -> ResponseReturnValue:
    """Open the visit form with what came; sending it makes the visit, and the form waits no more."""
    issue = _find(submission_id)
    desk = sit_down(issue.round_id, issue.household_id)
    refuse_if_closed(desk)
    draft = Draft(fields_of_odk(issue.answers, issue.visit_id, issue.base_revision))
    on_start = draft.form.outcome.data != "interviewed" or draft.form.visited_on.data is None
    return start_page(desk, draft) if on_start else details_page(desk, draft)


@bp.route("/odk/<uuid:submission_id>/discard", methods=["GET", "POST"])
@requires(Permission.VISIT_REVIEW)
@commits
def discard_odk(submission_id: UUID) -> ResponseReturnValue:
    """Ask for the reason, then discard a form."""
    issue, form = _find(submission_id), DiscardForm()
    if form.validate_on_submit():
        with problems_on(form):
            discard_form(db.session, submission_id, form.reason.data, actor=current_actor(), clock=clock())
            flash(_("Đã bỏ phiếu."), "ok")
            return redirect(url_for(".odk_issues"), 303)
    page = render_template("surveys/odk_discard.html", issue=issue, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _find(submission_id: UUID) -> OdkIssue:
    actor = current_actor()
    scope = actor.group_scope(Permission.VISIT_REVIEW)
    found = list_issues(db.session, actor.ward_id, scope, cipher=cipher(), submission_id=submission_id)
    if not found:
        raise NotFound
    return found[0]
