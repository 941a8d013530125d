"""document sources.

Word files that were brought for documents, and what became of them.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE = "document_source"
STATES = ("converting", "converted", "failed", "set_aside")


def upgrade() -> None:
    """Make the table with its policy."""
    op.create_table(
        TABLE,
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("ward_id", "document_id")),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=False, length=40),
            nullable=False,
        ),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(one_of("state", STATES), name=op.f("ck_document_source_state")),
        sa.CheckConstraint(
            "(state = 'converted') = (version IS NOT NULL)", name=op.f("ck_document_source_converted_has_version")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "document_id"],
            ["document.ward_id", "document.id"],
            name=op.f("fk_document_source_ward_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_document_source_added_by")),
        sa.PrimaryKeyConstraint("ward_id", "document_id", "number", name=op.f("pk_document_source")),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY ward_isolation ON {TABLE} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Drop it; its policy goes with it."""
    op.drop_table(TABLE)
