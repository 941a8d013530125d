"""Which stored files any row of the installation names: what the nightly sweep must leave alone."""

from typing import Final
from uuid import UUID

from sqlalchemy import Column, String, select
from sqlalchemy.orm import Session

from webapp.models.base import Base
from webapp.models.places import Ward

NOT_FILES: Final = frozenset(
    {
        "device.token_sha256",
        "device_code.code_sha256",
        "login_session.token_sha256",
        "recovery_code.code_sha256",
        "visit_revision.sha256",
        "document_attachment.signature_sha256",
        "signature_ledger.signature_sha256",
        "signing_step.signature_sha256",
    }
)
"""Hashes of other things. Every other column called `…sha256` counts as the name of a file: a new one is safe."""


def every_ward(session: Session) -> list[UUID]:
    """Give all wards, merged ones too: their files stay."""
    return list(session.scalars(select(Ward.id).order_by(Ward.id)))


def names_in_ward(session: Session, ward_id: UUID) -> set[str]:
    """Give the files that rows of a ward name. A statement for each column."""
    found: set[str] = set()
    for column in file_columns():
        owner = column.table.c.get("ward_id")
        wanted = select(column).where(column.is_not(None))
        found.update(session.scalars(wanted if owner is None else wanted.where(owner == ward_id)))
    return found


def file_columns() -> list[Column[str]]:
    """Give the columns that name files."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("sha256")
        and isinstance(column.type, String)
        and f"{table.name}.{column.name}" not in NOT_FILES
    ]
