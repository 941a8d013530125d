"""``agent``: the program beside a staff member's token; the same as the ``phs-agent`` script."""

from __future__ import annotations

import click


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []}, short_help="Phần mềm ký trên máy."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def agent(*, arguments: tuple[str, ...]) -> None:
    """Chạy phần mềm ký bên cạnh token; xem ``agent --help``."""
    from signing.agent.main import main  # noqa: PLC0415  -- the commands beside it start thousands of times

    raise click.exceptions.Exit(main(list(arguments)))
