"""Finding households by name, address or number, without marks and without reading the whole ward."""

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import fold, fold_words
from webapp.models.households import Household, HouseholdToken
from webapp.queries.households import HouseholdList, HouseholdRow, household_row, households, with_visits

SEARCH_MOST: Final = 40


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
    rows = session.execute(
        households()
        .where(Household.ward_id == ward_id, Household.group_id == group_id, Household.status == HouseholdStatus.ACTIVE)
        .order_by(Household.number)
    )
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
        households()
        .join(
            HouseholdToken,
            and_(HouseholdToken.ward_id == Household.ward_id, HouseholdToken.household_id == Household.id),
        )
        .where(HouseholdToken.ward_id == ward_id, HouseholdToken.token == tokens[0])
        .where(Household.status == HouseholdStatus.ACTIVE)
        .where(*(_has_token(token) for token in tokens[1:]))
        .limit(SEARCH_MOST + 1)
    )
    rows = [household_row(row, ward_id, cipher) for row in session.execute(wanted)]
    rows.sort(key=lambda row: (row.group_name, row.number))
    return HouseholdList(
        items=with_visits(session, ward_id, rows[:SEARCH_MOST], round_id), more=len(rows) > SEARCH_MOST
    )


def _has_token(token: bytes) -> ColumnElement[bool]:
    other = aliased(HouseholdToken)
    return (
        select(other.household_id)
        .where(other.ward_id == Household.ward_id, other.token == token, other.household_id == Household.id)
        .correlate(Household)
        .exists()
    )
