"""Rows of a household as plain dicts for Core inserts: registering, a workbook and the demo write the same ones."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from webapp.core.ports import PersonalDataCipher
from webapp.core.surveys import HouseholdStatus
from webapp.core.text import clean, fold, fold_words
from webapp.models.households import Household, HouseholdToken

HOUSEHOLD = cast("Table", Household.__table__)
TOKEN = cast("Table", HouseholdToken.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHousehold:
    """A household for the list of a group; name and address as typed."""

    household_id: UUID
    group_id: UUID
    number: int
    head_name: str
    address: str
    registered_on: dt.date
    status: HouseholdStatus = HouseholdStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRows:
    """One household ready to be stored, with its search tokens."""

    household: dict[str, Any]
    tokens: list[dict[str, Any]]


def identity_token(cipher: PersonalDataCipher, ward_id: UUID, head_name: str, address: str) -> bytes:
    """Give the keyed index by which the same household is found again, however marks and capitals were typed."""
    return cipher.token(ward_id, f"{fold(head_name)}|{fold(address)}")


def token_rows(cipher: PersonalDataCipher, ward_id: UUID, household_id: UUID, text: str) -> list[dict[str, Any]]:
    """Build one row a distinct folded word. Two words may share a token: the key is the token."""
    tokens = dict.fromkeys(cipher.token(ward_id, word) for word in fold_words(text))
    return [{"ward_id": ward_id, "token": token, "household_id": household_id} for token in tokens]


def household_rows(ward_id: UUID, new: NewHousehold, *, cipher: PersonalDataCipher) -> HouseholdRows:
    """Build the rows of one household: what registering, a workbook and the demo store."""
    name, address = clean(new.head_name), clean(new.address)
    head_name = cipher.encrypt(ward_id, name)
    household = {
        "ward_id": ward_id,
        "id": new.household_id,
        "group_id": new.group_id,
        "number": new.number,
        "head_name": head_name,
        "address": cipher.encrypt(ward_id, address, like=head_name),
        "identity_token": identity_token(cipher, ward_id, name, address),
        "status": new.status,
        "registered_on": new.registered_on,
        "vacated_on": None,
    }
    return HouseholdRows(household=household, tokens=token_rows(cipher, ward_id, new.household_id, f"{name} {address}"))


def insert_households(session: Session, rows: Iterable[HouseholdRows]) -> None:
    """Store many households in two statements; facts and audit are the caller's."""
    batch = list(rows)
    # In the order of the index: a database writes each of its pages once instead of many times.
    tokens = sorted((token for row in batch for token in row.tokens), key=itemgetter("token"))
    if batch:
        session.execute(insert(HOUSEHOLD), [row.household for row in batch])
    if tokens:
        session.execute(insert(TOKEN), tokens)
