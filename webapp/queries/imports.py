"""Import batches, what is known of the households a workbook names, and what an import stored."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from webapp.core.access import PERMISSION_MAP, Actor, Permission
from webapp.core.surveys import HouseholdStatus
from webapp.models.accounts import Account, RoleGrant
from webapp.models.households import Household, ImportBatch
from webapp.models.places import ResidentialGroup, Ward
from webapp.models.surveys import SurveyRound, Visit, VisitRevision

_CHUNK: Final = 900
_REMEMBER: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A workbook on its way in. `mapping` is what the person decided, `result` what came of it."""

    batch_id: UUID
    round_id: UUID | None
    round_name: str
    file_sha256: str
    filename: str
    mapping: dict[str, Any]
    row_count: int
    result: dict[str, Any]
    created_at: dt.datetime
    stored_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHousehold:
    """What tells a household on the list from another, without reading its name."""

    household_id: UUID
    group_id: UUID
    number: int
    identity_token: bytes
    is_active: bool


def _batches() -> Select[*tuple[Any, ...]]:
    return select(
        ImportBatch.id,
        ImportBatch.round_id,
        SurveyRound.name.label("round_name"),
        ImportBatch.file_sha256,
        ImportBatch.filename,
        ImportBatch.mapping,
        ImportBatch.row_count,
        ImportBatch.result,
        ImportBatch.created_at,
        ImportBatch.stored_at,
    ).outerjoin(SurveyRound, (SurveyRound.ward_id == ImportBatch.ward_id) & (SurveyRound.id == ImportBatch.round_id))


def _batch(row: Row[*tuple[Any, ...]]) -> BatchRow:
    return BatchRow(
        batch_id=row.id,
        round_id=row.round_id,
        round_name=row.round_name or "",
        file_sha256=row.file_sha256,
        filename=row.filename,
        mapping=row.mapping,
        row_count=row.row_count,
        result=row.result,
        created_at=row.created_at,
        stored_at=row.stored_at,
    )


def get_batch(session: Session, ward_id: UUID, batch_id: UUID) -> BatchRow | None:
    """Find a batch of the ward. One statement."""
    row = session.execute(_batches().where(ImportBatch.ward_id == ward_id, ImportBatch.id == batch_id)).one_or_none()
    return None if row is None else _batch(row)


def recent_batches(session: Session, ward_id: UUID, *, most: int = 20) -> list[BatchRow]:
    """Give the newest batches of the ward. One statement."""
    rows = session.execute(
        _batches().where(ImportBatch.ward_id == ward_id).order_by(ImportBatch.created_at.desc()).limit(most)
    )
    return [_batch(row) for row in rows]


def remembered_columns(session: Session, ward_id: UUID, keys: Sequence[str]) -> dict[str, str]:
    """Give the mapping that the ward last used for the same headings; {} when there is none. One statement."""
    rows = session.scalars(
        select(ImportBatch.mapping)
        .where(ImportBatch.ward_id == ward_id, ImportBatch.stored_at.is_not(None))
        .order_by(ImportBatch.created_at.desc())
        .limit(_REMEMBER)
    )
    wanted = {key for key in keys if key}
    for mapping in rows:
        if set(mapping.get("headings", ())) == wanted:
            return {key: value for key, value in mapping["columns"].items() if key in wanted}
    return {}


def group_names(session: Session, ward_id: UUID) -> dict[UUID, tuple[str, str]]:
    """Give the ward's active groups: id → (code, name), in their order. One statement."""
    rows = session.execute(
        select(ResidentialGroup.id, ResidentialGroup.code, ResidentialGroup.name)
        .where(ResidentialGroup.ward_id == ward_id, ResidentialGroup.is_active)
        .order_by(ResidentialGroup.sort_key, ResidentialGroup.code)
    )
    return {row.id: (row.code, row.name) for row in rows}


def known_households(session: Session, ward_id: UUID, group_ids: Collection[UUID]) -> list[KnownHousehold]:
    """Give the households of some groups, without decrypting any. One statement."""
    rows = session.execute(
        select(Household.id, Household.group_id, Household.number, Household.identity_token, Household.status).where(
            Household.ward_id == ward_id, Household.group_id.in_(group_ids)
        )
    )
    return [
        KnownHousehold(
            household_id=row.id,
            group_id=row.group_id,
            number=row.number,
            identity_token=row.identity_token,
            is_active=row.status is HouseholdStatus.ACTIVE,
        )
        for row in rows
    ]


def visited_households(session: Session, ward_id: UUID, round_id: UUID, group_ids: Collection[UUID]) -> set[UUID]:
    """Give the households of some groups that have a visit in the round, whatever its state. One statement."""
    return set(
        session.scalars(
            select(Visit.household_id).where(
                Visit.ward_id == ward_id, Visit.round_id == round_id, Visit.group_id.in_(group_ids)
            )
        )
    )


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """What stands in the database of one imported visit."""

    totals: dict[str, int]
    rest: dict[str, int | None]


def read_back(session: Session, ward_id: UUID, visit_ids: Sequence[UUID]) -> Iterator[StoredAnswers]:
    """Read first revisions as they were stored, for the reconciliation. One statement a few hundred visits."""
    for start in range(0, len(visit_ids), _CHUNK):
        rows = session.execute(
            select(VisitRevision.answers, VisitRevision.iot_connections, VisitRevision.payment_accounts).where(
                VisitRevision.ward_id == ward_id,
                VisitRevision.visit_id.in_(visit_ids[start : start + _CHUNK]),
                VisitRevision.number == 1,
            )
        )
        for row in rows:
            rest = {
                "iot_connections": row.iot_connections,
                "payment_accounts": row.payment_accounts,
                "residents_15plus": row.answers.get("residents_15plus"),
            }
            yield StoredAnswers(row.answers.get("totals") or {}, rest)


def importers(session: Session, ward_code: str = "") -> list[str]:
    """Give the user names that may import, in one ward or in all: a script may leave the name out when there is one."""
    roles = sorted(role for role, allowed in PERMISSION_MAP.items() if Permission.HOUSEHOLD_IMPORT in allowed)
    return list(
        session.scalars(
            select(Account.username)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .join(Ward, Ward.id == RoleGrant.ward_id)
            .where(
                RoleGrant.role.in_(roles),
                RoleGrant.revoked_at.is_(None),
                Account.disabled_at.is_(None),
                *([Ward.code == ward_code, Ward.valid_to.is_(None)] if ward_code else []),
            )
            .distinct()
            .order_by(Account.username)
        )
    )


def find_actor(session: Session, username: str, ward_code: str = "") -> Actor | None:
    """Find a person by user name, for the command line; the ward's code may be left out by those who have one ward."""
    found = session.execute(
        select(Account.id, RoleGrant.ward_id, RoleGrant.role, RoleGrant.group_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(Ward, Ward.id == RoleGrant.ward_id)
        .where(
            Account.username == username,
            Account.disabled_at.is_(None),
            RoleGrant.revoked_at.is_(None),
            *([Ward.code == ward_code, Ward.valid_to.is_(None)] if ward_code else []),
        )
    ).all()
    if len({row.ward_id for row in found}) != 1:
        return None
    return Actor(
        account_id=found[0].id,
        ward_id=found[0].ward_id,
        roles=frozenset(row.role for row in found),
        group_ids=frozenset(row.group_id for row in found if row.group_id),
        address="cli",
    )
