"""`phs init`: data folder, database, reference data, and the way into the first set-up."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import click

from seeds.reference import load_reference, load_units
from webapp.cli.edge import Program, fail, load_program, told
from webapp.core.groups import parse_groups
from webapp.models import schema
from webapp.models.database import unit_of_work
from webapp.services.own_password import bare_name
from webapp.services.setup import NewWard, SetUpWard, renew_setup_code, set_up_ward


@click.command()
@click.option(
    "--ward",
    "ward_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cài đặt luôn một phường từ tệp JSON, không qua trang web.",
)
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@told
def init(ward_file: Path | None, as_json: bool) -> None:
    """Tạo cơ sở dữ liệu, nạp danh mục, rồi in địa chỉ và mã của trang cài đặt. Chạy lại không mất gì."""
    program = load_program()
    schema.upgrade(program.sessions.kw["bind"])
    with unit_of_work(program.sessions) as session:
        load_reference(session)
    if ward_file is not None:
        new = _set_up(program, ward_file)
        _tell_admin(new, as_json=as_json)
        return
    code = setup_code(program)
    address = f"{program.settings.base_url.rstrip('/')}/setup"
    if as_json:
        click.echo(json.dumps({"address": address if code else None, "setup_code": code}, ensure_ascii=False))
    elif code is None:
        click.echo("Phường đã được cài đặt; không có gì phải làm thêm.")
    else:
        announce(address, code)


def setup_code(program: Program) -> str | None:
    """Make a new set-up code; None once a ward exists. The old code no longer counts."""
    with unit_of_work(program.sessions) as session:
        return renew_setup_code(session)


def announce(address: str, code: str) -> None:
    """Print the way into the set-up."""
    click.echo(f"Cài đặt phường lần đầu: mở {address} và nhập mã cài đặt\n\n    {code}\n")


def _set_up(program: Program, path: Path) -> NewWard:
    try:
        command = _command(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        fail(f"{path}: tệp chưa đúng ({type(error).__name__}: {error})", 2)
    with unit_of_work(program.sessions) as session:
        new = set_up_ward(session, command, clock=program.wiring.clock)
    with unit_of_work(program.sessions) as session:
        load_units(session)
    return new


def _command(data: dict[str, Any]) -> SetUpWard:
    """Read the file: the fields of the set-up page; `groups` is a list of lines, `admin` has username and name."""
    name = data["name"]
    return SetUpWard(
        code=data["code"],
        name=name,
        province_code=data["province_code"],
        province_name=data["province_name"],
        valid_from=dt.date.fromisoformat(data["valid_from"]),
        agency_name=data.get("agency_name") or f"Ủy ban nhân dân {name}",
        place_name=data.get("place_name") or bare_name(name),
        area_km2=data.get("area_km2"),
        population=data.get("population"),
        admin_username=data["admin"]["username"],
        admin_name=data["admin"]["name"],
        groups=tuple(parse_groups(data.get("groups", []))),
    )


def _tell_admin(new: NewWard, *, as_json: bool) -> None:
    row = {"ward_id": str(new.ward_id), "username": new.admin.username, "password": new.admin.one_time_password}
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
    else:
        click.echo(f"Đã cài đặt phường với {len(new.group_ids)} tổ.")
        click.echo(f"Người quản trị: {new.admin.username}, mật khẩu dùng một lần: {new.admin.one_time_password}")
