"""A phone comes in with a one-time code, asks who it is, and may leave again."""

from flask import Response, g, request

from webapp.core.access import Permission
from webapp.queries.devices import find_device
from webapp.queries.surveys import list_groups
from webapp.services.devices import enrol_device, withdraw_device
from webapp.web.api.answers import json_answer
from webapp.web.api.blueprint import bp
from webapp.web.api.door import for_device, this_actor, this_device
from webapp.web.api.reading import read_body
from webapp.web.api.shapes import EnrolledDevice, Enrolment, Group, Me
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import public
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock


@bp.post("/v1/devices")
@public
@limiter.limit("60 per minute; 600 per hour")  # all heads of a ward may enrol in one room; a code has 58 bits
@commits
def enrol() -> Response:
    """Trade a one-time code for a token."""
    body = read_body(Enrolment)
    new = enrol_device(db.session, body.code, body.name, address=request.remote_addr or "", clock=clock())
    row = find_device(db.session, new.token, now=clock().now())
    assert row is not None  # noqa: S101 - it was stored a moment ago in this transaction
    shape = EnrolledDevice(
        device_id=new.device_id,
        token=new.token,
        account_id=row.account_id,
        account_name=row.account_name,
        ward_name=row.ward_name,
    )
    return json_answer(shape, 201)


@bp.get("/v1/me")
@for_device(Permission.OWN_ACCOUNT)
def me() -> Response:
    """Say whom the phone acts for."""
    row = this_device()
    groups = list_groups(db.session, row.ward_id, row.group_ids)
    return json_answer(
        Me(
            device_id=row.device_id,
            account_id=row.account_id,
            account_name=row.account_name,
            ward_name=row.ward_name,
            groups=[Group(id=group.group_id, name=group.name) for group in groups],
            now=clock().now(),
        )
    )


@bp.delete("/v1/devices/me")
@for_device(Permission.OWN_ACCOUNT)
@commits
def leave() -> Response:
    """Take this phone's own token back."""
    withdraw_device(db.session, this_device().device_id, actor=this_actor(), clock=clock())
    g.device_left = True
    return Response(status=204)
