"""workflow.

Chains of steps, people in them, delegations to sign, relations between documents, attachments and copies.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of, replace_check

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "document_chain",
    "document_participant",
    "signing_delegation",
    "document_relation",
    "document_attachment",
    "document_copy",
)
CAPACITIES = ("", "TM.", "Q.", "KT.", "TL.", "TUQ.")
STEPS = ("initials", "person", "agency")
VERSIONS = ("uploaded", "prepared", "initialled", "signed", "numbered", "sealed")
MOMENT = sa.DateTime(timezone=True)


def _choice(name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=40)
    return sa.Column(name, kind, nullable=False)


def _known(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    return sa.CheckConstraint(one_of(column, values), name=op.f(f"ck_{table}_{column}"))


def _ids(*names: str, nullable: tuple[str, ...] = ()) -> list[sa.Column[UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=name in nullable) for name in names]


def _text(length: int, *names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name in names]


def _flags(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _within(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["ward_id", column], ["document.ward_id", "document.id"], name=op.f(f"fk_{table}_ward_id_{column}")
    )


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("ward_id", *columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Make the tables and widen the steps."""
    _steps()
    _chains()
    _delegations()
    _companions()
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def _steps() -> None:
    op.add_column("document_type", sa.Column("chain", sa.JSON(), nullable=False, server_default="{}"))
    replace_check("signing_step", "ck_signing_step_kind", one_of("kind", STEPS))
    replace_check("prepared_signing", "ck_prepared_signing_step", one_of("step", STEPS))
    replace_check("document_version", "ck_document_version_kind", one_of("kind", VERSIONS))
    op.add_column("signing_step", sa.Column("stage", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE signing_step SET stage = position")
    # Alembic adds the CHECK of an enum afterwards, which SQLite cannot.
    op.execute(
        "ALTER TABLE signing_step ADD COLUMN capacity VARCHAR(40) NOT NULL DEFAULT '' "
        f"CONSTRAINT ck_signing_step_capacity CHECK ({one_of('capacity', CAPACITIES)})"
    )
    op.add_column("signing_step", sa.Column("title", sa.String(length=160), nullable=False, server_default=""))
    for column, source in (("capacity", "capacity"), ("title", "signer_title")):
        op.execute(
            f"UPDATE signing_step SET {column} = (SELECT document.{source} FROM document "
            "WHERE document.ward_id = signing_step.ward_id AND document.id = signing_step.document_id) "
            "WHERE kind = 'person'"
        )
    op.add_column("signing_step", sa.Column("with_key", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("signing_step", sa.Column("delegation_id", sa.Uuid(), nullable=True))
    op.add_column("signing_step", sa.Column("on_behalf_of", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("signing_step", sa.Column("signature_sha256", sa.String(length=64), nullable=True))


def _chains() -> None:
    op.create_table(
        "document_chain",
        *_ids("ward_id"),
        *_text(20, "type_code"),
        *_number("version"),
        *_flags("author_initials", "head_initials", "initials_with_key"),
        *_number("extra_signers"),
        *_flags("in_parallel"),
        *_text(300, "note"),
        sa.Column("made_at", MOMENT, nullable=False),
        *_ids("made_by"),
        sa.CheckConstraint("extra_signers >= 0", name=op.f("ck_document_chain_not_negative")),
        _of("document_chain", "ward_id", "ward.id"),
        _of("document_chain", "type_code", "document_type.code"),
        _of("document_chain", "made_by", "account.id"),
        _key("document_chain", "type_code", "version"),
    )
    op.create_table(
        "document_participant",
        *_ids("ward_id", "id", "document_id"),
        _choice("kind", STEPS),
        *_number("position"),
        *_ids("account_id"),
        _choice("capacity", CAPACITIES),
        *_text(160, "title"),
        _known("document_participant", "kind", STEPS),
        _known("document_participant", "capacity", CAPACITIES),
        _of("document_participant", "ward_id", "ward.id"),
        _of("document_participant", "account_id", "account.id"),
        _within("document_participant", "document_id"),
        _key("document_participant", "id"),
        sa.UniqueConstraint(
            "ward_id",
            "document_id",
            "kind",
            "position",
            name=op.f("uq_document_participant_ward_id_document_id_kind_position"),
        ),
    )


def _delegations() -> None:
    op.create_table(
        "signing_delegation",
        *_ids("ward_id", "id", "delegate_id", "principal_id"),
        *_text(120, "principal_title"),
        _choice("capacity", CAPACITIES),
        sa.Column("type_codes", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *_text(160, "basis"),
        sa.Column("basis_on", sa.Date(), nullable=True),
        sa.Column("paper_sha256", sa.String(length=64), nullable=True),
        *_text(200, "paper_name"),
        sa.Column("made_at", MOMENT, nullable=False),
        *_ids("made_by"),
        sa.Column("ended_on", sa.Date(), nullable=True),
        *_ids("ended_by", nullable=("ended_by",)),
        _known("signing_delegation", "capacity", CAPACITIES),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_signing_delegation_days_in_order")),
        _of("signing_delegation", "ward_id", "ward.id"),
        *(
            _of("signing_delegation", who, "account.id")
            for who in ("delegate_id", "principal_id", "made_by", "ended_by")
        ),
        _key("signing_delegation", "id"),
    )
    op.create_index(
        op.f("ix_signing_delegation_ward_id_delegate_id"), "signing_delegation", ["ward_id", "delegate_id"]
    )


def _companions() -> None:
    op.create_table(
        "document_relation",
        *_ids("ward_id", "document_id", "target_id"),
        _choice("kind", ("amends", "replaces", "recalls")),
        _known("document_relation", "kind", ("amends", "replaces", "recalls")),
        sa.CheckConstraint("document_id <> target_id", name=op.f("ck_document_relation_another_document")),
        _within("document_relation", "document_id"),
        _within("document_relation", "target_id"),
        _key("document_relation", "document_id"),
    )
    op.create_index(op.f("ix_document_relation_ward_id_target_id"), "document_relation", ["ward_id", "target_id"])
    op.create_table(
        "document_attachment",
        *_ids("ward_id", "document_id"),
        *_number("number"),
        *_text(300, "title"),
        *_text(200, "filename"),
        *_text(64, "sha256"),
        *_number("size"),
        sa.Column("added_at", MOMENT, nullable=False),
        *_ids("added_by"),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signature_sha256", sa.String(length=64), nullable=True),
        _within("document_attachment", "document_id"),
        _of("document_attachment", "added_by", "account.id"),
        _key("document_attachment", "document_id", "number"),
    )
    op.create_table(
        "document_copy",
        *_ids("ward_id", "document_id"),
        _choice("form", ("SY", "SL", "TrS")),
        *_text(80, "source_notation"),
        *_text(200, "source_issuer"),
        sa.Column("source_on", sa.Date(), nullable=True),
        *_number("pages", "dpi"),
        _known("document_copy", "form", ("SY", "SL", "TrS")),
        _within("document_copy", "document_id"),
        _key("document_copy", "document_id"),
    )


def downgrade() -> None:
    """Drop them; initials are forgotten, for the program before this one knows none."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM prepared_signing WHERE step = 'initials'")
    op.execute("DELETE FROM signing_step WHERE kind = 'initials'")
    op.execute("UPDATE document_version SET kind = 'prepared' WHERE kind = 'initialled'")
    for column in ("signature_sha256", "on_behalf_of", "delegation_id", "with_key", "title"):
        op.drop_column("signing_step", column)
    # SQLite drops a column with a CHECK of its own only after the CHECK says nothing of it.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE signing_step DROP CONSTRAINT ck_signing_step_capacity")
    op.drop_column("signing_step", "capacity")
    op.drop_column("signing_step", "stage")
    replace_check("document_version", "ck_document_version_kind", one_of("kind", tuple(set(VERSIONS) - {"initialled"})))
    replace_check("prepared_signing", "ck_prepared_signing_step", one_of("step", STEPS[1:]))
    replace_check("signing_step", "ck_signing_step_kind", one_of("kind", STEPS[1:]))
    op.drop_column("document_type", "chain")
