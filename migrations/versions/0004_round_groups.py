"""Groups of rounds: their state may run ahead of the round's.

A group that has finished is closed or locked for itself while others still work.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("round_group",)


def upgrade() -> None:
    """Add the table and, on PostgreSQL, its policy (schema rule 6)."""
    op.create_table(
        "round_group",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "open",
                "closed",
                "locked",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status <> 'planned'", name=op.f("ck_round_group_begun")),
        sa.ForeignKeyConstraint(
            ["ward_id", "group_id"],
            ["residential_group.ward_id", "residential_group.id"],
            name=op.f("fk_round_group_ward_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "round_id"],
            ["survey_round.ward_id", "survey_round.id"],
            name=op.f("fk_round_group_ward_id_round_id"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_round_group_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "round_id", "group_id", name=op.f("pk_round_group")),
        info={"scope": "tenant"},
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Drop it; its policy goes with it."""
    op.drop_table("round_group")
