"""Work on several households at once: adding, merging, splitting, moving, taking off the list and putting back.

Each is one transaction, one row of household_operation and one audit event; services.household_undo takes it back.
Locks: households, then groups, then the facts alone (see operation_rows and household_timelines).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, Problem, WrongState
from webapp.core.household_operations import ADDRESS_MAX, NAME_MAX, ListLine, OperationKind
from webapp.core.ids import new_id
from webapp.core.ports import Clock, PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import clean, fold
from webapp.models.surveys import Visit
from webapp.services.household_moves import take_visits_along
from webapp.services.household_rows import NewHousehold, household_rows, identity_token, insert_households
from webapp.services.household_timelines import facts_follow
from webapp.services.household_twins import refuse_twins, survivor_of, taken_numbers
from webapp.services.operation_rows import (
    Held,
    Item,
    Operation,
    Place,
    add_moves,
    hold_groups,
    hold_households,
    last_number,
    name,
    open_operation,
    person_of,
    put,
    store_operation,
)

GONE = N_("Hộ số %(number)s không còn trong danh sách. Tải lại trang rồi chọn lại.")
LISTED = N_("Hộ số %(number)s đang có trong danh sách rồi.")
MERGED = N_("Hộ số %(number)s đã được gộp vào hộ khác. Muốn lấy lại thì hoàn tác việc gộp.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeHouseholds:
    """Two rows of the list that are one household: which stays, and what it is called from now on."""

    kept_id: UUID
    gone_id: UUID
    head_name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitHousehold:
    """A household that became two: the new one's name and address; its visits stay with the old one."""

    household_id: UUID
    head_name: str
    address: str


def register_many(
    session: Session,
    group_id: UUID,
    lines: Sequence[ListLine],
    *,
    actor: Actor,
    cipher: PersonalDataCipher,
    clock: Clock,
) -> UUID:
    """Put a list of households on a group's list; all or none. Raises InvalidInput naming lines, NotFound."""
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    ward_id = actor.ward_id
    hold_groups(session, ward_id, [group_id])
    tokens = [identity_token(cipher, ward_id, line.head_name, line.address) for line in lines]
    refuse_twins(session, ward_id, group_id, list(zip(lines, tokens, strict=True)))
    taken = taken_numbers(session, ward_id, group_id, [line.number for line in lines if line.number])
    problems = [
        Problem("list", N_("Dòng %(line)s: số %(number)s đã có hộ khác."), {"line": x.line, "number": x.number})
        for x in lines
        if x.number in taken
    ]
    if problems or not lines:
        raise InvalidInput(problems[:10] or N_("Chọn ít nhất một hộ."))
    following = max(last_number(session, ward_id, group_id), *(line.number or 0 for line in lines))
    new: list[NewHousehold] = []
    for line in lines:
        if line.number is None:
            following += 1
        new.append(_new(group_id, line.number or following, line.head_name, line.address, clock.today()))
    return _add(session, OperationKind.REGISTER, group_id, new, [], actor=actor, cipher=cipher, clock=clock)


