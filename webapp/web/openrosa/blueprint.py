"""The blueprint; machines with a device token, so no cookie and no CSRF token."""

from flask import Blueprint

from webapp.web.extensions import csrf

bp = Blueprint("openrosa", __name__, url_prefix="/openrosa")
csrf.exempt(bp)
