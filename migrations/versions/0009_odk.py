"""forms that came in through the OpenRosa protocol, and their files."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("odk_submission", "odk_attachment")


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "odk_submission",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "stored",
                "has_issue",
                "discarded",
                "replaced",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(status = 'stored') = (revision IS NOT NULL)", name=op.f("ck_odk_submission_stored_has_revision")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_odk_submission_ward_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_odk_submission_account_id")),
        *(
            sa.ForeignKeyConstraint(
                ["ward_id", column],
                [f"{target}.ward_id", f"{target}.id"],
                name=op.f(f"fk_odk_submission_ward_id_{column}"),
            )
            for column, target in (
                ("round_id", "survey_round"),
                ("group_id", "residential_group"),
                ("household_id", "household"),
            )
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_odk_submission")),
    )
    op.create_index(
        op.f("ix_odk_submission_ward_id_status_group_id"), "odk_submission", ["ward_id", "status", "group_id"]
    )
    op.create_table(
        "odk_attachment",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "submission_id"],
            ["odk_submission.ward_id", "odk_submission.id"],
            name=op.f("fk_odk_attachment_ward_id_submission_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "submission_id", "name", name=op.f("pk_odk_attachment")),
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Forget the forms; the visits that they became stay."""
    for table in reversed(TABLES):
        op.drop_table(table)
