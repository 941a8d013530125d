"""``validate``: check a file; the exit status is the verdict."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from signing.cli.options import FILE as FILE_TYPE
from signing.cli.options import At, Moment, chain_option, crl_option, json_option, trust_option
from signing.cli.output import EXIT, print_json, print_lines, report_lines, unchecked
from signing.errors import TrustMaterialUnreadable
from signing.model import Verdict
from signing.trust import load_crls, load_trust
from signing.validate import bound_this_process, validate_pdf


class WrongUsage(click.UsageError):
    """Ends with the status of an unreadable file: click's own 2 would read as "indeterminate"."""

    exit_code = EXIT[Verdict.UNREADABLE]


class VerdictCommand(click.Command):
    """A command whose exit statuses are verdicts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Click's hook."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise WrongUsage(error.format_message(), ctx) from error


@click.command(cls=VerdictCommand)
@click.argument("file", type=FILE_TYPE)
@trust_option
@chain_option
@crl_option
@click.option("--at", "at", type=Moment(), help="Xét chứng thư tại thời điểm này ('now' hoặc ISO 8601).")
@click.option("--now", "now", type=Moment(), hidden=True)
@click.option("--bounded", type=click.IntRange(min=1), hidden=True)
@json_option
def validate(
    *,
    file: Path,
    trust: tuple[Path, ...],
    chain: tuple[Path, ...],
    crl: tuple[Path, ...],
    at: At | None,
    now: At | None,
    bounded: int | None,
    as_json: bool,
) -> None:
    """Kiểm tra chữ ký số trong FILE.

    Mã kết thúc: 0 hợp lệ, 1 không hợp lệ, 2 chưa kết luận được, 3 chưa ký, 4 không đọc được.
    """
    if bounded is not None:
        bound_this_process(bounded)
    try:
        store = load_trust(trust, intermediates=chain)
        lists = load_crls(crl)
        clock = now if isinstance(now, datetime) else None
        report = validate_pdf(file, trust=store, crls=lists, at=at, now=clock)
    except TrustMaterialUnreadable as error:
        report = unchecked(error)
    if as_json:
        print_json(report.to_json())
    else:
        print_lines(report_lines(report))
    raise click.exceptions.Exit(EXIT[report.verdict])
