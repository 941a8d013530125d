"""`phs`: everything the program does, usable in scripts. One module a group of commands."""

import click

from webapp.cli import accounts, database, demo, doctor, imports, serve, settings, setup


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="phuong-so")
def main() -> None:
    """Phường Số: khảo sát hộ gia đình, mức độ phổ cập số và ký số văn bản của phường."""


for command in (
    accounts.user,
    database.db,
    demo.demo,
    doctor.doctor,
    imports.import_households,
    serve.serve,
    settings.settings,
    setup.init,
):
    main.add_command(command)
