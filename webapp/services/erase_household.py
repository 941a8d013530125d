"""Deleting a household's personal data for good: its key is destroyed, so old backups give nothing either."""

from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, NotFound, WrongState
from webapp.core.events import AuditTag
from webapp.core.personal_data import RequestKind, RequestStatus
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.models.household_operations import HouseholdOperationItem
from webapp.models.households import Household, HouseholdToken
from webapp.models.odk import OdkSubmission
from webapp.models.personal_data import SubjectRequest
from webapp.models.surveys import Visit, VisitRevision
from webapp.services.audit import record
from webapp.services.facts import households_changed
from webapp.services.subject_requests import load_request

_NO_IDENTITY: Final = bytes(8)
HOUSEHOLD: Final = cast("Table", Household.__table__)
REVISION: Final = cast("Table", VisitRevision.__table__)


def erase_household(session: Session, request_id: UUID, *, actor: Actor, clock: Clock) -> None:
    """Remove name, address, search words and notes of the household that a request of deletion names.

    Its counted answers stay as statistics without a name; the household leaves the list. The key is destroyed by
    `destroy_keys` once this is committed: a transaction that fails must destroy nothing. Raises NotFound, NotAllowed,
    WrongState.
    """
    require(actor, Permission.HOUSEHOLD_ERASE)
    request = load_request(session, request_id, actor=actor)
    if request.kind is not RequestKind.DELETE or request.status in {RequestStatus.DONE, RequestStatus.REFUSED}:
        raise WrongState(N_("Chỉ xóa được theo một yêu cầu xóa chưa giải quyết."))
    if request.household_id is None:
        raise WrongState(N_("Yêu cầu này không ghi hộ nào."))
    if request.erased_at is not None:
        raise WrongState(N_("Dữ liệu của hộ này đã được xóa."))
    request.sealed = _blank(session, actor.ward_id, request.household_id, clock)
    _forget_notes(session, actor.ward_id, request.household_id)
    request.erased_at = clock.now()
    session.flush()
    record(session, AuditTag.HOUSEHOLD_ERASE, actor=actor, clock=clock, subject=request.household_id)


def destroy_keys(session: Session, *, actor: Actor, cipher: PersonalDataCipher) -> int:
    """Destroy the keys of committed erasures and forget their bytes; gives how many. May be repeated after a crash."""
    require(actor, Permission.HOUSEHOLD_ERASE)
    waiting = session.scalars(
        select(SubjectRequest)
        .where(SubjectRequest.ward_id == actor.ward_id, SubjectRequest.sealed.is_not(None))
        .with_for_update()
    ).all()
    for request in waiting:
        cipher.destroy(request.sealed or b"")
        request.sealed = None
    session.flush()
    return len(waiting)


def _blank(session: Session, ward_id: UUID, household_id: UUID, clock: Clock) -> bytes:
    key = (HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.id == household_id)
    found = session.execute(select(HOUSEHOLD).where(*key).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    session.execute(
        update(HOUSEHOLD)
        .where(*key)
        .values(
            head_name=b"",
            address=b"",
            identity_token=_NO_IDENTITY,
            status=HouseholdStatus.VACATED,
            vacated_on=found.vacated_on or clock.today(),
        )
    )
    session.execute(
        delete(HouseholdToken).where(HouseholdToken.ward_id == ward_id, HouseholdToken.household_id == household_id)
    )
    session.execute(
        update(HouseholdOperationItem)
        .where(HouseholdOperationItem.ward_id == ward_id, HouseholdOperationItem.household_id == household_id)
        .values(person=None)
    )
    session.execute(
        update(OdkSubmission)
        .where(OdkSubmission.ward_id == ward_id, OdkSubmission.household_id == household_id)
        .values(answers={}, problems=[])
    )
    if found.status is HouseholdStatus.ACTIVE:
        households_changed(session, ward_id, group_id=found.group_id, day=clock.today(), change=-1)
    return bytes(found.head_name)


def _forget_notes(session: Session, ward_id: UUID, household_id: UUID) -> None:
    """Take free text and the ward's own questions out of every revision; what indicators count stays as it was."""
    of_household = select(Visit.id).where(Visit.ward_id == ward_id, Visit.household_id == household_id)
    revisions = (REVISION.c.ward_id == ward_id, REVISION.c.visit_id.in_(of_household))
    for row in session.execute(
        select(REVISION.c.visit_id, REVISION.c.number, REVISION.c.answers).where(*revisions)
    ).all():
        kept = {name: value for name, value in row.answers.items() if name != "note"}
        one = (REVISION.c.ward_id == ward_id, REVISION.c.visit_id == row.visit_id, REVISION.c.number == row.number)
        session.execute(update(REVISION).where(*one).values(answers=kept, reason="", extra={}))
