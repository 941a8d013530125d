"""``preserve``: raise a signed file to B-LT or B-LTA, or renew its archive timestamp."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from signing.cli.options import FILE, chain_option, crl_option, json_option, trust_option
from signing.cli.output import fail, print_json, print_lines
from signing.cli.sign import REFUSED, OutputNotWritten, write_atomically
from signing.errors import DocumentUnreadable, SigningError, TimestamperMissing
from signing.fetching import RevocationFetcher
from signing.model import Level
from signing.preserve import Means, Outlook, look_ahead, preserve
from signing.settings import utc_now
from signing.timestamps import HttpTimestamper, SeveralTimestampers, Timestamper
from signing.trust import load_crls, load_trust
from signing.validate.texts import moment_text


@click.command("preserve")
@click.argument("source", metavar="IN", type=FILE)
@click.argument("target", metavar="OUT", type=FILE)
@trust_option
@chain_option
@crl_option
@click.option(
    "--tsa", multiple=True, metavar="URL", help="Địa chỉ dịch vụ dấu thời gian; nêu nhiều lần thì hỏi lần lượt."
)
@click.option("--fetch", is_flag=True, help="Hỏi OCSP và CRL tại địa chỉ ghi trong chứng thư số.")
@click.option("--level", type=click.Choice(["b-lt", "b-lta"]), default="b-lta", show_default=True, help="Mức cần đạt.")
@click.option(
    "--until", type=click.IntRange(2000, 2999), default=2035, show_default=True, help="Năm phải còn kiểm tra được."
)
@json_option
def preserve_command(*, source: Path, target: Path, as_json: bool, until: int, **values: Any) -> None:  # noqa: ANN401  -- one value per option
    """Bổ sung dữ liệu lưu trữ lâu dài cho tệp IN đã ký và ghi vào OUT; không cần khóa ký.

    Mã kết thúc: 0 đã làm, 1 bị từ chối hoặc lỗi, 2 đã làm nhưng tệp chưa bền đến năm --until.
    """
    try:
        if target.exists():
            raise OutputNotWritten("Tệp OUT đã có.", "OUT exists.")
        means = _means(values)
        result = preserve(_read(source), means, level=Level(values["level"]))
        write_atomically(target, result.data)
    except SigningError as error:
        fail(error, as_json=as_json, status=REFUSED)
    end = datetime(until + 1, 1, 1, tzinfo=UTC)
    outlook = look_ahead(result.data, trust=means.trust, until=end, now=utc_now())
    if as_json:
        print_json({"before": result.before.value, "after": result.after.value, **outlook.to_json()})
    else:
        print_lines([f"{target.name}: {result.before.value} → {result.after.value}", *_words(outlook, until)])
    raise SystemExit(0 if outlook.lasts else 2)


def _means(values: dict[str, Any]) -> Means:
    return Means(
        trust=load_trust(values["trust"], intermediates=values["chain"]),
        timestamper=_timestamper(values["tsa"]),
        crls=load_crls(values["crl"]),
        fetcher=RevocationFetcher() if values["fetch"] else None,
    )


def _timestamper(urls: tuple[str, ...]) -> Timestamper | None:
    try:
        return SeveralTimestampers([HttpTimestamper(url) for url in urls]) if urls else None
    except ValueError as error:
        raise TimestamperMissing("Địa chỉ --tsa phải bắt đầu bằng http:// hoặc https://.", str(error)) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentUnreadable("Không mở được tệp IN.", "IN cannot be read.") from error


def _words(outlook: Outlook, year: int) -> list[str]:
    due = [f"  Gia hạn trước: {moment_text(outlook.due_at)}"] if outlook.due_at else []
    if outlook.lasts:
        return [f"  Còn kiểm tra được đến hết năm {year}.", *due]
    return [f"  Chưa bền đến hết năm {year}:", *(f"  - {one.vi}" for one in outlook.reasons), *due]
