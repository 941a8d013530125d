"""The numbered series of migrations on both databases."""

import ast
import datetime as dt
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Enum, create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from tests.fakes import FixedClock
from tests.world import World
from webapp.core.access import Role
from webapp.models import Base, schema
from webapp.models.base import UtcDateTime
from webapp.models.database import make_sessions
from webapp.models.households import Household
from webapp.models.places import ResidentialGroup, Ward
from webapp.queries.accounts import find_session

COUNT = text("SELECT count(*) FROM residential_group")
VERSIONS = sorted(Path(schema.__file__).parents[2].glob("migrations/versions/*.py"))


def test_head_equals_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": lambda _c, _i, _m, _t, ours: None if not isinstance(ours, UtcDateTime) else False},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_numbers_have_no_gap_and_one_head() -> None:
    numbers = [int(re.match(r"(\d{4})_", path.name).group(1)) for path in VERSIONS]  # type: ignore[union-attr]
    assert numbers == list(range(1, len(VERSIONS) + 1))
    assert schema.head_revision() == f"{numbers[-1]:04d}"


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_ours(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in names if name.split(".")[0] in {"webapp", "signing", "seeds", "tests"}}


def test_down_and_up_again_with_data(engine: Engine, world: World, sessions: sessionmaker[Session]) -> None:
    """The newest step back and forth keeps every row; all the way down empties the schema, and up again works."""
    schema.downgrade(engine, "-1")
    schema.upgrade(engine)
    with sessions() as session:
        assert session.scalar(select(Ward.name)) == "phường Thử Nghiệm"
        assert len(session.scalars(select(Household.id)).all()) == 6
    schema.downgrade(engine, "base")
    assert schema.current_revision(engine) is None
    schema.upgrade(engine)
    assert schema.current_revision(engine) == schema.head_revision()
    with sessions() as session:
        assert session.scalars(select(Ward)).all() == []


def test_postgresql_shows_a_role_only_the_rows_of_its_ward(
    postgres_url: str, sessions: sessionmaker[Session], world: World, database_url: str, clock: FixedClock
) -> None:
    """Schema rule 6: a role that does not own the tables sees one ward, and nothing when none is named."""
    if not database_url.startswith("postgresql"):
        assert make_url(database_url).get_backend_name() == "sqlite"  # no row-level security there: nothing to hold
        return
    with sessions.begin() as session:
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
        session.add(ResidentialGroup(ward_id=other.id, code="01", name="Tổ 1", sort_key=1))
    owner = create_engine(postgres_url)
    role = f"phs_app_{abs(hash(postgres_url)) % 10**8}"
    with owner.begin() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {role}"))
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
    token = world.open_session(sessions, Role.GROUP_HEAD, clock.now(), dt.timedelta(hours=1))
    app = create_engine(make_url(postgres_url).set(username=role))
    try:
        with make_sessions(app)() as session:
            found = find_session(session, token, now=clock.now(), idle_minutes=60)
            assert found is not None
            assert (found.roles, session.scalar(COUNT)) == (frozenset({Role.GROUP_HEAD}), 2)  # log-in names the ward
            session.commit()
            assert session.scalar(COUNT) == 2  # and so does every further transaction
        with app.begin() as connection:
            assert connection.scalar(COUNT) == 0
            connection.execute(text("SELECT set_config('app.ward_id', :w, true)"), {"w": str(world.ward_id)})
            assert connection.scalar(COUNT) == 2
    finally:
        app.dispose()
        with owner.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        owner.dispose()


def test_every_enum_is_allowed_by_its_check(engine: Engine) -> None:
    """Members are added in models; a migration that forgets the CHECK would refuse them only in use."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            sql = "SELECT name AS place, sql AS body FROM sqlite_master WHERE type = 'table'"
        else:
            sql = "SELECT conrelid::regclass::text AS place, pg_get_constraintdef(oid) AS body FROM pg_constraint"
        definitions: dict[str, str] = {}
        for row in connection.execute(text(sql)):
            definitions[row.place] = definitions.get(row.place, "") + row.body
    forgotten = [
        f"{table.name}.{column.name}: {value}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
        for value in column.type.enums
        if f"'{value}'" not in definitions[table.name]
    ]
    assert forgotten == []
