"""The reference: everything a phone needs before it goes out of reach, and no more than its own groups."""

import hashlib
from typing import Final
from uuid import UUID

from flask import Response, request

from webapp.core.access import Permission
from webapp.core.extra_questions import NO_QUESTIONS
from webapp.core.rounds import standing
from webapp.core.surveys import Answers, RoundStatus
from webapp.queries.extra_forms import active_form
from webapp.queries.reference import PhoneHousehold, PhoneScope, VisitNow, group_states, phone_households
from webapp.queries.surveys import GroupRow, RoundRow, current_round, list_groups, list_rounds
from webapp.web.api.answers import json_answer
from webapp.web.api.blueprint import bp
from webapp.web.api.door import for_device, this_device
from webapp.web.api.shapes import Group, HouseholdShape, Reference, ReferenceVisit, RoundShape, VisitContentShape
from webapp.web.extensions import db
from webapp.web.shared.wiring import cipher, clock

ROUNDS_MOST: Final = 12


@bp.get("/v1/reference")
@for_device(Permission.VISIT_SUBMIT)
def reference() -> Response:
    """Give it, or 304 when the phone has it already. Eleven statements, however many households there are."""
    row, now, today = this_device(), clock().now(), clock().today()
    rounds = list_rounds(db.session, row.ward_id)[:ROUNDS_MOST]
    current = current_round(rounds, today)
    groups = list_groups(db.session, row.ward_id, row.group_ids)
    scope = PhoneScope(
        ward_id=row.ward_id, account_id=row.account_id, group_ids=[group.group_id for group in groups], now=now
    )
    states = group_states(db.session, scope)
    form = active_form(db.session, row.ward_id, current.round_id) if current else NO_QUESTIONS
    households = phone_households(db.session, scope, current=current, cipher=cipher())
    shape = Reference(
        now=now,
        today=today,
        form_version=form.version,
        current_round=current.round_id if current else None,
        rounds=[_round(found, groups, states) for found in rounds if found.status is not RoundStatus.PLANNED],
        groups=[Group(id=group.group_id, name=group.name) for group in groups],
        households=[_household(household) for household in households],
        extra=[question.to_json() for question in form.questions],
    )
    return _answer(shape)


def _answer(shape: Reference) -> Response:
    """Mark the answer with the hash of all that matters (not the time of day); a phone that has it gets 304."""
    tag = hashlib.sha256(shape.model_dump_json(exclude={"now"}).encode()).hexdigest()[:32]
    known = request.if_none_match.contains_weak(tag)
    answer = Response(status=304) if known else json_answer(shape)
    answer.set_etag(tag)
    return answer


def _round(row: RoundRow, groups: list[GroupRow], states: dict[tuple[UUID, UUID], RoundStatus]) -> RoundShape:
    return RoundShape(
        id=row.round_id,
        name=row.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        status=row.status,
        group_status={
            str(group.group_id): standing(row.status, states.get((row.round_id, group.group_id))) for group in groups
        },
    )


def _household(row: PhoneHousehold) -> HouseholdShape:
    return HouseholdShape(
        id=row.household_id,
        group_id=row.group_id,
        number=row.number,
        head_name=row.head_name,
        address=row.address,
        assigned_to_me=row.mine,
        last=_plain(row.last),
        visit=None if row.visit is None else _visit(row.visit),
    )


def _visit(row: VisitNow) -> ReferenceVisit:
    return ReferenceVisit(
        id=row.visit_id,
        round_id=row.round_id,
        revision=row.revision,
        status=row.status,
        outcome=row.outcome,
        visited_on=row.visited_on,
        return_reason=row.return_reason,
        return_field=row.return_field,
        sha256=row.sha256,
        code=row.code,
        content=VisitContentShape(answers=_plain(row.answers), extra=row.extra or None),
    )


def _plain(answers: Answers | None) -> dict[str, object] | None:
    return None if answers is None else answers.to_json()
