"""`phs`: everything the program does, usable in scripts. One module a group of commands."""

import click

from webapp.cli import database, demo, imports, serve, settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="phuong-so")
def main() -> None:
    """Phường Số: khảo sát hộ gia đình, mức độ phổ cập số và ký số văn bản của phường."""


for command in (database.db, demo.demo, imports.import_households, serve.serve, settings.settings):
    main.add_command(command)
