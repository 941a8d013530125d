"""confirmed legal bases and the register of residents' requests."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("personal_data_basis", "subject_request")


def _stored(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add the tables and, on PostgreSQL, their policies (schema rule 6)."""
    op.create_table(
        "personal_data_basis",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column(
            "field_code",
            _stored(
                "field_code",
                "head_name",
                "address",
                "answers",
                "note",
                "account",
                "traces",
                "device",
                "signature",
                "request",
            ),
            nullable=False,
        ),
        sa.Column("basis", sa.String(length=500), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_personal_data_basis_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "field_code", name=op.f("pk_personal_data_basis")),
    )
    op.create_table(
        "subject_request",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _stored("kind", "view", "correct", "supply", "withdraw", "restrict", "object", "delete", "protect"),
            nullable=False,
        ),
        sa.Column("status", _stored("status", "received", "answered", "done", "refused"), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("requester", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extension_reason", sa.String(length=500), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=1000), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_subject_request_number_positive")),
        sa.CheckConstraint("due_on >= received_on", name=op.f("ck_subject_request_due_after_receipt")),
        sa.ForeignKeyConstraint(
            ["ward_id", "household_id"],
            ["household.ward_id", "household.id"],
            name=op.f("fk_subject_request_ward_id_household_id"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_subject_request_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_subject_request")),
        sa.UniqueConstraint("ward_id", "year", "number", name=op.f("uq_subject_request_ward_id_year_number")),
    )
    op.create_index(
        op.f("ix_subject_request_ward_id_status_due_on"), "subject_request", ["ward_id", "status", "due_on"]
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Forget them."""
    for table in reversed(TABLES):
        op.drop_table(table)
