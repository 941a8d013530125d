"""webhooks.

Programs outside that are told what happened, and the log of the messages to them.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EVENTS = (
    "document.submitted",
    "document.signed",
    "document.rejected",
    "document.numbered",
    "document.sealed",
    "document.published",
    "incoming.registered",
    "incoming.assigned",
    "incoming.done",
    "signing.timestamp_waiting",
    "webhook.test",
)
STATUSES = ("waiting", "delivered", "failed")
TROUBLES = ("refused", "timeout", "unreachable", "tls", "inner_address", "plain_http")
TABLES = ("webhook", "webhook_delivery")


def _choice(name: str, values: tuple[str, ...], *, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=40)
    return sa.Column(name, kind, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def upgrade() -> None:
    """Make both tables with their policies."""
    op.create_table(
        "webhook",
        _id("ward_id"),
        _id("id"),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        _number("read_to"),
        _moment("made_at"),
        _id("made_by"),
        _moment("stopped_at", nullable=True),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_webhook_ward_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_webhook_made_by")),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_webhook")),
    )
    op.create_table("webhook_delivery", *_columns(), *_rules())
    for columns in (["ward_id", "status", "next_try_at"], ["ward_id", "made_at"]):
        op.create_index(op.f(f"ix_webhook_delivery_{'_'.join(columns)}"), "webhook_delivery", columns)
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def _columns() -> list[sa.Column]:
    return [
        _id("ward_id"),
        _id("id"),
        _id("webhook_id"),
        _choice("event", EVENTS),
        _number("audit_sequence"),
        _id("subject_id", nullable=True),
        _moment("happened_at"),
        _choice("status", STATUSES),
        _number("tries"),
        _moment("tried_at", nullable=True),
        _moment("next_try_at", nullable=True),
        _number("answer_status", nullable=True),
        _choice("trouble", TROUBLES, nullable=True),
        _moment("made_at"),
    ]


def _rules() -> list[sa.Constraint]:
    table, unique = "webhook_delivery", ["ward_id", "webhook_id", "audit_sequence"]
    waiting = "(status = 'waiting') = (next_try_at IS NOT NULL)"
    return [
        sa.CheckConstraint(one_of("event", EVENTS), name=op.f(f"ck_{table}_event")),
        sa.CheckConstraint(one_of("status", STATUSES), name=op.f(f"ck_{table}_status")),
        sa.CheckConstraint(one_of("trouble", TROUBLES), name=op.f(f"ck_{table}_trouble")),
        sa.CheckConstraint(waiting, name=op.f(f"ck_{table}_waiting_has_its_time")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f(f"fk_{table}_ward_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "webhook_id"], ["webhook.ward_id", "webhook.id"], name=op.f(f"fk_{table}_ward_id_webhook_id")
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{table}_{'_'.join(unique)}")),
    ]


def downgrade() -> None:
    """Take the tables away."""
    for table in reversed(TABLES):
        op.drop_table(table)
