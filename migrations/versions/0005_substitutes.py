"""Substitutes of heads, households assigned to one of a group's heads, and the field a returned visit is about."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("household_assignment",)


def upgrade() -> None:
    """Add the span of a grant, the table of assignments with its policy, and the field."""
    for name in ("starts_at", "ends_at"):
        op.add_column("role_grant", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("visit", sa.Column("return_field", sa.String(length=40), nullable=False, server_default=""))
    op.create_table(
        "household_assignment",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_household_assignment_account_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "group_id"],
            ["residential_group.ward_id", "residential_group.id"],
            name=op.f("fk_household_assignment_ward_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "household_id"],
            ["household.ward_id", "household.id"],
            name=op.f("fk_household_assignment_ward_id_household_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "household_id", name=op.f("pk_household_assignment")),
        info={"scope": "tenant"},
    )
    op.create_index(
        op.f("ix_household_assignment_ward_id_group_id_account_id_household_id"),
        "household_assignment",
        ["ward_id", "group_id", "account_id", "household_id"],
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Drop them; a substitute's grant would last for ever without its span, so it is taken back."""
    op.drop_table("household_assignment")
    op.drop_column("visit", "return_field")
    op.execute("UPDATE role_grant SET revoked_at = CURRENT_TIMESTAMP WHERE ends_at IS NOT NULL AND revoked_at IS NULL")
    for name in ("ends_at", "starts_at"):
        op.drop_column("role_grant", name)
