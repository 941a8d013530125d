"""other keystores.

Keys that no file of ours holds: in a token, at a remote provider, on the staff member's own computer.
"""

import sqlalchemy as sa
from alembic import op

from migrations.editing import one_of, replace_check, set_nullable

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = ("pkcs12", "pkcs11", "csc", "agent", "vgca")


def upgrade() -> None:
    """Let a key be somewhere else, and say where."""
    replace_check("keystore", "ck_keystore_kind", one_of("kind", KINDS))
    replace_check("signature_ledger", "ck_signature_ledger_keystore_kind", one_of("keystore_kind", KINDS))
    set_nullable("keystore", "file_sha256", nullable=True)
    op.add_column("keystore", sa.Column("location", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("keystore", sa.Column("certificates", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Keys elsewhere are retired: the program before this one cannot use them."""
    op.execute("UPDATE keystore SET retired_at = CURRENT_TIMESTAMP WHERE file_sha256 IS NULL AND retired_at IS NULL")
    op.execute("UPDATE keystore SET file_sha256 = '' WHERE file_sha256 IS NULL")
    op.execute("UPDATE keystore SET kind = 'pkcs12' WHERE kind <> 'pkcs12'")
    op.drop_column("keystore", "certificates")
    op.drop_column("keystore", "location")
    set_nullable("keystore", "file_sha256", nullable=False)
    replace_check("keystore", "ck_keystore_kind", one_of("kind", ("pkcs12",)))
