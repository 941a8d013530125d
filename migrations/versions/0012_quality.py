"""quality checks and back-checks.

Runs of the quality checks with their figures and findings, and samples of visits for a second interview.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("quality_run", "quality_figure", "quality_finding", "back_check", "back_check_visit")
CHECKS = (
    "missing",
    "outlier",
    "same_household",
    "same_answers",
    "fast",
    "burst",
    "odd_hour",
    "copy",
    "not_met",
    "round_numbers",
)
QUESTIONS = (
    "all",
    "sex",
    "age_band",
    "smartphone",
    "digital_id",
    "vneid_level",
    "digital_signature",
    "e_signature",
    "fibre_covered",
    "fibre_connected",
    "fibre_speed",
    "iot_connections",
    "payment_accounts",
    "residents",
    "adults",
    "absent",
    "refused",
    "minute",
    "hour",
)
OUTCOMES = ("interviewed", "absent", "refused", "moved_away", "vacant")
MOMENT = sa.DateTime(timezone=True)


def _choice(name: str, values: tuple[str, ...], *, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=40)
    return sa.Column(name, kind, nullable=nullable)


def _known(table: str, column: str, values: tuple[str, ...], name: str | None = None) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f'"{column}" IN ({listed})', name=op.f(f"ck_{table}_{name or column}"))


def _ids(*names: str, nullable: tuple[str, ...] = ()) -> list[sa.Column[UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=name in nullable) for name in names]


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["ward_id", column], [f"{target}.ward_id", f"{target}.id"], name=op.f(f"fk_{table}_ward_id_{column}")
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("ward_id", *columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Make the tables."""
    _quality()
    _back_checks()
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")


def _quality() -> None:
    op.create_table(
        "quality_run",
        *_ids("ward_id", "id", "round_id"),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_quality_run_ward_id")),
        _within("quality_run", "round_id", "survey_round"),
        _key("quality_run", "id"),
    )
    op.create_index(
        op.f("ix_quality_run_ward_id_round_id_finished_at"), "quality_run", ["ward_id", "round_id", "finished_at"]
    )
    op.create_table(
        "quality_figure",
        *_ids("ward_id", "run_id"),
        _choice("by", ("ward", "group", "head")),
        *_ids("subject_id"),
        _choice("quality_check", CHECKS),
        _choice("question", QUESTIONS),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        _known("quality_figure", "by", ("ward", "group", "head")),
        _known("quality_figure", "quality_check", CHECKS, "check"),
        _known("quality_figure", "question", QUESTIONS),
        _within("quality_figure", "run_id", "quality_run"),
        _key("quality_figure", "run_id", "by", "subject_id", "quality_check", "question"),
    )
    op.create_table(
        "quality_finding",
        *_ids("ward_id", "run_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _choice("quality_check", CHECKS),
        _choice("question", QUESTIONS),
        *_ids("visit_id", nullable=("visit_id",)),
        *_ids("household_id", "group_id"),
        *_ids("made_by", "other_id", nullable=("made_by", "other_id")),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("bound", sa.Double(), nullable=True),
        _known("quality_finding", "quality_check", CHECKS, "check"),
        _known("quality_finding", "question", QUESTIONS),
        _within("quality_finding", "run_id", "quality_run"),
        _within("quality_finding", "household_id", "household"),
        _key("quality_finding", "run_id", "number"),
    )
    op.create_index("ix_quality_finding_page", "quality_finding", ["ward_id", "run_id", "quality_check", "group_id"])


def _back_checks() -> None:
    op.create_table(
        "back_check",
        *_ids("ward_id", "id", "round_id"),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Boolean(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        *_ids("drawn_by"),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_back_check_ward_id")),
        _within("back_check", "round_id", "survey_round"),
        sa.CheckConstraint("wanted > 0", name=op.f("ck_back_check_wants_some")),
        _key("back_check", "id"),
    )
    op.create_index(op.f("ix_back_check_ward_id_round_id"), "back_check", ["ward_id", "round_id"])
    op.create_table(
        "back_check_visit",
        *_ids("ward_id", "check_id", "visit_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_ids("household_id", "group_id", "assigned_to", nullable=("assigned_to",)),
        _choice("outcome", OUTCOMES, nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        *_ids("answered_by", nullable=("answered_by",)),
        _known("back_check_visit", "outcome", OUTCOMES),
        _within("back_check_visit", "check_id", "back_check"),
        _within("back_check_visit", "visit_id", "visit"),
        _within("back_check_visit", "household_id", "household"),
        _key("back_check_visit", "check_id", "visit_id"),
    )
    op.create_index(op.f("ix_back_check_visit_ward_id_assigned_to"), "back_check_visit", ["ward_id", "assigned_to"])


def downgrade() -> None:
    """Drop them; their policies go with them."""
    for table in reversed(TABLES):
        op.drop_table(table)
