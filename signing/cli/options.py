"""Options and value types that both commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

import click

from signing.model import Box
from signing.settings import VIETNAM

At: TypeAlias = datetime | Literal["now"]


class Moment(click.ParamType[At]):
    """``now`` or an ISO 8601 time; without an offset it is Vietnam's time."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> At:
        """Click's hook."""
        if isinstance(value, datetime):
            return value
        if value == "now":
            return "now"
        text = str(value)
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r}: cần 'now' hoặc thời điểm ISO 8601, ví dụ 2026-11-22T14:00:00+07:00", param, ctx)


class Rectangle(click.ParamType[Box]):
    """``left,bottom,right,top`` in points."""

    name = "x1,y1,x2,y2"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        """Click's hook."""
        try:
            left, bottom, right, top = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r}: cần bốn số x1,y1,x2,y2 (điểm, 1/72 inch)", param, ctx)
        return (left, bottom, right, top)


FILE = click.Path(path_type=Path)

trust_option = click.option(
    "--trust",
    "trust",
    multiple=True,
    type=FILE,
    help="Chứng thư tin cậy: tệp PEM/DER hoặc thư mục; không nêu thì không tin ai.",
)
chain_option = click.option(
    "--chain",
    "chain",
    multiple=True,
    type=FILE,
    help="Chứng thư trung gian, chỉ để dựng chuỗi, không được tin cậy thêm.",
)
crl_option = click.option(
    "--crl", "crl", multiple=True, type=FILE, help="Danh sách chứng thư bị thu hồi (CRL): tệp PEM/DER hoặc thư mục."
)
json_option = click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
