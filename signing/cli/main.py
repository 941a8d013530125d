"""The group ``python -m signing``."""

from __future__ import annotations

import click

from signing.cli.agent import agent
from signing.cli.preserve import preserve_command
from signing.cli.sign import sign
from signing.cli.validate import validate


@click.group()
def signing() -> None:
    """Ký số và kiểm tra chữ ký số trên tệp PDF. (Sign PDFs and check their signatures.)"""


signing.add_command(agent)
signing.add_command(preserve_command)
signing.add_command(sign)
signing.add_command(validate)


def main() -> None:
    """Entry point."""
    signing(prog_name="python -m signing")
