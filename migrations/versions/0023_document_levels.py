"""document levels.

The level of signatures that a ward chose for a type of document.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

LEVELS = ("b-b", "b-t", "b-lt", "b-lta")


def upgrade() -> None:
    """Make the table with its policy."""
    level = sa.Enum(*LEVELS, name="level", native_enum=False, create_constraint=False, length=40)
    op.create_table(
        "document_level",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("type_code", sa.String(length=20), nullable=False),
        sa.Column("level", level, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(one_of("level", LEVELS), name=op.f("ck_document_level_level")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_document_level_ward_id")),
        sa.ForeignKeyConstraint(["type_code"], ["document_type.code"], name=op.f("fk_document_level_type_code")),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_document_level_changed_by")),
        sa.PrimaryKeyConstraint("ward_id", "type_code", name=op.f("pk_document_level")),
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        op.execute("ALTER TABLE document_level ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON document_level USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Forget the choices: every type is signed at the default again."""
    op.drop_table("document_level")
