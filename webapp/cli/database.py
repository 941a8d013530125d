"""`phs db`: the schema of the database."""

import click

from webapp.cli.edge import load_program
from webapp.models import schema


@click.group()
def db() -> None:
    """Lược đồ cơ sở dữ liệu."""


@db.command()
def upgrade() -> None:
    """Nâng lược đồ lên bản mới nhất của chương trình."""
    engine = load_program().sessions.kw["bind"]
    before = schema.current_revision(engine)
    schema.upgrade(engine)
    click.echo(f"{before or 'trống'} → {schema.current_revision(engine)}")


@db.command()
def current() -> None:
    """In bản lược đồ hiện tại và bản mới nhất."""
    engine = load_program().sessions.kw["bind"]
    click.echo(f"{schema.current_revision(engine) or 'trống'} (mới nhất: {schema.head_revision()})")
