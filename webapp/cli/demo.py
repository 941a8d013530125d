"""`phs demo`: an invented ward with everything in it, and log-ins that are printed once."""

import json

import click
from sqlalchemy import Engine

from seeds.demo.loading import load_demo
from seeds.demo.logins import LOADING, READY, format_logins, issue_logins, ward_state
from seeds.demo.scene import DemoPorts, DemoSize, Login
from webapp.cli.edge import Program, fail, load_program, told
from webapp.models import schema
from webapp.models.database import unit_of_work


@click.command()
@click.option("--households", type=click.IntRange(1, 1_000_000), default=12_000, show_default=True, help="Số hộ.")
@click.option("--groups", type=click.IntRange(1, 5_000), help="Số tổ dân phố [mặc định: 60, ít hơn khi ít hộ].")
@click.option("--seed", type=int, default=30, show_default=True, help="Số gieo: cùng số, cùng ngày cho cùng dữ liệu.")
@click.option("--force", is_flag=True, help="Xóa phường mẫu đang có rồi tạo lại; không bao giờ xóa phường thật.")
@click.option("--if-empty", is_flag=True, help="Chỉ tạo khi chưa có phường; nếu đã có phường mẫu thì cấp lại mật khẩu.")
@click.option("--no-documents", is_flag=True, help="Không tạo khóa ký và văn bản (nhanh hơn).")
@click.option("--json", "as_json", is_flag=True, help="In các tài khoản dạng JSON.")
@told
def demo(households: int, groups: int | None, seed: int, *, force: bool, if_empty: bool, **options: bool) -> None:
    """Tạo một phường mẫu (mọi người và số liệu đều bịa) và in tài khoản đăng nhập."""
    program = load_program()
    engine: Engine = program.sessions.kw["bind"]
    state = _state(program, engine)
    if state == "real" and if_empty:
        click.echo("Cơ sở dữ liệu đã có phường; không tạo dữ liệu mẫu.", err=True)
        return
    if state == "real":
        fail("cơ sở dữ liệu đã có một phường thật; lệnh này không đụng vào")
    if state == READY and not (force or if_empty):
        fail("đã có phường mẫu; thêm --force để tạo lại, hoặc --if-empty để chỉ cấp lại mật khẩu")
    if state == LOADING or (state == READY and force):
        schema.downgrade(engine, "base")
        state = "empty"
    schema.upgrade(engine)
    if state == "empty":
        wanted = DemoSize(
            households=households,
            groups=groups or _usual_groups(households),
            seed=seed,
            documents=not options["no_documents"],
        )
        load_demo(_ports(program), wanted, say=lambda line: click.echo(f"Phường mẫu: {line}", err=True))
    with unit_of_work(program.sessions) as session:
        logins = issue_logins(session, _ports(program))
    _print(logins, as_json=options["as_json"])


def _state(program: Program, engine: Engine) -> str:
    """Look before anything is changed: a real ward's database is not even migrated."""
    if schema.current_revision(engine) is None:
        return "empty"
    with unit_of_work(program.sessions) as session:
        return ward_state(session)


def _usual_groups(households: int) -> int:
    return min(60, max(2, households // 50))


def _ports(program: Program) -> DemoPorts:
    wiring = program.wiring
    return DemoPorts(
        settings=program.settings,
        sessions=program.sessions,
        clock=wiring.clock,
        cipher=wiring.cipher,
        files=wiring.files,
    )


def _print(logins: list[Login], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"role": x.role, "username": x.username, "password": x.password, "pin": x.pin, "name": x.name}
            for x in logins
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    click.echo(f"\n{format_logins(logins)}\n")
