"""One-time codes: a printable card with a QR for a head's phone, or straight on the phone that the head holds."""

from uuid import UUID

import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp.core.access import Permission
from webapp.core.devices import spaced_code
from webapp.services.devices import make_code
from webapp.web.devices.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, settings


@bp.post("/devices/codes")
@requires(Permission.DEVICE_MANAGE)
@commits
def new_code() -> ResponseReturnValue:
    """Make a code and show its card, once."""
    try:
        account_id = UUID(request.form.get("account_id", ""))
    except ValueError as error:
        raise BadRequest from error
    new = make_code(db.session, account_id, actor=current_actor(), clock=clock())
    base = settings().base_url.rstrip("/")
    address = f"{base}{url_for('surveys.phone_enrol')}"
    return render_template(
        "devices/card.html",
        new=new,
        qr=segno.make(f"{address}#{new.code}", error="m").svg_data_uri(scale=8, border=4),
        spaced=spaced_code(new.code),
        address=address,
    )


@bp.post("/surveys/phone/code")
@requires(Permission.DEVICE_OWN)
@commits
def own_code() -> ResponseReturnValue:
    """Make a code for the phone that asks; it travels in the fragment, which no server and no log sees."""
    actor = current_actor()
    new = make_code(db.session, actor.account_id, actor=actor, clock=clock())
    return redirect(f"{url_for('surveys.phone_enrol')}#{new.code}", 303)
