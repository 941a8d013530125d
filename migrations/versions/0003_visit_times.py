"""when a visit's form was opened and finished.

The device says it; both stay empty for older revisions, imports and pages that do not measure.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two moments."""
    for name in ("started_at", "finished_at"):
        op.add_column("visit_revision", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget them."""
    for name in ("finished_at", "started_at"):
        op.drop_column("visit_revision", name)
