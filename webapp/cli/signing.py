"""`phs sign` and `phs verify`: the signing package's own commands; verify may also trust what a ward trusts."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from signing.cli import sign, validate
from signing.cli.validate import VerdictCommand

__all__ = ["sign", "verify"]


@click.pass_context
def _verify(ctx: click.Context, /, *, ward: str | None, **options: Any) -> None:  # noqa: ANN401 - validate's own
    with ExitStack() as stack:
        if ward is not None:
            # A plain check must not pay for loading the application and its database.
            from webapp.cli.ward_trust import write_trust  # noqa: PLC0415

            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="phs-")))
            for option, paths in write_trust(ward, folder).items():
                options[option] = (*options[option], *paths)
        ctx.invoke(validate, **options)


verify = VerdictCommand(
    "verify",
    callback=_verify,
    params=[
        *validate.params,
        click.Option(
            ["--ward"], metavar="MÃ", help="Tin thêm những nơi mà phường mang mã này tin (cần cơ sở dữ liệu)."
        ),
    ],
    help=validate.help,
)
