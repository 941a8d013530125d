"""Finding households by name, address or number, without marks and without reading the whole ward."""

from typing import Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, select
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import fold, fold_words
from webapp.models.households import Household, HouseholdToken
from webapp.queries.households import HOUSEHOLDS, OF_GROUP, HouseholdList, HouseholdRow, household_row, with_visits

SEARCH_MOST: Final = 40
_HOUSEHOLD: Final = cast("Table", Household.__table__)
_TOKEN: Final = cast("Table", HouseholdToken.__table__)


def search_group(
    session: Session,
    ward_id: UUID,
    group_id: UUID,
    *,
    text: str,
    round_id: UUID | None,
    cipher: PersonalDataCipher,
) -> HouseholdList:
    """Find households of one group by parts of name, address or number, without marks. Decrypts the group.

    Every word must begin a word of the household ("dinh an" finds "Trần Đình Ấn"). Two statements.
    """
    words = fold_words(text)
    rows = session.execute(OF_GROUP, {"ward": ward_id, "group": group_id})
    found: list[HouseholdRow] = []
    for row in rows if words else ():
        household = household_row(row, ward_id, cipher)
        haystack = f" {household.number} {fold(household.head_name)} {fold(household.address)}"
        if all(f" {word}" in haystack for word in words):
            found.append(household)
    return HouseholdList(
        items=with_visits(session, ward_id, found[:SEARCH_MOST], round_id), more=len(found) > SEARCH_MOST
    )


def search_ward(
    session: Session, ward_id: UUID, *, text: str, round_id: UUID | None, cipher: PersonalDataCipher
) -> HouseholdList:
    """Find households of the whole ward by whole words of name and address, through their keyed tokens.

    The longest word is looked up first: it is the rarest as a rule. Two statements.
    """
    words = sorted(fold_words(text), key=len, reverse=True)
    if not words:
        return HouseholdList(items=[], more=False)
    tokens = [cipher.token(ward_id, word) for word in words]
    wanted = (
        HOUSEHOLDS.join(
            _TOKEN, and_(_TOKEN.c.ward_id == _HOUSEHOLD.c.ward_id, _TOKEN.c.household_id == _HOUSEHOLD.c.id)
        )
        .where(_TOKEN.c.token == tokens[0], _HOUSEHOLD.c.status == HouseholdStatus.ACTIVE)
        .where(*(_has_token(token) for token in tokens[1:]))
        .limit(SEARCH_MOST + 1)
    )
    rows = [household_row(row, ward_id, cipher) for row in session.execute(wanted, {"ward": ward_id})]
    rows.sort(key=lambda row: (row.group_name, row.number))
    return HouseholdList(
        items=with_visits(session, ward_id, rows[:SEARCH_MOST], round_id), more=len(rows) > SEARCH_MOST
    )


def _has_token(token: bytes) -> ColumnElement[bool]:
    other = _TOKEN.alias()
    return (
        select(other.c.household_id)
        .where(
            other.c.ward_id == _HOUSEHOLD.c.ward_id,
            other.c.token == token,
            other.c.household_id == _HOUSEHOLD.c.id,
        )
        .exists()
    )
