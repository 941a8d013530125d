"""`phs settings`: every setting, its value and what it is for."""

import click

from webapp.cli.edge import load_settings


@click.command()
def settings() -> None:
    """In mọi thiết lập (PHS_…), giá trị đang dùng và ý nghĩa."""
    current = load_settings()
    for name, field in type(current).model_fields.items():
        value = "(ẩn)" if field.repr is False else getattr(current, name)
        click.echo(f"PHS_{name.upper()} = {value}\n    {field.description}")
