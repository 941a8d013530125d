"""prepared signings.

Signatures that were begun and are not in their document yet: prepared for a key elsewhere, or signed and waiting for
their timestamp.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATES = ("prepared", "signed", "done", "expired", "failed")
STEPS = ("initials", "person", "agency")


def _enum(name: str, values: tuple[str, ...]) -> sa.Column:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=40)
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    """Add the table with its policy."""
    op.create_table(
        "prepared_signing",
        sa.Column("ward_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("base_sha256", sa.String(length=64), nullable=False),
        _enum("step", STEPS),
        sa.Column("keystore_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=200), nullable=False),
        _enum("state", STATES),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.CheckConstraint(one_of("step", STEPS), name=op.f("ck_prepared_signing_step")),
        sa.CheckConstraint(one_of("state", STATES), name=op.f("ck_prepared_signing_state")),
        sa.CheckConstraint("state <> 'signed' OR raw IS NOT NULL", name=op.f("ck_prepared_signing_signed_has_raw")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_prepared_signing_ward_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_prepared_signing_actor_id")),
        sa.ForeignKeyConstraint(
            ["ward_id", "document_id"],
            ["document.ward_id", "document.id"],
            name=op.f("fk_prepared_signing_ward_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "keystore_id"],
            ["keystore.ward_id", "keystore.id"],
            name=op.f("fk_prepared_signing_ward_id_keystore_id"),
        ),
        sa.PrimaryKeyConstraint("ward_id", "id", name=op.f("pk_prepared_signing")),
        sa.UniqueConstraint("ward_id", "token_hash", name=op.f("uq_prepared_signing_ward_id_token_hash")),
    )
    op.create_index(op.f("ix_prepared_signing_ward_id_document_id"), "prepared_signing", ["ward_id", "document_id"])
    for name, columns, unique, where in (
        ("ix_prepared_signing_open", ["ward_id", "state"], False, "state IN ('prepared', 'signed')"),
        ("uq_prepared_signing_signed", ["ward_id", "document_id"], True, "state = 'signed'"),
    ):
        op.create_index(
            name,
            "prepared_signing",
            columns,
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    if op.get_bind().dialect.name == "postgresql":
        mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
        op.execute("ALTER TABLE prepared_signing ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON prepared_signing USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Forget what was begun; no document has it yet."""
    op.drop_table("prepared_signing")
