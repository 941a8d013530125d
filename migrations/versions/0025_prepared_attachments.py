"""prepared attachments.

Separate attachments that are prepared with their document for a key elsewhere, each with its own raw signature.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its policy."""
    op.create_table(
        "prepared_attachment",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("prepared_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ward_id", "prepared_id"],
            ["prepared_signing.ward_id", "prepared_signing.id"],
            name=op.f("fk_prepared_attachment_ward_id_prepared_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "prepared_id", "number", name=op.f("pk_prepared_attachment")),
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        op.execute("ALTER TABLE prepared_attachment ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON prepared_attachment USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Drop it; what waits with attachments is begun anew."""
    op.execute(
        "UPDATE prepared_signing SET state = 'failed', next_try_at = NULL, problem = 'downgraded' "
        "WHERE state IN ('prepared', 'signed') AND EXISTS (SELECT 1 FROM prepared_attachment AS part "
        "WHERE part.ward_id = prepared_signing.ward_id AND part.prepared_id = prepared_signing.id)"
    )
    op.drop_table("prepared_attachment")
