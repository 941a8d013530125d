"""`phs`: everything the program does, usable in scripts. One module a group of commands, loaded when it is called."""

from importlib import import_module
from typing import Final

import click

# Name → module and attribute: `phs verify` must not pay for loading pandas, nor `phs adoption` for pyHanko.
COMMANDS: Final = {
    "adoption": "webapp.cli.adoption:adoption",
    "db": "webapp.cli.database:db",
    "demo": "webapp.cli.demo:demo",
    "doctor": "webapp.cli.doctor:doctor",
    "import-households": "webapp.cli.imports:import_households",
    "init": "webapp.cli.setup:init",
    "ledger": "webapp.cli.ledger:ledger",
    "preserve": "webapp.cli.preserve:preserve",
    "serve": "webapp.cli.serve:serve",
    "settings": "webapp.cli.settings:settings",
    "sign": "webapp.cli.signing:sign",
    "user": "webapp.cli.accounts:user",
    "verify": "webapp.cli.signing:verify",
    "worker": "webapp.cli.worker:worker",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called or its help is shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give every name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(cmd_name)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="phuong-so")
def main() -> None:
    """Phường Số: khảo sát hộ gia đình, mức độ phổ cập số và ký số văn bản của phường."""
