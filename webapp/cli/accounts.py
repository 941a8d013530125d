"""`phs user`: accounts from the command line, for scripts and for an administrator who locked themselves out."""

import json
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cli.edge import Program, fail, load_program, told
from webapp.core.access import Role
from webapp.core.accounts import normal_username
from webapp.models.accounts import Account
from webapp.models.database import bind_ward, unit_of_work
from webapp.queries.accounts import ward_ids_of
from webapp.queries.places import WardRow, department_choices, list_groups, list_wards
from webapp.queries.staff import StaffFilter, StaffRow, list_staff
from webapp.services import accounts
from webapp.services.accounts import CreateAccount, NewAccount, NewGrant

ROLES = click.Choice([role.value for role in Role if role is not Role.PUBLIC])
ward_option = click.option("--ward", "ward_code", help="Mã phường, khi máy chủ phục vụ nhiều phường.")
json_option = click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")


@click.group()
def user() -> None:
    """Tài khoản: tạo, liệt kê, cấp lại mật khẩu, cấp quyền, ngừng dùng."""


def _ward(session: Session, code: str | None) -> WardRow:
    """Find the ward meant and bind the session to it."""
    wards = [ward for ward in list_wards(session) if code is None or ward.code == code]
    if len(wards) != 1:
        known = ", ".join(ward.code for ward in list_wards(session))
        fail("không có phường nào như vậy" if not wards else f"hãy chọn phường bằng --ward: {known}", 2)
    bind_ward(session, wards[0].ward_id)
    return wards[0]


def _account_id(session: Session, username: str) -> UUID:
    found = session.scalar(select(Account.id).where(Account.username == normal_username(username)))
    if found is None:
        fail(f"không có tài khoản {username}")
    return found


def _grant(session: Session, ward: WardRow, given: dict[str, Any]) -> NewGrant:
    """Turn group and department, given by code or name, into a grant."""
    groups = {row.code: row.group_id for row in list_groups(session, ward.ward_id)}
    departments = {choice.name: choice.id for choice in department_choices(session, ward.ward_id)}
    group, department = given["group"], given["department"]
    if group is not None and group not in groups:
        fail(f"không có tổ mã {group}")
    if department is not None and department not in departments:
        fail(f"không có bộ phận {department}")
    return NewGrant(
        role=Role(given["role"]),
        group_id=groups.get(group),
        department_id=departments.get(department),
        title=given["title"],
    )


def _grant_options(command: Any) -> Any:  # noqa: ANN401 - click's decorators are untyped
    for option in (
        click.option("--department", help="Tên bộ phận."),
        click.option("--title", default="", help="Chức vụ."),
        click.option("--group", help="Mã tổ dân phố, với tổ trưởng."),
        click.option("--role", type=ROLES, required=True, help="Vai trò."),
        ward_option,
    ):
        command = option(command)
    return command


