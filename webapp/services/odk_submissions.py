"""Taking a form from ODK Collect: stored once as a visit, kept when something in it cannot be true, never lost."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Insert, Table, select
from sqlalchemy import insert as insert_rows
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound, Problem
from webapp.core.extra_questions import ExtraForm
from webapp.core.odk_answers import OdkVisit, read_visit
from webapp.core.odk_instance import Instance, round_of
from webapp.core.odk_submissions import OdkStatus
from webapp.core.ports import Clock, FileStore, PersonalDataCipher
from webapp.models.households import Household
from webapp.models.odk import OdkAttachment, OdkSubmission
from webapp.models.surveys import SurveyRound
from webapp.services.extra_answers import extra_form_of
from webapp.services.fact_rows import hold_facts
from webapp.services.round_locks import check_groups_accept
from webapp.services.submit_visit import SubmitVisit, submit_visit

SOURCE = "openrosa"
EDIT_REASON = "Sửa trên ODK Collect"
_SUBMISSION = cast("Table", OdkSubmission.__table__)
_INSERT: Mapping[str, Insert] = {
    "sqlite": sqlite.insert(_SUBMISSION).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_SUBMISSION).on_conflict_do_nothing(),
}


class NoSuchHousehold(DomainError):
    """The household is not on the list of this person (403)."""

    message = "Hộ này không thuộc tổ của bạn hoặc không còn trong danh sách. Hãy báo phường."


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a form: new or had already; `has_issue` when somebody must look at it."""

    new: bool
    has_issue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a form belongs: round, group, the visit it is about, and which revision or waiting form it replaces."""

    round_id: UUID
    group_id: UUID
    visit_id: UUID
    base_revision: int | None = None
    replaced: OdkSubmission | None = None


def receive_form(session: Session, raw: bytes, instance: Instance, *, actor: Actor, clock: Clock) -> Received:
    """Take one form; the same bytes again are known, other bytes under the same identifier are refused.

    Raises NotFound (form or original unknown), NotAllowed, NoSuchHousehold, RoundShut, WrongState (visit approved) and
    Conflict (identifier used, or somebody edited it first).
    """
    require(actor, Permission.VISIT_SUBMIT)
    sha256 = hashlib.sha256(raw).hexdigest()
    round_id = _round(session, actor, instance)
    known = _find(session, actor, instance.instance_id)
    if known is not None:
        return _repeated(known, sha256, actor)
    form = extra_form_of(session, actor.ward_id, round_id, version=instance.version, extra=instance.extra)
    visit = read_visit(instance, form)
    group_id = _group(session, actor, visit)
    known = _find(session, actor, instance.instance_id)  # a twin may have been faster while we waited for the household
    if known is not None:
        return _repeated(known, sha256, actor)
    check_groups_accept(session, actor.ward_id, round_id, [group_id], subject=instance.instance_id)
    place = _place(session, actor, instance, round_id, group_id)
    fate = _submitted(session, visit, form, instance, place, actor=actor, clock=clock)
    row = {
        "ward_id": actor.ward_id,
        "id": instance.instance_id,
        "round_id": round_id,
        "group_id": place.group_id,
        "household_id": visit.household_id,
        "account_id": actor.account_id,
        "sha256": sha256,
        "version": instance.version[:40],
        "visit_id": place.visit_id,
        "base_revision": place.base_revision,
        "received_at": clock.now(),
        "reason": "",
        **fate,
    }
    connection = session.connection()
    if not connection.execute(_INSERT[connection.dialect.name], row).rowcount:
        raise Conflict("Mã của phiếu này đã dùng cho nội dung khác.")
    if place.replaced is not None:
        place.replaced.status, place.replaced.answers = OdkStatus.REPLACED, {}
        place.replaced.settled_at, place.replaced.settled_by = clock.now(), actor.account_id
        session.flush()
    return Received(new=True, has_issue=fate["status"] is OdkStatus.HAS_ISSUE)


def keep_attachments(
    session: Session,
    instance_id: UUID,
    attachments: Mapping[str, bytes],
    *,
    actor: Actor,
    files: FileStore,
    cipher: PersonalDataCipher,
) -> None:
    """Keep the files that came with a form, sealed; a file that is there already stays as it is."""
    there = set(
        session.scalars(
            select(OdkAttachment.name).where(
                OdkAttachment.ward_id == actor.ward_id, OdkAttachment.submission_id == instance_id
            )
        )
    )
    rows = [
        {
            "ward_id": actor.ward_id,
            "submission_id": instance_id,
            "name": name,
            "sha256": files.put(cipher.seal(content)),
            "size": len(content),
        }
        for name, content in attachments.items()
        if name not in there
    ]
    if rows:
        session.execute(insert_rows(OdkAttachment), rows)


def _round(session: Session, actor: Actor, instance: Instance) -> UUID:
    round_id = round_of(instance.form_id)
    known = select(SurveyRound.id).where(SurveyRound.ward_id == actor.ward_id, SurveyRound.id == round_id)
    if round_id is None or session.scalar(known) is None:
        raise NotFound("Không có mẫu phiếu này. Hãy tải lại mẫu phiếu trên điện thoại.")
    return round_id


def _find(session: Session, actor: Actor, instance_id: UUID) -> OdkSubmission | None:
    return session.get(OdkSubmission, (actor.ward_id, instance_id), populate_existing=True)


def _repeated(known: OdkSubmission, sha256: str, actor: Actor) -> Received:
    if known.sha256 != sha256 or known.account_id != actor.account_id:
        raise Conflict("Mã của phiếu này đã dùng cho nội dung khác.")
    return Received(new=False, has_issue=known.status is OdkStatus.HAS_ISSUE)


def _group(session: Session, actor: Actor, visit: OdkVisit) -> UUID:
    """Find the household's group; from here on nobody else writes this household."""
    group_id = session.scalar(
        select(Household.group_id).where(Household.ward_id == actor.ward_id, Household.id == visit.household_id)
    )
    scope = actor.group_scope(Permission.VISIT_SUBMIT)
    if group_id is None or visit.household_id is None or (scope is not None and group_id not in scope):
        raise NoSuchHousehold
    hold_facts(session, actor.ward_id, household_id=visit.household_id)
    return group_id


