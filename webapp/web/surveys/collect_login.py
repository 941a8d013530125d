"""A QR code that sets ODK Collect up for one head: address, name and a device token, shown once."""

import base64
import json
import zlib

import segno
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from webapp.core.access import Permission
from webapp.queries.odk_forms import Head, list_heads
from webapp.services.devices import enrol_device, make_code
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock
from webapp.web.surveys.blueprint import bp

NAME = "ODK Collect"


class HeadForm(PageForm):
    """Whose phone it is."""

    account = SelectField(_l("Tổ trưởng"), [InputRequired(_l("Chọn một tổ trưởng."))], choices=[])


@bp.route("/odk/login", methods=["GET", "POST"])
@requires(Permission.DEVICE_MANAGE)
@commits
def collect_login() -> ResponseReturnValue:
    """Choose a head, then show the code; the phone stands on the list of phones and can be withdrawn there."""
    actor, form = current_actor(), HeadForm()
    heads = list_heads(db.session, actor.ward_id, now=clock().now())
    form.account.choices = [
        SelectChoice("", _("Chọn tổ trưởng")),
        *(SelectChoice(str(h.account_id), h.words) for h in heads),
    ]
    if not form.validate_on_submit():
        page = render_template("surveys/collect_login.html", form=form, heads=heads)
        return page, 422 if form.errors else 200
    head = next(found for found in heads if str(found.account_id) == form.account.data)
    return render_template("surveys/collect_qr.html", head=head, qr=_code(head), secure=request.is_secure)


def _code(head: Head) -> str:
    """Let the phone in and write its settings as a picture (data address)."""
    actor = current_actor()
    code = make_code(db.session, head.account_id, actor=actor, clock=clock()).code
    made = enrol_device(db.session, code, NAME, address=actor.address, clock=clock())
    account = current_account()
    settings = {
        "general": {
            "server_url": url_for("openrosa.form_list", _external=True).removesuffix("/formList"),
            "username": head.username,
            "password": made.token,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
        },
        "admin": {},
        "project": {"name": account.ward_name if account else ""},
    }
    packed = base64.b64encode(zlib.compress(json.dumps(settings).encode(), 9)).decode()
    return str(segno.make(packed, error="l").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