def merge_households(
    session: Session, command: MergeHouseholds, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Make two households of a group one. The visits of both are the kept one's; the newest counts.

    Raises NotFound, InvalidInput, WrongState, and RoundShut when a locked round counts both.
    """
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    _check_person(command.head_name, command.address)
    if command.kept_id == command.gone_id:
        raise InvalidInput(N_("Chọn hai hộ khác nhau để gộp."))
    ward_id, ids = actor.ward_id, [command.kept_id, command.gone_id]
    held = {item.household_id: item for item in hold_households(session, ward_id, ids)}
    kept, gone = held[command.kept_id], held[command.gone_id]
    _all_active([kept, gone])
    if kept.place.group_id != gone.place.group_id:
        raise WrongState(N_("Hai hộ ở hai tổ khác nhau. Chuyển về cùng một tổ rồi gộp."))
    hold_groups(session, ward_id, [kept.place.group_id])
    token = identity_token(cipher, ward_id, command.head_name, command.address)
    refuse_twins(session, ward_id, kept.place.group_id, [(None, token)], but=ids)
    off = Place(
        group_id=gone.place.group_id,
        number=gone.place.number,
        status=HouseholdStatus.VACATED,
        vacated_on=clock.today(),
    )
    person = person_of(ward_id, kept, cipher)
    renamed = person != (clean(command.head_name), clean(command.address))
    operation = Operation(
        kind=OperationKind.MERGE,
        group_id=kept.place.group_id,
        items=[
            Item(
                household_id=kept.household_id,
                part="kept",
                before=kept.place,
                after=kept.place,
                person=person if renamed else None,
                like=kept.head_name,
            ),
            Item(household_id=gone.household_id, part="gone", before=gone.place, after=off),
        ],
        visits=_visits_of(session, ward_id, gone.household_id),
    )
    with facts_follow(session, ward_id, ids):
        open_operation(session, operation, actor=actor, clock=clock)
        session.execute(
            update(Visit)
            .where(Visit.ward_id == ward_id, Visit.household_id == gone.household_id)
            .values(household_id=kept.household_id)
            .execution_options(synchronize_session=False)
        )
        put(session, ward_id, gone.household_id, off)
        if renamed:
            name(session, ward_id, kept, (command.head_name, command.address), cipher)
    return store_operation(session, operation, actor=actor, cipher=cipher, clock=clock)


def split_household(
    session: Session, command: SplitHousehold, *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Make a second household out of one; visits stay with the old. Raises NotFound, InvalidInput, WrongState."""
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    _check_person(command.head_name, command.address)
    ward_id = actor.ward_id
    held = hold_households(session, ward_id, [command.household_id])
    _all_active(held)
    group_id = held[0].place.group_id
    hold_groups(session, ward_id, [group_id])
    token = identity_token(cipher, ward_id, command.head_name, command.address)
    refuse_twins(session, ward_id, group_id, [(None, token)])
    number = last_number(session, ward_id, group_id) + 1
    new = _new(group_id, number, command.head_name, command.address, clock.today())
    stays = Item(household_id=held[0].household_id, part="kept", before=held[0].place, after=held[0].place)
    return _add(session, OperationKind.SPLIT, group_id, [new], [stays], actor=actor, cipher=cipher, clock=clock)


def move_households(
    session: Session,
    household_ids: Collection[UUID],
    group_id: UUID,
    *,
    actor: Actor,
    cipher: PersonalDataCipher,
    clock: Clock,
) -> UUID:
    """Move households to another group, behind its last number (see core.household_operations for their visits).

    Raises NotFound, InvalidInput (none chosen, or one is there already under its name) and WrongState.
    """
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    ward_id, today = actor.ward_id, clock.today()
    held = _chosen(session, ward_id, household_ids)
    _all_active(held)
    if any(item.place.group_id == group_id for item in held):
        raise InvalidInput(Problem("target", N_("Chọn một tổ khác với tổ hiện nay của hộ.")))
    hold_groups(session, ward_id, {group_id, *(item.place.group_id for item in held)})
    refuse_twins(session, ward_id, group_id, [(None, item.identity_token) for item in held])
    last = last_number(session, ward_id, group_id)
    after = {
        item.household_id: Place(group_id=group_id, number=last + place, status=HouseholdStatus.ACTIVE)
        for place, item in enumerate(sorted(held, key=lambda x: x.place.number), 1)
    }
    operation = Operation(
        kind=OperationKind.MOVE,
        group_id=held[0].place.group_id,
        items=[_item(item, "moved", after[item.household_id]) for item in held],
    )
    with facts_follow(session, ward_id, list(after)):
        operation.visits = take_visits_along(session, ward_id, list(after), group_id)
        open_operation(session, operation, actor=actor, clock=clock)
        for item in held:
            put(session, ward_id, item.household_id, after[item.household_id])
        moves = [(item.household_id, item.place.group_id, group_id, today) for item in held]
        add_moves(session, ward_id, operation.operation_id, moves)
    return store_operation(session, operation, actor=actor, cipher=cipher, clock=clock)


def vacate_households(
    session: Session, household_ids: Collection[UUID], *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Take households off the list from today on; their visits stay. Raises NotFound, InvalidInput, WrongState."""
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    held = _chosen(session, actor.ward_id, household_ids)
    _all_active(held)
    items = [
        _item(item, "off", _placed(item, status=HouseholdStatus.VACATED, vacated_on=clock.today())) for item in held
    ]
    operation = Operation(kind=OperationKind.VACATE, group_id=held[0].place.group_id, items=items)
    with facts_follow(session, actor.ward_id, [item.household_id for item in held]):
        open_operation(session, operation, actor=actor, clock=clock)
        for item in items:
            put(session, actor.ward_id, item.household_id, item.after)
    return store_operation(session, operation, actor=actor, cipher=cipher, clock=clock)


def return_households(
    session: Session, household_ids: Collection[UUID], *, actor: Actor, cipher: PersonalDataCipher, clock: Clock
) -> UUID:
    """Put households back on their group's list; the time between stays a time in which they were away.

    Raises NotFound, InvalidInput, and WrongState for one that is on the list or was merged into another.
    """
    require(actor, Permission.HOUSEHOLD_ARRANGE)
    ward_id, today = actor.ward_id, clock.today()
    held = _chosen(session, ward_id, household_ids)
    for item in held:
        if item.place.status is HouseholdStatus.ACTIVE:
            raise WrongState(LISTED, number=item.place.number)
        if survivor_of(session, ward_id, item.household_id) is not None:
            raise WrongState(MERGED, number=item.place.number)
    hold_groups(session, ward_id, {item.place.group_id for item in held})
    for item in held:
        refuse_twins(session, ward_id, item.place.group_id, [(None, item.identity_token)])
    items = [_item(item, "on", _placed(item, status=HouseholdStatus.ACTIVE, vacated_on=None)) for item in held]
    operation = Operation(kind=OperationKind.RETURN, group_id=held[0].place.group_id, items=items)
    moves: list[tuple[UUID, UUID | None, UUID | None, dt.date]] = []
    for item in held:
        moves.append((item.household_id, item.place.group_id, None, item.place.vacated_on or today))
        moves.append((item.household_id, None, item.place.group_id, today))
    with facts_follow(session, ward_id, [item.household_id for item in held]):
        open_operation(session, operation, actor=actor, clock=clock)
        for changed in items:
            put(session, ward_id, changed.household_id, changed.after)
        add_moves(session, ward_id, operation.operation_id, moves)
    return store_operation(session, operation, actor=actor, cipher=cipher, clock=clock)


def _add(
    session: Session,
    kind: OperationKind,
    group_id: UUID,
    new: list[NewHousehold],
    items: list[Item],
    *,
    actor: Actor,
    cipher: PersonalDataCipher,
    clock: Clock,
) -> UUID:
    made = [
        Item(
            household_id=one.household_id,
            part="made",
            before=None,
            after=Place(group_id=group_id, number=one.number, status=HouseholdStatus.ACTIVE),
        )
        for one in new
    ]
    operation = Operation(kind=kind, group_id=group_id, items=[*items, *made])
    with facts_follow(session, actor.ward_id, [one.household_id for one in new]):
        open_operation(session, operation, actor=actor, clock=clock)
        insert_households(session, [household_rows(actor.ward_id, one, cipher=cipher) for one in new])
    return store_operation(session, operation, actor=actor, cipher=cipher, clock=clock)


def _new(group_id: UUID, number: int, head_name: str, address: str, day: dt.date) -> NewHousehold:
    return NewHousehold(
        household_id=new_id(),
        group_id=group_id,
        number=number,
        head_name=head_name,
        address=address,
        registered_on=day,
    )


def _item(item: Held, part: str, after: Place) -> Item:
    return Item(household_id=item.household_id, part=part, before=item.place, after=after)


def _placed(item: Held, *, status: HouseholdStatus, vacated_on: dt.date | None) -> Place:
    return Place(group_id=item.place.group_id, number=item.place.number, status=status, vacated_on=vacated_on)


def _chosen(session: Session, ward_id: UUID, household_ids: Collection[UUID]) -> list[Held]:
    if not household_ids:
        raise InvalidInput(N_("Chọn ít nhất một hộ."))
    return hold_households(session, ward_id, household_ids)


def _all_active(held: Collection[Held]) -> None:
    for item in held:
        if item.place.status is not HouseholdStatus.ACTIVE:
            raise WrongState(GONE, number=item.place.number)


def _check_person(head_name: str, address: str) -> None:
    problems = []
    if not fold(head_name) or len(clean(head_name)) > NAME_MAX:
        problems.append(Problem("head_name", N_("Hãy ghi họ tên chủ hộ, dài nhất 120 chữ.")))
    if not fold(address) or len(clean(address)) > ADDRESS_MAX:
        problems.append(Problem("address", N_("Hãy ghi địa chỉ, dài nhất 200 chữ.")))
    if problems:
        raise InvalidInput(problems)


def _visits_of(session: Session, ward_id: UUID, household_id: UUID) -> list[dict[str, str]]:
    rows = session.execute(
        select(Visit.id, Visit.group_id).where(Visit.ward_id == ward_id, Visit.household_id == household_id)
    )
    return [{"visit": row.id.hex, "household": household_id.hex, "group": row.group_id.hex} for row in rows]
