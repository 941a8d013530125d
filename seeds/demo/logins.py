"""Log-ins of the demo ward: one-time passwords, made anew each time they are printed, and nowhere written down."""

import json
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from seeds.demo.keys import AGENCY, read_pins
from seeds.demo.people import STAFF
from seeds.demo.scene import DemoPorts, Login
from webapp.core.access import Role
from webapp.models.accounts import Account, Setting
from webapp.models.places import Ward
from webapp.services.accounts import installation, reset_password

KEY: Final = "demo_ward"
HEADS: Final = ("totruong01", "totruong02")
LOADING, READY = "loading", "ready"
COLUMNS: Final = ("Vai trò", "Tên đăng nhập", "Mật khẩu dùng một lần", "PIN ký số", "Họ và tên")
_ROLE_NAMES: Final = {
    Role.LEADER: "Lãnh đạo",
    Role.CLERK: "Văn thư",
    Role.STATISTICIAN: "Thống kê",
    Role.OFFICER: "Công chức",
    Role.AUDITOR: "Kiểm tra",
    Role.ADMIN: "Quản trị",
    Role.GROUP_HEAD: "Tổ trưởng",
}


def ward_state(session: Session) -> str:
    """Tell what the database holds: `empty`, `loading` or `ready` (a demo ward), or `real`."""
    kept = session.get(Setting, KEY)
    if kept is not None:
        return str(json.loads(kept.value)["state"])
    return "real" if session.scalar(select(Ward.id).limit(1)) else "empty"


def mark(session: Session, ward_id: UUID, state: str) -> None:
    """Say that the ward is a demo, so that its log-ins may be renewed and its data replaced."""
    session.merge(Setting(key=KEY, value=json.dumps({"ward": str(ward_id), "state": state}).encode()))


def issue_logins(session: Session, ports: DemoPorts) -> list[Login]:
    """Give each printed account a new one-time password; it has to be changed at the first log-in."""
    ward_id = UUID(json.loads(session.get_one(Setting, KEY).value)["ward"])
    pins = read_pins(ports.settings.data_dir / "pki")
    known = {slug: pins.get(AGENCY if slug == "van-thu" else slug, "") for slug in (m.slug for m in STAFF)}
    wanted = [(m.username, _ROLE_NAMES[m.role], known[m.slug]) for m in STAFF]
    wanted += [(username, _ROLE_NAMES[Role.GROUP_HEAD], "") for username in HEADS]
    logins = []
    for username, role, pin in wanted:
        account = session.scalar(select(Account).where(Account.username == username))
        if account is None:
            continue
        new = reset_password(session, account.id, actor=installation(ward_id), clock=ports.clock)
        logins.append(
            Login(role=role, username=username, name=account.display_name, password=new.one_time_password, pin=pin)
        )
    return logins


def format_logins(logins: list[Login]) -> str:
    """Lay the log-ins out as a table for the console."""
    table = [COLUMNS, *((x.role, x.username, x.password, x.pin or "–", x.name) for x in logins)]
    widths = [max(len(row[place]) for row in table) for place in range(len(COLUMNS))]
    rows = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join(
        [
            "Tài khoản của phường mẫu (mật khẩu phải đổi ở lần đăng nhập đầu tiên):",
            *(row.rstrip() for row in rows),
            "PIN của văn thư mở khóa của cơ quan. Tổ trưởng khác: người quản trị cấp lại mật khẩu.",
        ]
    )
