"""`phs doctor`: examines the installation and says in one line each what is well and what is not."""

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.cli.edge import Program, load_program
from webapp.core.errors import DomainError
from webapp.models import schema
from webapp.queries import health
from webapp.queries.places import list_wards
from webapp.services.audit_check import check_audit
from webapp.services.ledger import first_broken_row

# Below this a scan or a backup may fail half-way.
LEAST_FREE: Final = 500 * 1024 * 1024
SAMPLE: Final = 50


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    name: str
    ok: bool
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
def doctor(as_json: bool) -> None:
    """Tự kiểm tra cài đặt; kết thúc với mã 1 khi có chỗ chưa ổn."""
    checks = examine(load_program())
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            click.echo(f"{'ổn  ' if check.ok else 'LỖI '} {check.name}: {check.detail}")
    raise SystemExit(0 if all(check.ok for check in checks) else 1)


def examine(program: Program) -> list[Check]:
    """Make every check; a broken database leaves out those that need it."""
    folder = program.settings.data_dir
    checks = [_writable(folder), _disk(folder), *_keys(folder), _zone(), _word(program)]
    found = _schema(program)
    checks.append(found)
    if not found.ok:
        return checks
    with program.sessions() as session:
        checks.extend(_guarded(check, session, program) for check in (_file, _reference, _files, _cipher, _clock))
        checks.extend(_chains(session))
    return checks


def _guarded(check: Callable[[Session, Program], Check], session: Session, program: Program) -> Check:
    try:
        return check(session, program)
    except (SQLAlchemyError, OSError) as error:
        return Check(check.__name__.strip("_"), ok=False, detail=type(error).__name__)


def _writable(folder: Path) -> Check:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            return Check("thư mục dữ liệu", ok=True, detail=str(folder))
    except OSError as error:
        return Check("thư mục dữ liệu", ok=False, detail=f"không ghi được vào {folder}: {error.strerror}")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    return Check("dung lượng trống", ok=free >= LEAST_FREE, detail=f"{free / 1024**3:.1f} GiB")


def _keys(folder: Path) -> Iterator[Check]:
    """Keys must be there and readable by their owner only (mode 0600)."""
    kept = folder / "keys"
    for path in sorted({kept / "personal-data.key", *kept.glob("*.key"), *(folder / "pki").glob("*.json")}):
        if not path.exists():
            yield Check(f"khóa {path.name}", ok=False, detail="không có; tên và địa chỉ chủ hộ sẽ không đọc được")
            continue
        mode = path.stat().st_mode & 0o777
        mine = path.stat().st_uid == os.geteuid()
        detail = f"quyền {mode:04o}" + ("" if mine else ", thuộc người dùng khác")
        yield Check(f"khóa {path.name}", ok=not mode & 0o077, detail=detail)


def _zone() -> Check:
    try:
        ZoneInfo("Asia/Ho_Chi_Minh")
    except ZoneInfoNotFoundError:
        return Check("múi giờ", ok=False, detail="máy chưa có dữ liệu múi giờ (tzdata)")
    return Check("múi giờ", ok=True, detail="Asia/Ho_Chi_Minh")


def _word(program: Program) -> Check:
    """Say what turns Word files into PDF; without it the program works, but takes PDF only."""
    found = program.wiring.word.program()
    return Check("chuyển tệp Word", ok=True, detail=found or "không có LibreOffice: chỉ nhận tệp PDF")


def _schema(program: Program) -> Check:
    try:
        current = schema.current_revision(program.sessions.kw["bind"])
    except (SQLAlchemyError, OSError) as error:
        return Check("cơ sở dữ liệu", ok=False, detail=f"không mở được ({type(error).__name__})")
    head = schema.head_revision()
    if current != head:
        return Check(
            "cơ sở dữ liệu", ok=False, detail=f"lược đồ {current or 'trống'}, cần {head}: chạy `phs db upgrade`"
        )
    return Check("cơ sở dữ liệu", ok=True, detail=f"lược đồ {current}")


def _file(session: Session, _program: Program) -> Check:
    whole = health.file_is_whole(session)
    return Check("tệp cơ sở dữ liệu", ok=whole, detail="nguyên vẹn" if whole else "bị hỏng: hãy phục hồi bản sao lưu")


def _reference(session: Session, _program: Program) -> Check:
    count = health.count_indicators(session)
    return Check("danh mục", ok=count > 0, detail=f"{count} chỉ tiêu" if count else "chưa nạp: chạy `phs init`")


def _files(session: Session, program: Program) -> Check:
    names = health.stored_files(session, newest=SAMPLE)
    broken = [name for name in names if not _is_whole(program, name)]
    detail = f"đã đọc {len(names)} tệp" if not broken else f"mất hoặc bị sửa: {', '.join(broken[:3])}"
    return Check("kho tệp", ok=not broken, detail=detail)


def _is_whole(program: Program, name: str) -> bool:
    try:
        program.wiring.files.get(name)
    except DomainError:
        return False
    return True


def _cipher(session: Session, program: Program) -> Check:
    sealed = health.one_sealed(session)
    try:
        if sealed is not None:
            program.wiring.cipher.decrypt(sealed.ward_id, sealed.content)
    except DomainError as error:
        return Check("khóa dữ liệu cá nhân", ok=False, detail=error.text())
    return Check("khóa dữ liệu cá nhân", ok=True, detail="đọc được" if sealed else "chưa có hộ nào để thử")


def _clock(session: Session, program: Program) -> Check:
    now, newest = program.wiring.clock.now(), health.newest_event(session)
    late = newest is not None and newest > now + dt.timedelta(minutes=5)
    return Check("đồng hồ", ok=not late, detail=f"{now:%Y-%m-%d %H:%M:%S}Z" + (", chậm hơn nhật ký" if late else ""))


def _chains(session: Session) -> Iterator[Check]:
    for ward in list_wards(session):
        report = check_audit(session, ward.ward_id)
        detail = f"{report.rows} dòng" if report.intact else f"dòng {report.first_bad} không khớp"
        yield Check(f"nhật ký {ward.code}", ok=report.intact, detail=detail)
        broken = first_broken_row(session, ward.ward_id)
        detail = "nguyên vẹn" if broken is None else f"dòng {broken} không khớp"
        yield Check(f"sổ chữ ký {ward.code}", ok=broken is None, detail=detail)