def _place(session: Session, actor: Actor, instance: Instance, round_id: UUID, group_id: UUID) -> _Place:
    """Say which visit a form is about and, for an edit, what it replaces."""
    place = _Place(round_id=round_id, group_id=group_id, visit_id=instance.instance_id)
    return place if instance.deprecated_id is None else _edited(session, actor, instance.deprecated_id, place)


def _edited(session: Session, actor: Actor, deprecated_id: UUID, place: _Place) -> _Place:
    old = _find(session, actor, deprecated_id)
    if old is None or old.round_id != place.round_id:
        raise NotFound("Không tìm thấy phiếu gốc của bản sửa này.")
    if old.account_id != actor.account_id:
        raise NotAllowed("Phiếu gốc do người khác gửi. Chỉ người đó hoặc phường sửa được.")
    if old.status is OdkStatus.STORED:
        return replace(place, visit_id=old.visit_id, base_revision=old.revision)
    if old.status is OdkStatus.HAS_ISSUE:
        return replace(place, visit_id=old.visit_id, base_revision=old.base_revision, replaced=old)
    raise Conflict("Có người vừa sửa phiếu này trước bạn. Hãy mở bản mới nhất và xem lại.")


def _submitted(
    session: Session,
    visit: OdkVisit,
    form: ExtraForm,
    instance: Instance,
    place: _Place,
    *,
    actor: Actor,
    clock: Clock,
) -> dict[str, Any]:
    """Store the visit, or say what keeps it from being one."""
    problems = visit.problems
    if not problems:
        try:
            receipt = submit_visit(session, _command(visit, form, place), actor=actor, clock=clock)
            return {"status": OdkStatus.STORED, "revision": receipt.revision, "answers": {}, "problems": []}
        except InvalidInput as error:
            problems = error.problems
    return {
        "status": OdkStatus.HAS_ISSUE,
        "revision": None,
        "answers": {"values": instance.values, "adults": instance.adults, "extra": instance.extra},
        "problems": [{"field": p.field, "message": p.message, "params": dict(p.params)} for p in problems],
    }


def _command(visit: OdkVisit, form: ExtraForm, place: _Place) -> SubmitVisit:
    if visit.household_id is None or visit.outcome is None or visit.visited_on is None:
        raise InvalidInput(Problem("outcome", "Phiếu thiếu kết quả hoặc ngày đến nhà."))
    return SubmitVisit(
        visit_id=place.visit_id,
        round_id=place.round_id,
        household_id=visit.household_id,
        outcome=visit.outcome,
        visited_on=visit.visited_on,
        answers=visit.answers,
        extra=visit.extra,
        form_version=form.version,
        base_revision=place.base_revision,
        reason=EDIT_REASON if place.base_revision is not None else "",
        source=SOURCE,
        started_at=visit.started_at,
        finished_at=visit.finished_at,
    )
