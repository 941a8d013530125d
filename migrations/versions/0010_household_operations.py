"""household operations.

Work on many households at once, with what is needed to take it back, and the moves between groups that facts read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("household_operation", "household_operation_item", "household_move")
KINDS = ("register", "merge", "split", "move", "vacate", "return")


def upgrade() -> None:
    """Add the three tables and their policies."""
    op.create_table(
        "household_operation",
        sa.Column(
            "kind", sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=False, length=40), nullable=False
        ),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=False),
        sa.Column("visits", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("household_count > 0", name=op.f("ck_household_operation_of_something")),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_household_operation_kind")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_household_operation_ward_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "group_id"],
            ["residential_group.ward_id", "residential_group.id"],
            name=op.f("fk_household_operation_ward_id_group_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_household_operation")),
    )
    op.create_index(op.f("ix_household_operation_ward_id_made_at"), "household_operation", ["ward_id", "made_at"])
    op.create_table(
        "household_operation_item",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_household_operation_item_ward_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "operation_id"],
            ["household_operation.ward_id", "household_operation.id"],
            name=op.f("fk_household_operation_item_ward_id_operation_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "operation_id", "household_id", name=op.f("pk_household_operation_item")),
    )
    op.create_index(
        op.f("ix_household_operation_item_ward_id_household_id"),
        "household_operation_item",
        ["ward_id", "household_id"],
    )
    _moves()
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def _moves() -> None:
    op.create_table(
        "household_move",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("from_group_id", sa.Uuid(), nullable=True),
        sa.Column("to_group_id", sa.Uuid(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "from_group_id IS NOT NULL OR to_group_id IS NOT NULL", name=op.f("ck_household_move_somewhere")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_household_move_ward_id")),
        *(
            sa.ForeignKeyConstraint(
                ["ward_id", column],
                [f"{target}.ward_id", f"{target}.id"],
                name=op.f(f"fk_household_move_ward_id_{column}"),
            )
            for column, target in (
                ("household_id", "household"),
                ("operation_id", "household_operation"),
                ("from_group_id", "residential_group"),
                ("to_group_id", "residential_group"),
            )
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_household_move")),
    )
    op.create_index(op.f("ix_household_move_ward_id_household_id"), "household_move", ["ward_id", "household_id"])


def downgrade() -> None:
    """Take them away: what was done stays done, but the day of a move between groups is forgotten."""
    for table in reversed(TABLES):
        op.drop_table(table)
