"""ledger checks.

When each stored file was last read, and what the nightly comparison of files and signature ledger found.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATES = ("whole", "missing", "altered")
KINDS = (
    "chain_broken",
    "file_missing",
    "file_altered",
    "file_unreadable",
    "signature_unknown",
    "signature_missing",
    "revision_altered",
)
TABLES = ("file_check", "ledger_check", "ledger_finding")


def _choice(name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=40)
    return sa.Column(name, kind, nullable=False)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Make the tables with their policies."""
    op.create_table(
        "file_check",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        _choice("state", STATES),
        sa.Column("signatures", sa.JSON(), nullable=True),
        _moment("checked_at"),
        sa.CheckConstraint(one_of("state", STATES), name=op.f("ck_file_check_state")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_file_check_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "sha256", name=op.f("pk_file_check")),
    )
    op.create_table(
        "ledger_check",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("started_at"),
        _moment("finished_at"),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("files", "signatures", "rows", "findings")
        ),
        sa.Column("head_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_ledger_check_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_ledger_check")),
    )
    op.create_index(op.f("ix_ledger_check_ward_id_finished_at"), "ledger_check", ["ward_id", "finished_at"])
    op.create_table(
        "ledger_finding",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _choice("kind", KINDS),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(one_of("kind", KINDS), name=op.f("ck_ledger_finding_kind")),
        sa.ForeignKeyConstraint(
            ["ward_id", "check_id"],
            ["ledger_check.ward_id", "ledger_check.id"],
            name=op.f("fk_ledger_finding_ward_id_check_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "check_id", "number", name=op.f("pk_ledger_finding")),
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Forget what was found; the next night finds it again."""
    for table in reversed(TABLES):
        op.drop_table(table)
