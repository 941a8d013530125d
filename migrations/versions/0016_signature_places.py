"""signature places.

Where on a page a signer's picture stands, chosen by the author or the signer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "signature_place"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("ward_id", "document_id", "signer_id")),
        sa.Column("page", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("x", "y", "width", "height")),
        sa.Column("uploaded_sha256", sa.String(64), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "document_id"],
            ["document.ward_id", "document.id"],
            name=op.f("fk_signature_place_ward_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["signer_id"], ["account.id"], name=op.f("fk_signature_place_signer_id")),
        sa.ForeignKeyConstraint(["chosen_by"], ["account.id"], name=op.f("fk_signature_place_chosen_by")),
        sa.CheckConstraint("page >= 0", name=op.f("ck_signature_place_page_counted")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_signature_place_has_size")),
        sa.PrimaryKeyConstraint("ward_id", "document_id", "signer_id", name=op.f("pk_signature_place")),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY ward_isolation ON {TABLE} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Drop it; its policy goes with it."""
    op.drop_table(TABLE)
