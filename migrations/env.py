"""Runs the migrations on the connection that `webapp.models.schema` hands over."""

from alembic import context

from webapp.models import Base
from webapp.models.base import UtcDateTime


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column types as the plain types they store: a migration imports nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
