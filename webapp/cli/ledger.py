"""`phs ledger`: checkpoints of the signature ledger, given out here and checked anywhere."""

import json
from pathlib import Path
from typing import Any

import click

from webapp.core.checkpoints import (
    Checkpoint,
    Flaw,
    NotACheckpoint,
    check_checkpoint,
    compare_checkpoints,
    read_checkpoint,
)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
UNUSABLE = 2


@click.group()
def ledger() -> None:
    """Sổ chữ ký số: xuất mốc, kiểm tra mốc, đối chiếu với tệp."""


@ledger.command()
@click.argument("file", type=_FILE)
@click.option("--against", type=_FILE, metavar="MỐC", help="So với một mốc khác (cũ hơn hoặc mới hơn).")
@click.option("--files", type=_FOLDER, metavar="THƯ_MỤC", help="Tìm phần đã ký của từng dòng trong các tệp PDF ở đây.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho chương trình khác đọc.")
@click.pass_context
def verify(ctx: click.Context, file: Path, *, against: Path | None, files: Path | None, as_json: bool) -> None:
    """Kiểm tra một tệp mốc mà không cần máy chủ hay cơ sở dữ liệu.

    Kết thúc với mã 0 khi mọi thứ khớp, 1 khi có chỗ không khớp, 2 khi không đọc được tệp mốc.
    """
    checkpoint = _read(ctx, file)
    flaws = check_checkpoint(checkpoint)
    if against is not None:
        other = _read(ctx, against)
        flaws += [*check_checkpoint(other), *compare_checkpoints(checkpoint, other)]
    read = 0
    if files is not None:
        if checkpoint.rows is None:
            flaws.append(_BRIEF)
        else:
            # Only this option needs the signing room, which takes a second to load.
            from webapp.cli.ledger_files import check_files  # noqa: PLC0415

            strange, read = check_files(checkpoint.rows, files)
            flaws += strange
    click.echo(_as_json(checkpoint, flaws, read) if as_json else _as_text(checkpoint, flaws, read))
    ctx.exit(1 if flaws else 0)


@ledger.command()
@click.option("--ward", "ward_code", help="Mã phường (khi máy chủ có nhiều phường).")
@click.option("--brief", is_flag=True, help="Chỉ số dòng và mã băm cuối, không có từng dòng.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Ghi vào tệp này.")
def export(ward_code: str | None, *, brief: bool, output: Path | None) -> None:
    """Xuất mốc sổ chữ ký của phường (JSON)."""
    # `verify` must work where there is neither database nor application.
    from webapp.cli.ledger_store import write_ward_checkpoint  # noqa: PLC0415

    content = write_ward_checkpoint(ward_code, brief=brief)
    if output is None:
        click.echo(content.decode(), nl=False)
    else:
        output.write_bytes(content)


@ledger.command()
@click.option("--ward", "ward_code", help="Mã phường (khi máy chủ có nhiều phường).")
@click.pass_context
def reconcile(ctx: click.Context, ward_code: str | None) -> None:
    """Đối chiếu sổ với mọi tệp đã lưu ngay bây giờ; không khớp thì kết thúc với mã 1."""
    from webapp.cli.ledger_store import reconcile_ward  # noqa: PLC0415 - as above

    told, clean = reconcile_ward(ward_code)
    click.echo(told)
    ctx.exit(0 if clean else 1)


_BRIEF = Flaw("brief", "Mốc ngắn không có từng dòng nên không đối chiếu được với tệp; hãy xuất mốc đầy đủ.")


def _read(ctx: click.Context, path: Path) -> Checkpoint:
    try:
        return read_checkpoint(path.read_bytes())
    except (NotACheckpoint, OSError):
        click.echo(f"phs: {path}: không phải tệp mốc sổ chữ ký đọc được", err=True)
        ctx.exit(UNUSABLE)


def _as_text(checkpoint: Checkpoint, flaws: list[Flaw], read: int) -> str:
    kind = "mốc ngắn" if checkpoint.rows is None else "mốc đầy đủ"
    lines = [
        f"{checkpoint.ward_name}: {kind} lúc {checkpoint.made_at}, {checkpoint.last_sequence} dòng",
        f"Mã băm cuối: {checkpoint.head_hash.hex()}",
    ]
    if read:
        lines.append(f"Đã đọc {read} tệp PDF.")
    lines += [f"KHÔNG KHỚP: {flaw.text()}" for flaw in flaws] or ["Khớp: không dòng nào bị sửa, xóa hay chèn."]
    return "\n".join(lines)


def _as_json(checkpoint: Checkpoint, flaws: list[Flaw], read: int) -> str:
    told: dict[str, Any] = {
        "ok": not flaws,
        "ward": {"id": str(checkpoint.ward_id), "name": checkpoint.ward_name},
        "made_at": checkpoint.made_at,
        "last_sequence": checkpoint.last_sequence,
        "head_hash": checkpoint.head_hash.hex(),
        "brief": checkpoint.rows is None,
        "files_read": read,
        "flaws": [{"code": flaw.code, "message": flaw.text(), **flaw.params} for flaw in flaws],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
