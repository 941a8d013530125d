"""`phs db`: the schema of the database."""

import click

from seeds.reference import load_reference
from webapp.cli.edge import load_program
from webapp.models import schema
from webapp.models.database import unit_of_work


@click.group()
def db() -> None:
    """Lược đồ cơ sở dữ liệu."""


@db.command()
def upgrade() -> None:
    """Nâng lược đồ lên bản mới nhất của chương trình và nạp lại danh mục (chỉ tiêu, loại văn bản …)."""
    program = load_program()
    engine = program.sessions.kw["bind"]
    before = schema.current_revision(engine)
    schema.upgrade(engine)
    with unit_of_work(program.sessions) as session:
        load_reference(session)
    click.echo(f"{before or 'trống'} → {schema.current_revision(engine)}")


@db.command()
def current() -> None:
    """In bản lược đồ hiện tại và bản mới nhất."""
    engine = load_program().sessions.kw["bind"]
    click.echo(f"{schema.current_revision(engine) or 'trống'} (mới nhất: {schema.head_revision()})")