def _tell(new: NewAccount, *, as_json: bool) -> None:
    if as_json:
        row = {"account_id": str(new.account_id), "username": new.username, "password": new.one_time_password}
        click.echo(json.dumps(row, ensure_ascii=False))
    else:
        click.echo(f"{new.username}: mật khẩu dùng một lần {new.one_time_password}")


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="Họ và tên.")
@_grant_options
@json_option
@told
def create(username: str, name: str, ward_code: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401
    """Tạo tài khoản và in mật khẩu dùng một lần."""
    program = load_program()
    with unit_of_work(program.sessions) as session:
        ward = _ward(session, ward_code)
        command = CreateAccount(
            ward_id=ward.ward_id, username=username, display_name=name, grants=(_grant(session, ward, given),)
        )
        new = accounts.create_account(session, command, actor=None, clock=program.wiring.clock)
    _tell(new, as_json=as_json)


@user.command("list")
@ward_option
@click.option("--role", type=ROLES, help="Chỉ một vai trò.")
@json_option
@told
def list_command(ward_code: str | None, role: str | None, as_json: bool) -> None:
    """Liệt kê tài khoản của phường."""
    program = load_program()
    with unit_of_work(program.sessions) as session:
        rows = _everybody(session, program, ward_code, role)
    if as_json:
        click.echo(json.dumps([_line(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        roles = ",".join(grant.role.value for grant in row.grants)
        click.echo(f"{row.username:24} {row.standing.value:15} {roles:28} {row.display_name}")


def _line(row: StaffRow) -> dict[str, Any]:
    return {
        "username": row.username,
        "name": row.display_name,
        "roles": [grant.role.value for grant in row.grants],
        "groups": [grant.group_name for grant in row.grants if grant.group_name],
        "standing": row.standing.value,
        "second_factor": row.has_second_factor,
        "last_login": row.last_seen_at.isoformat() if row.last_seen_at else None,
    }


def _everybody(session: Session, program: Program, ward_code: str | None, role: str | None) -> list[StaffRow]:
    ward = _ward(session, ward_code)
    wanted = StaffFilter(
        now=program.wiring.clock.now(),
        idle_days=program.settings.account_idle_days,
        role=Role(role) if role else None,
    )
    first = list_staff(session, ward.ward_id, wanted)
    rest = [list_staff(session, ward.ward_id, wanted, number=number) for number in range(2, first.pages + 1)]
    return [row for page in (first, *rest) for row in page.rows]


@user.command("reset-password")
@click.argument("username")
@ward_option
@json_option
@told
def reset_password(username: str, ward_code: str | None, as_json: bool) -> None:
    """Cấp mật khẩu dùng một lần, mở khóa và đăng xuất mọi máy."""
    program = load_program()
    with unit_of_work(program.sessions) as session:
        account_id = _account_id(session, username)
        actor = accounts.installation(_ward_of(session, account_id, ward_code))
        new = accounts.reset_password(session, account_id, actor=actor, clock=program.wiring.clock)
    _tell(new, as_json=as_json)


def _ward_of(session: Session, account_id: UUID, ward_code: str | None) -> UUID:
    """Take the named ward, or the first one the account works in."""
    wards = ward_ids_of(session, account_id)
    if ward_code is None and wards:
        bind_ward(session, wards[0])
        return wards[0]
    return _ward(session, ward_code).ward_id


@user.command()
@click.argument("username")
@ward_option
@click.option("--second-factor", is_flag=True, help="Chỉ tắt xác thực hai lớp (mất điện thoại).")
@told
def disable(username: str, ward_code: str | None, second_factor: bool) -> None:
    """Ngừng dùng tài khoản, hoặc chỉ tắt xác thực hai lớp của nó."""
    program = load_program()
    act = accounts.forget_second_factor if second_factor else accounts.disable_account
    with unit_of_work(program.sessions) as session:
        account_id = _account_id(session, username)
        actor = accounts.installation(_ward_of(session, account_id, ward_code))
        act(session, account_id, actor=actor, clock=program.wiring.clock)
    click.echo("Đã xong.")


@user.command()
@click.argument("username")
@ward_option
@told
def enable(username: str, ward_code: str | None) -> None:
    """Mở lại tài khoản đã ngừng hoặc lâu không dùng."""
    program = load_program()
    with unit_of_work(program.sessions) as session:
        account_id = _account_id(session, username)
        actor = accounts.installation(_ward_of(session, account_id, ward_code))
        accounts.enable_account(session, account_id, actor=actor, clock=program.wiring.clock)
        accounts.unlock_account(session, account_id, actor=actor, clock=program.wiring.clock)
    click.echo("Đã xong.")


@user.command()
@click.argument("username")
@_grant_options
@told
def grant(username: str, ward_code: str | None, **given: Any) -> None:  # noqa: ANN401
    """Cấp thêm một vai trò."""
    program = load_program()
    with unit_of_work(program.sessions) as session:
        ward = _ward(session, ward_code)
        actor = accounts.installation(ward.ward_id)
        new = _grant(session, ward, given)
        accounts.grant_role(session, _account_id(session, username), new, actor=actor, clock=program.wiring.clock)
    click.echo("Đã xong.")
