"""background jobs.

Jobs and their items, with row-level security; a worker may look for open jobs before it knows their ward.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("job", "job_item")
OPEN = sa.text("status IN ('waiting', 'running')")


def _status() -> sa.Enum:
    values = ("waiting", "running", "done", "failed", "cancelled")
    return sa.Enum(*values, name="status", native_enum=False, create_constraint=False, length=40)


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    known = "status IN ('waiting', 'running', 'done', 'failed', 'cancelled')"
    op.create_table(
        "job",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", _status(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(500), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", moment, nullable=False),
        sa.Column("lease_owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("dedupe_key", sa.String(120), nullable=True),
        sa.Column("file_sha256", sa.String(64), nullable=True),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_until", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.CheckConstraint("done >= 0", name=op.f("ck_job_done_not_negative")),
        sa.CheckConstraint(known, name=op.f("ck_job_status")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_job_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_job")),
        sa.UniqueConstraint("ward_id", "dedupe_key", name=op.f("uq_job_ward_id_dedupe_key")),
    )
    op.create_index("ix_job_open", "job", ["ward_id", "run_after"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f("ix_job_ward_id_created_at"), "job", ["ward_id", "created_at"])
    op.create_table(
        "job_item",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("status", _status(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(500), nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.CheckConstraint(known, name=op.f("ck_job_item_status")),
        sa.ForeignKeyConstraint(
            ["ward_id", "job_id"], ["job.ward_id", "job.id"], name=op.f("fk_job_item_ward_id_job_id")
        ),
        sa.PrimaryKeyConstraint("ward_id", "job_id", "number", name=op.f("pk_job_item")),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")
    op.execute(
        "CREATE POLICY before_ward ON job FOR SELECT USING (nullif(current_setting('app.ward_id', true), '') IS NULL)"
    )


def downgrade() -> None:
    """Drop them; their policies go with them."""
    op.drop_table("job_item")
    op.drop_index(op.f("ix_job_ward_id_created_at"), table_name="job")
    op.drop_index("ix_job_open", table_name="job")
    op.drop_table("job")
