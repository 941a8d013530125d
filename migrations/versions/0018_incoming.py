"""incoming documents.

The incoming register: documents as they were received and checked, and the yearly series of their numbers.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATUSES = ("received", "registered", "done", "returned")
MEDIA = ("electronic", "paper")
TABLES = ("incoming_series", "incoming_document")


def _choice(name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=40)
    return sa.Column(name, kind, nullable=False)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _who(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def upgrade() -> None:
    """Make both tables with their policies."""
    op.create_table(
        "incoming_series",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_incoming_series_not_negative")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_incoming_series_ward_id")),
        sa.PrimaryKeyConstraint("ward_id", "year", name=op.f("pk_incoming_series")),
    )
    op.create_table("incoming_document", *_columns(), *_rules())
    for columns in (["ward_id", "status"], ["ward_id", "handler_id", "status"], ["ward_id", "file_sha256"]):
        op.create_index(op.f(f"ix_incoming_document_{'_'.join(columns)}"), "incoming_document", columns)
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def _columns() -> list[sa.Column]:
    return [
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _choice("status", STATUSES),
        _choice("medium", MEDIA),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        _text("sender", 200),
        _text("notation", 80),
        sa.Column("document_on", sa.Date(), nullable=True),
        _text("type_name", 120),
        _text("abstract", 500),
        _text("note", 300),
        _text("search_text", 1200),
        _text("file_sha256", 64, nullable=True),
        _text("file_name", 200),
        sa.Column("file_size", sa.Integer(), nullable=False),
        _text("verdict", 20),
        sa.Column("report", sa.JSON(), nullable=False),
        _text("decision", 500),
        _moment("received_at", nullable=False),
        _who("received_by", nullable=False),
        _moment("registered_at"),
        _who("registered_by"),
        _moment("confirmed_at"),
        _who("handler_id"),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        _text("instruction", 500),
        sa.Column("forwarded_on", sa.Date(), nullable=True),
        _moment("acknowledged_at"),
        _moment("done_at"),
        _who("done_by"),
        _text("outcome", 500),
    ]


def _rules() -> list[sa.Constraint]:
    table = "incoming_document"
    people = ("received_by", "registered_by", "handler_id", "done_by")
    return [
        sa.CheckConstraint(one_of("status", STATUSES), name=op.f(f"ck_{table}_status")),
        sa.CheckConstraint(one_of("medium", MEDIA), name=op.f(f"ck_{table}_medium")),
        sa.CheckConstraint("(number IS NULL) = (year IS NULL)", name=op.f(f"ck_{table}_number_with_year")),
        sa.CheckConstraint(
            "medium = 'paper' OR file_sha256 IS NOT NULL", name=op.f(f"ck_{table}_electronic_has_file")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f(f"fk_{table}_ward_id")),
        *(sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_{table}_{name}")) for name in people),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ward_id", "year", "number", name=op.f(f"uq_{table}_ward_id_year_number")),
    ]


def downgrade() -> None:
    """Take the register away."""
    for table in reversed(TABLES):
        op.drop_table(table)
