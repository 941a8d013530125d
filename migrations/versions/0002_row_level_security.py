"""row-level security

On PostgreSQL every tenant table shows and takes only rows of the ward that the transaction named (schema rule 6). The
policies bind a role that does not own the tables; the owner, who migrates, passes. SQLite has no such thing.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "residential_group", "department", "role_grant", "household", "household_token", "import_batch", "survey_round",
    "visit", "visit_revision", "adult_line", "indicator_setting", "indicator_target", "adoption_fact", "register_item",
    "register_entry", "document", "document_version", "signing_step", "number_series", "outgoing_register", "keystore",
    "trust_anchor", "revocation_list", "signature_ledger", "chain_head", "audit_event",
)
# Log-in must find a person's grants, and the public page a document by its code, before a ward is known.
READ_BEFORE_WARD = ("role_grant", "document")


def upgrade() -> None:
    """Switch the policies on."""
    if op.get_bind().dialect.name != "postgresql":
        return
    mine = "ward_id = nullif(current_setting('app.ward_id', true), '')::uuid"
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY ward_isolation ON {table} USING ({mine}) WITH CHECK ({mine})")
        if table in READ_BEFORE_WARD:
            op.execute(
                f"CREATE POLICY before_ward ON {table} FOR SELECT "
                "USING (nullif(current_setting('app.ward_id', true), '') IS NULL)"
            )


def downgrade() -> None:
    """Switch them off."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f"DROP POLICY IF EXISTS before_ward ON {table}")
        op.execute(f"DROP POLICY IF EXISTS ward_isolation ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
