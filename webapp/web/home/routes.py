"""The first page after log-in, health, and the choice of language."""

from urllib.parse import urlsplit

from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from webapp.web.extensions import db
from webapp.web.home.blueprint import bp
from webapp.web.shared.access import public
from webapp.web.shared.identity import current_account


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Show where to go: the work of the day for staff, the public page for strangers."""
    if current_account() is None:
        return redirect(url_for("auth.login"), 303)
    return render_template("home/index.html")


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
    back = urlsplit(request.form.get("next", ""))
    inside = not back.netloc and back.path.startswith("/") and not back.path.startswith("//")
    return redirect(back.path + (f"?{back.query}" if back.query else "") if inside else url_for("home.index"), 303)
