"""Taking an operation on households back: within thirty days, and only while nothing later has touched them."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, NotFound, WrongState
from webapp.core.events import AuditTag
from webapp.core.household_operations import OperationKind, undo_until
from webapp.core.periods import WARD_ZONE
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.models.household_operations import HouseholdMove, HouseholdOperation, HouseholdOperationItem
from webapp.models.households import HouseholdAssignment
from webapp.models.surveys import Visit
from webapp.services.audit import record
from webapp.services.household_moves import take_visits_along
from webapp.services.household_rows import HOUSEHOLD, TOKEN
from webapp.services.household_timelines import facts_follow
from webapp.services.household_twins import taken_numbers
from webapp.services.operation_rows import Held, Place, hold_groups, hold_households, last_number, name, put

UNDONE = N_("Thao tác này đã được hoàn tác rồi.")
TOO_OLD = N_("Thao tác này đã quá 30 ngày nên không hoàn tác được nữa.")
LATER = N_("Có thao tác sau đó với cùng hộ (lúc %(at)s). Hoàn tác thao tác đó trước.")
CHANGED = N_("Hộ số %(number)s đã được sửa sau thao tác này nên không hoàn tác được.")
ERASED = N_("Có hộ đã xóa vĩnh viễn theo yêu cầu của người dân nên không hoàn tác được.")
VISITED = N_("Hộ số %(number)s đã có phiếu nên không bỏ đi được. Dùng “Đưa ra khỏi danh sách”.")


def undo_operation(
    session: Session, operation_id: UUID, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> None:
    """Put everything back where it stood. Visits made since stay with the households that they were made for.

    Raises NotFound, WrongState (taken back already, too old, touched later) and RoundShut.
    """
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    ward_id = actor.ward_id
    operation = session.get(HouseholdOperation, (ward_id, operation_id), with_for_update=True, populate_existing=True)
    if operation is None:
        raise NotFound
    if operation.undone_at is not None:
        raise WrongState(UNDONE)
    if clock.now() > undo_until(operation.made_at):
        raise WrongState(TOO_OLD)
    items = _items(session, ward_id, operation_id)
    ids = [item.household_id for item in items]
    held = {item.household_id: item for item in hold_households(session, ward_id, ids)}
    _refuse_later(session, operation, ids)
    _refuse_erased(session, ward_id, ids)
    for item in items:
        if held[item.household_id].place != Place.from_json(item.after):
            raise WrongState(CHANGED, number=held[item.household_id].place.number)
    groups = {Place.from_json(state).group_id for item in items for state in (item.before, item.after) if state}
    hold_groups(session, ward_id, groups)
    with facts_follow(session, ward_id, ids):
        _visits_back(session, operation)
        session.execute(_of(HouseholdMove, ward_id, operation_id))
        for item in items:
            _back(session, operation, item, held[item.household_id], cipher)
        operation.undone_at, operation.undone_by = clock.now(), actor.account_id
        session.flush()
    _forget(session, ward_id, operation_id)
    record(session, AuditTag.HOUSEHOLD_UNDO, actor=actor, clock=clock, subject=operation_id, kind=operation.kind.value)


def _items(session: Session, ward_id: UUID, operation_id: UUID) -> list[HouseholdOperationItem]:
    wanted = select(HouseholdOperationItem).where(
        HouseholdOperationItem.ward_id == ward_id, HouseholdOperationItem.operation_id == operation_id
    )
    return list(session.scalars(wanted.order_by(HouseholdOperationItem.household_id)))


def _refuse_erased(session: Session, ward_id: UUID, ids: list[UUID]) -> None:
    """Refuse what would bring a household back that was deleted for good (Law 91/2025/QH15)."""
    gone = (HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.id.in_(ids), HOUSEHOLD.c.head_name == b"")
    if session.execute(select(HOUSEHOLD.c.id).where(*gone).limit(1)).first() is not None:
        raise WrongState(ERASED)


def _refuse_later(session: Session, operation: HouseholdOperation, ids: list[UUID]) -> None:
    later = session.scalar(
        select(HouseholdOperation.made_at)
        .where(
            HouseholdOperation.ward_id == operation.ward_id,
            HouseholdOperation.id > operation.id,
            HouseholdOperation.undone_at.is_(None),
            exists().where(
                HouseholdOperationItem.ward_id == HouseholdOperation.ward_id,
                HouseholdOperationItem.operation_id == HouseholdOperation.id,
                HouseholdOperationItem.household_id.in_(ids),
            ),
        )
        .order_by(HouseholdOperation.id.desc())
        .limit(1)
    )
    if later is not None:
        raise WrongState(LATER, at=f"{later.astimezone(WARD_ZONE):%d/%m/%Y %H:%M}")


def _visits_back(session: Session, operation: HouseholdOperation) -> None:
    for was in operation.visits:
        session.execute(
            update(Visit)
            .where(Visit.ward_id == operation.ward_id, Visit.id == UUID(was["visit"]))
            .values(household_id=UUID(was["household"]), group_id=UUID(was["group"]))
            .execution_options(synchronize_session=False)
        )


def _back(
    session: Session,
    operation: HouseholdOperation,
    item: HouseholdOperationItem,
    held: Held,
    cipher: PersonalDataCipher,
) -> None:
    if not item.before:
        _delete(session, operation.ward_id, held)
        return
    before = Place.from_json(item.before)
    if before.group_id != held.place.group_id and taken_numbers(
        session, operation.ward_id, before.group_id, [before.number]
    ):
        free = last_number(session, operation.ward_id, before.group_id) + 1
        before = Place(group_id=before.group_id, number=free, status=before.status, vacated_on=before.vacated_on)
    put(session, operation.ward_id, item.household_id, before)
    if operation.kind is OperationKind.MOVE:
        take_visits_along(session, operation.ward_id, [item.household_id], before.group_id)
    if item.person is not None:
        person: list[Any] = json.loads(cipher.decrypt(operation.ward_id, item.person))
        name(session, operation.ward_id, held, (person[0], person[1]), cipher)


def _delete(session: Session, ward_id: UUID, held: Held) -> None:
    visited = select(Visit.id).where(Visit.ward_id == ward_id, Visit.household_id == held.household_id).limit(1)
    if session.scalar(visited) is not None:
        raise WrongState(VISITED, number=held.place.number)
    for table in (TOKEN, HouseholdAssignment.__table__):
        session.execute(
            delete(table).where(  # type: ignore[arg-type]  # declared as FromClause
                table.c.ward_id == ward_id, table.c.household_id == held.household_id
            )
        )
    session.execute(delete(HOUSEHOLD).where(HOUSEHOLD.c.ward_id == ward_id, HOUSEHOLD.c.id == held.household_id))


def _of(table: type[HouseholdMove], ward_id: UUID, operation_id: UUID) -> Any:  # noqa: ANN401 - a DELETE
    return (
        delete(table)
        .where(table.ward_id == ward_id, table.operation_id == operation_id)
        .execution_options(synchronize_session=False)
    )


def _forget(session: Session, ward_id: UUID, operation_id: UUID) -> None:
    """Names that were put back need not be kept twice."""
    session.execute(
        update(HouseholdOperationItem)
        .where(HouseholdOperationItem.ward_id == ward_id, HouseholdOperationItem.operation_id == operation_id)
        .values(person=None)
        .execution_options(synchronize_session=False)
    )
