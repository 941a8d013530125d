"""reminders.

The e-mail addresses of people who want a letter in the morning about what waits for them.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TROUBLES = ("unreachable", "tls", "login", "server", "address")


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=False)


def upgrade() -> None:
    """Make the table with its policy."""
    people = ("account_id", "changed_by")
    kind = sa.Enum(*TROUBLES, name="trouble", native_enum=False, create_constraint=False, length=40)
    op.create_table(
        "reminder",
        _id("ward_id"),
        _id("account_id"),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        _moment("confirmed_at"),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        _moment("code_asked_at"),
        _moment("code_until"),
        _number("code_tries"),
        _moment("changed_at", nullable=False),
        _id("changed_by"),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("tried_on", sa.Date(), nullable=True),
        _number("tries"),
        _moment("next_try_at"),
        sa.Column("trouble", kind, nullable=True),
        sa.CheckConstraint(one_of("trouble", TROUBLES), name=op.f("ck_reminder_trouble")),
        sa.CheckConstraint(
            "NOT wanted OR confirmed_at IS NOT NULL OR code_asked_at IS NOT NULL",
            name=op.f("ck_reminder_wanted_is_asked"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_reminder_ward_id")),
        *(sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_reminder_{name}")) for name in people),
        sa.PrimaryKeyConstraint("ward_id", "account_id", name=op.f("pk_reminder")),
    )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        op.execute("ALTER TABLE reminder ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON reminder USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("reminder")
