"""extra questions of a round, and their answers.

Versions of the questions never change; a revision keeps its answers and the number of the version that asked them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("extra_form",)


def upgrade() -> None:
    """Add the table and the two columns."""
    op.create_table(
        "extra_form",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("draft", "active", "retired", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_extra_form_number_from_one")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_extra_form_ward_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "round_id"],
            ["survey_round.ward_id", "survey_round.id"],
            name=op.f("fk_extra_form_ward_id_round_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_extra_form")),
        sa.UniqueConstraint("ward_id", "round_id", "number", name=op.f("uq_extra_form_ward_id_round_id_number")),
    )
    op.create_index(
        "uq_extra_form_active",
        "extra_form",
        ["ward_id", "round_id"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.add_column("visit_revision", sa.Column("extra", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("visit_revision", sa.Column("extra_form", sa.Integer(), nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Forget questions and answers."""
    for name in ("extra_form", "extra"):
        op.drop_column("visit_revision", name)
    op.drop_table("extra_form")
