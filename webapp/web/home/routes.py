"""The first page after log-in, health, and the choice of language."""

from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from webapp.core.access import Role
from webapp.queries.places import has_ward
from webapp.queries.round_state import round_state
from webapp.web.extensions import db
from webapp.web.home.blueprint import bp
from webapp.web.home.today import returned_to_me, tasks
from webapp.web.shared.access import public
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.next_page import inside
from webapp.web.shared.wiring import clock


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Show where to go: the work of the day for staff, the public page for strangers."""
    account = current_account()
    if account is None:
        return redirect(url_for("auth.login" if has_ward(db.session) else "home.setup"), 303)
    if account.must_change_password:
        return redirect(url_for("auth.change_password"), 303)
    state = round_state(db.session, current_actor(), clock().today())
    return render_template(
        "home/index.html",
        row=account,
        state=state,
        tasks=tasks(state),
        phone_form=Role.GROUP_HEAD in account.roles,
        returned=returned_to_me(),
        must_enrol=Role.ADMIN in account.roles and not account.has_second_factor,
    )


@bp.get("/healthz")
@public
def health() -> Response:
    """Answer once the program and its database are ready."""
    db.session.execute(text("SELECT 1"))
    return Response("ok\n", mimetype="text/plain")


@bp.post("/language")
@public
def set_language() -> ResponseReturnValue:
    """Keep the language in the cookie and go back to the page."""
    wanted = request.form.get("language", "vi")
    session["language"] = wanted if wanted in {"vi", "en"} else "vi"
    return redirect(inside(request.form.get("next")) or url_for("home.index"), 303)
