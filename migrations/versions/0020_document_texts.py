"""document texts.

What people wrote when they composed a document here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLE = "document_text"


def upgrade() -> None:
    """Make the table with its policy."""
    op.create_table(
        TABLE,
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("ward_id", "document_id")),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_document_text_version_positive")),
        sa.ForeignKeyConstraint(
            ["ward_id", "document_id"],
            ["document.ward_id", "document.id"],
            name=op.f("fk_document_text_ward_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_document_text_made_by")),
        sa.PrimaryKeyConstraint("ward_id", "document_id", name=op.f("pk_document_text")),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY ward_isolation ON {TABLE} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Drop it; its policy goes with it."""
    op.drop_table(TABLE)
