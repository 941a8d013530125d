"""preservation.

How long each published file will verify, archived versions of documents, and archived files of attachments.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of, replace_check

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STATES = ("kept", "due", "failing", "unfit")
VERSIONS = ("uploaded", "prepared", "initialled", "signed", "numbered", "sealed")


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the table with its policy, and let versions be archived."""
    replace_check("document_version", "ck_document_version_kind", one_of("kind", (*VERSIONS, "archived")))
    op.add_column("document_attachment", sa.Column("archived_sha256", sa.String(length=64), nullable=True))
    state = sa.Enum(*STATES, name="state", native_enum=False, create_constraint=False, length=40)
    op.create_table(
        "preservation",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        _moment("holds_until"),
        _moment("due_at"),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("reason_vi", sa.String(length=300), nullable=False),
        sa.Column("reason_en", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("checked_at", nullable=False),
        _moment("archived_at"),
        sa.CheckConstraint(one_of("state", STATES), name=op.f("ck_preservation_state")),
        sa.CheckConstraint("part >= 0", name=op.f("ck_preservation_part_not_negative")),
        sa.ForeignKeyConstraint(
            ["ward_id", "document_id"],
            ["document.ward_id", "document.id"],
            name=op.f("fk_preservation_ward_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "document_id", "part", name=op.f("pk_preservation")),
    )
    op.create_index(op.f("ix_preservation_ward_id_state_due_at"), "preservation", ["ward_id", "state", "due_at"])
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        op.execute("ALTER TABLE preservation ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON preservation USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Go back to the files as they were published; the next upgrade archives them again."""
    op.drop_table("preservation")
    op.drop_column("document_attachment", "archived_sha256")
    before = (
        "SELECT max(earlier.number) FROM document_version AS earlier WHERE earlier.ward_id = document.ward_id "
        "AND earlier.document_id = document.id AND earlier.kind <> 'archived'"
    )
    op.execute(
        f"UPDATE document SET version = ({before}) WHERE EXISTS (SELECT 1 FROM document_version AS archived "
        "WHERE archived.ward_id = document.ward_id AND archived.document_id = document.id "
        "AND archived.kind = 'archived')"
    )
    op.execute("DELETE FROM document_version WHERE kind = 'archived'")
    replace_check("document_version", "ck_document_version_kind", one_of("kind", VERSIONS))
