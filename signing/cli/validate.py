"""``validate``: check a file; the exit status is the verdict."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from signing.cli.options import FILE as FILE_TYPE
from signing.cli.options import At, Moment, chain_option, crl_option, json_option, trust_option
from signing.cli.output import EXIT, fail, print_json, print_lines, report_lines
from signing.errors import TrustMaterialUnreadable
from signing.model import Verdict
from signing.trust import load_crls, load_trust
from signing.validate import validate_pdf


class VerdictCommand(click.Command):
    """Wrong usage ends with the status of an unreadable file: click's own 2 would read as "indeterminate"."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Click's hook."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            error.exit_code = EXIT[Verdict.UNREADABLE]
            raise


@click.command(cls=VerdictCommand)
@click.argument("file", type=FILE_TYPE)
@trust_option
@chain_option
@crl_option
@click.option("--at", "at", type=Moment(), help="Xét chứng thư tại thời điểm này ('now' hoặc ISO 8601).")
@click.option("--now", "now", type=Moment(), hidden=True)
@json_option
def validate(
    *,
    file: Path,
    trust: tuple[Path, ...],
    chain: tuple[Path, ...],
    crl: tuple[Path, ...],
    at: At | None,
    now: At | None,
    as_json: bool,
) -> None:
    """Kiểm tra chữ ký số trong FILE.

    Mã kết thúc: 0 hợp lệ, 1 không hợp lệ, 2 chưa kết luận được, 3 chưa ký, 4 không đọc được.
    """
    try:
        store = load_trust(trust, intermediates=chain)
        lists = load_crls(crl)
    except TrustMaterialUnreadable as error:
        fail(error, as_json=as_json, status=EXIT[Verdict.UNREADABLE])
    clock = now if isinstance(now, datetime) else None
    report = validate_pdf(file, trust=store, crls=lists, at=at, now=clock)
    if as_json:
        print_json(report.to_json())
    else:
        print_lines(report_lines(report))
    raise click.exceptions.Exit(EXIT[report.verdict])
