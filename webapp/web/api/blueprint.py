"""The `api` blueprint: no cookie opens anything here, so no form of another site can."""

from flask import Blueprint

from webapp.web.extensions import csrf

bp = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(bp)
