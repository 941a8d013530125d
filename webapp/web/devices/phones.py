"""The list of heads' phones, with the silent ones on top, and taking a phone's access back."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.queries.device_list import ListedDevice, get_device, list_heads, list_withdrawn
from webapp.services.devices import withdraw_device
from webapp.web.devices.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, settings


@bp.get("/devices")
@requires(Permission.DEVICE_MANAGE)
def device_list() -> ResponseReturnValue:
    """Show every head with the phones; who has been silent for days stands on top."""
    actor = current_actor()
    heads = list_heads(db.session, actor.ward_id, now=clock().now())
    return render_template(
        "devices/list.html",
        heads=heads,
        silent=sum(device.silent_for is not None for head in heads for device in head.devices),
        withdrawn=list_withdrawn(db.session, actor.ward_id),
        secure=settings().base_url.startswith("https://"),
        base_url=settings().base_url,
        may_import=actor.can(Permission.VISIT_REVIEW),
    )


@bp.get("/devices/<uuid:device_id>/withdraw")
@requires(Permission.DEVICE_MANAGE)
def ask_withdraw(device_id: UUID) -> ResponseReturnValue:
    """Say what will happen, and ask."""
    return render_template("devices/withdraw.html", device=_device(device_id))


@bp.post("/devices/<uuid:device_id>/withdraw")
@requires(Permission.DEVICE_MANAGE)
@commits
def withdraw(device_id: UUID) -> ResponseReturnValue:
    """Take the phone's token back."""
    device = _device(device_id)
    withdraw_device(db.session, device_id, actor=current_actor(), clock=clock())
    flash(_("Đã thu hồi điện thoại của %(name)s.", name=device.account_name), "ok")
    return redirect(url_for(".device_list"), 303)


def _device(device_id: UUID) -> ListedDevice:
    found = get_device(db.session, current_actor().ward_id, device_id)
    if found is None:
        raise NotFound
    return found
