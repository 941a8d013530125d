"""The seven schema rules (models/README.md), asked of the metadata and of the session."""

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlalchemy import Integer, Table, UniqueConstraint
from sqlalchemy.orm import Session, sessionmaker

from tests.world import World
from webapp.core.ids import new_id
from webapp.models import Base
from webapp.models.places import ResidentialGroup, Ward

TABLES = list(Base.metadata.tables.values())
TENANT = [table for table in TABLES if table.info.get("scope") == "tenant"]
NAMES = {table.name: table for table in TABLES}


def _columns(names) -> list[str]:
    return [column.name for column in names]


def test_every_table_says_its_scope() -> None:
    assert {table.info.get("scope") for table in TABLES} == {"tenant", "reference", "global"}


@pytest.mark.parametrize("table", TENANT, ids=lambda table: table.name)
def test_rule_1_keys_start_with_the_ward_and_no_sequence_makes_them(table: Table) -> None:
    key = list(table.primary_key.columns)
    assert key[0].name == "ward_id"
    assert all(column.autoincrement in {False, "auto"} and column.server_default is None for column in key)
    assert len(key) > 1, "one row a ward is a setting, not a table"
    lone_integer = len(key) == 1 and isinstance(key[0].type, Integer)
    assert not lone_integer


@pytest.mark.parametrize("table", TENANT, ids=lambda table: table.name)
def test_rule_2_foreign_keys_uniques_and_indexes_start_with_the_ward(table: Table) -> None:
    for constraint in table.foreign_key_constraints:
        target = NAMES[constraint.referred_table.name]
        if target.info["scope"] == "tenant":
            assert _columns(constraint.columns)[0] == "ward_id", constraint.name
            assert constraint.elements[0].column.name == "ward_id", constraint.name
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert _columns(constraint.columns)[0] == "ward_id", constraint.name
    for index in table.indexes:
        # Log-in asks for a person's grants before the ward is chosen.
        assert _columns(index.columns)[0] == "ward_id" or index.info.get("login"), index.name


@pytest.mark.parametrize("table", [t for t in TABLES if t not in TENANT], ids=lambda table: table.name)
def test_rule_3_catalogues_and_global_tables_never_point_at_tenant_tables(table: Table) -> None:
    targets = {constraint.referred_table.name for constraint in table.foreign_key_constraints}
    assert not {name for name in targets if NAMES[name].info["scope"] == "tenant"}


@pytest.mark.parametrize("table", TENANT, ids=lambda table: table.name)
def test_rule_4_the_ward_of_a_row_never_changes(table: Table) -> None:
    assert table.c.ward_id.nullable is False
    assert all(constraint.onupdate is None for constraint in table.foreign_key_constraints)


def test_rule_5_one_transaction_writes_one_ward(sessions: sessionmaker[Session], world: World) -> None:
    with sessions() as session:
        other = Ward(
            code="99002",
            valid_from=dt.date(2025, 7, 1),
            name="phường Khác",
            province_code="99",
            province_name="tỉnh",
            agency_name="UBND phường Khác",
            place_name="P. Khác",
        )
        session.add(other)
        session.flush()
        session.add(ResidentialGroup(ward_id=other.id, id=new_id(), code="01", name="Tổ 1", sort_key=1))
        session.add(ResidentialGroup(ward_id=world.ward_id, id=new_id(), code="09", name="Tổ 9", sort_key=9))
        with pytest.raises(RuntimeError, match="one ward"):
            session.flush()


def test_rule_6_every_tenant_table_has_its_row_level_policy() -> None:
    """What the policies do is shown on PostgreSQL in tests/migrations."""
    text = "\n".join(path.read_text() for path in Path("migrations/versions").glob("*.py"))
    guarded = set(re.findall(r'"(\w+)"', text[text.index("TABLES = (") :]))
    assert {table.name for table in TENANT} <= guarded


def test_rule_7_accounts_are_global_and_membership_is_by_ward() -> None:
    assert NAMES["account"].info["scope"] == NAMES["login_session"].info["scope"] == "global"
    assert NAMES["role_grant"].info["scope"] == "tenant"
    assert {"ward_id", "account_id", "role"} <= set(NAMES["role_grant"].columns.keys())
