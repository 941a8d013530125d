"""``sign``: sign one file with a PKCS#12 key."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from signing.cli.options import FILE, Rectangle, chain_option, crl_option, json_option, trust_option
from signing.cli.output import fail, print_json, print_lines, signed_lines
from signing.errors import DocumentUnreadable, PictureUnreadable, SigningError, TimestamperMissing
from signing.fields import place_person
from signing.keystores import load_pkcs12, open_pkcs12
from signing.model import Box, CertificateInfo, Level, Place, SignedPdf, SignRequest, Stamp, StampLayout
from signing.sign import Surroundings, sign_pdf
from signing.timestamps import HttpTimestamper, LocalTimestamper, Timestamper
from signing.trust import load_certificates, load_crls, load_trust

REFUSED: Final = 1
DEFAULT_FIELD: Final = "ChuKy"
TEXT_LINES: Final = ("Người ký: {signer}", "Thời gian ký: {time}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOptions:
    """The command line of ``sign`` as one value."""

    source: Path
    target: Path
    p12: Path
    pin: str
    tsa: str | None
    tsa_p12: Path | None
    tsa_pin: str
    chain: tuple[Path, ...]
    trust: tuple[Path, ...]
    crl: tuple[Path, ...]
    image: Path | None
    page: int | None
    box: Box | None
    name: str
    field: str
    reason: str
    level: Level
    visible: bool | None


@click.command()
@click.argument("source", metavar="IN", type=FILE)
@click.argument("target", metavar="OUT", type=FILE)
@click.option("--p12", required=True, type=FILE, help="Tệp khóa ký PKCS#12 (.p12, .pfx).")
@click.option("--pin-env", metavar="NAME", help="Tên biến môi trường chứa mã PIN; không nêu thì được hỏi.")
@click.option("--tsa", metavar="URL", help="Địa chỉ dịch vụ dấu thời gian (RFC 3161).")
@click.option("--tsa-p12", type=FILE, help="Khóa dấu thời gian tại chỗ, thay cho --tsa.")
@click.option("--tsa-pin-env", metavar="NAME", help="Tên biến môi trường chứa mã PIN của --tsa-p12.")
@chain_option
@trust_option
@crl_option
@click.option("--image", type=FILE, help="Ảnh chữ ký hoặc con dấu (PNG).")
@click.option("--page", type=int, help="Trang đặt chữ ký, từ 1; số âm đếm từ cuối.")
@click.option("--box", type=Rectangle(), help="Ô đặt chữ ký trên trang.")
@click.option("--name", default="", help="Họ tên ghi cùng chữ ký; mặc định lấy từ chứng thư số.")
@click.option("--field", default=DEFAULT_FIELD, show_default=True, help="Tên trường chữ ký.")
@click.option("--reason", default="", help="Lý do ký.")
@click.option(
    "--level", type=click.Choice(["b-b", "b-t", "b-lt"]), help="Mức PAdES; mặc định b-t khi có dấu thời gian."
)
@click.option(
    "--visible/--invisible", default=None, help="Chữ ký có hình hay không; mặc định có khi nêu --image hoặc --box."
)
@click.option("--force", is_flag=True, help="Cho phép ghi đè tệp OUT đã có, kể cả khi OUT là IN.")
@json_option
def sign(*, as_json: bool, force: bool, pin_env: str | None, tsa_pin_env: str | None, **values: Any) -> None:  # noqa: ANN401  -- one value per option, collected in SignOptions
    """Ký số tệp IN và ghi kết quả vào OUT.

    Tệp OUT chỉ xuất hiện khi đã ký xong và tự kiểm tra đạt. Mã kết thúc: 0 đã ký, 1 bị từ chối hoặc lỗi.
    """
    pin = _pin(pin_env, "Mã PIN của khóa ký")
    tsa_pin = _pin(tsa_pin_env, "Mã PIN của khóa dấu thời gian") if values["tsa_p12"] else ""
    level = values.pop("level") or ("b-t" if values["tsa"] or values["tsa_p12"] else "b-b")
    options = SignOptions(pin=pin, tsa_pin=tsa_pin, level=Level(level), **values)
    try:
        _check_target(options, force=force)
        result = run(options)
        write_atomically(options.target, result.data)
    except SigningError as error:
        fail(error, as_json=as_json, status=REFUSED)
    if as_json:
        print_json({"signed": True, **result.to_json()})
    else:
        print_lines(signed_lines(result, options.target.name))


def run(options: SignOptions) -> SignedPdf:
    """Sign as the options say; nothing is written. Raises SigningError."""
    data = _read(options.source)
    chain = load_certificates(options.chain)
    trust = load_trust(options.trust, intermediates=options.chain) if options.trust else None
    surroundings = Surroundings(timestamper=_timestamper(options), trust=trust, crls=load_crls(options.crl))
    with open_pkcs12(options.p12, options.pin, chain=chain) as signer:
        common_name = options.name or CertificateInfo.of(signer.certificate).common_name
        return sign_pdf(data, signer, _request(options, data, common_name), surroundings)


def write_atomically(target: Path, data: bytes) -> None:
    """Write beside the target, flush to the disk, then rename: the target is the old file or the whole new one."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise OutputNotWritten from error


class OutputNotWritten(SigningError):
    """The signed file could not be written: no such folder, no permission, disk full, or it exists."""

    code = "output_not_written"
    vi = "Không ghi được tệp kết quả (thư mục không có, không có quyền hoặc hết chỗ)."
    en = "The result cannot be written (no such folder, no permission, or disk full)."


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_target(options: SignOptions, *, force: bool) -> None:
    if options.target.is_dir():
        raise OutputNotWritten("Đường dẫn OUT là một thư mục.", "OUT is a folder.")
    if options.target.exists() and not force:
        same = options.source.exists() and options.target.samefile(options.source)
        if same:
            raise OutputNotWritten("OUT trùng với IN; thêm --force nếu thật sự muốn ghi đè.", "OUT is IN; use --force.")
        raise OutputNotWritten("Tệp OUT đã có; thêm --force để ghi đè.", "OUT exists; use --force to overwrite.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentUnreadable(
            "Không tìm thấy hoặc không mở được tệp IN.", "IN is missing or cannot be read."
        ) from error


def _pin(variable: str | None, prompt: str) -> str:
    if variable is None:
        return str(click.prompt(prompt, hide_input=True, err=True))
    value = os.environ.get(variable)
    if value is None:
        raise click.UsageError(f"Biến môi trường {variable} chưa được đặt.")
    return value


def _timestamper(options: SignOptions) -> Timestamper | None:
    if options.tsa_p12 is not None:
        return LocalTimestamper(load_pkcs12(options.tsa_p12, options.tsa_pin))
    if options.tsa is None:
        return None
    try:
        return HttpTimestamper(options.tsa)
    except ValueError as error:
        raise TimestamperMissing("Địa chỉ --tsa phải bắt đầu bằng http:// hoặc https://.", str(error)) from error


def _request(options: SignOptions, data: bytes, common_name: str) -> SignRequest:
    place, stamp = None, None
    shown = options.visible if options.visible is not None else bool(options.image or options.box)
    if shown:
        place, stamp = _place(options, data, common_name), _stamp(options)
    return SignRequest(
        field=options.field, level=options.level, place=place, stamp=stamp, reason=options.reason, name=options.name
    )


def _place(options: SignOptions, data: bytes, common_name: str) -> Place:
    if options.box is None:
        return place_person(data, common_name)
    page = options.page if options.page is not None else 1
    return Place(page=page - 1 if page > 0 else page, box=options.box)


def _stamp(options: SignOptions) -> Stamp:
    if options.image is None:
        return Stamp(layout=StampLayout.TEXT, lines=TEXT_LINES, size=9.0)
    try:
        return Stamp(picture=options.image.read_bytes())
    except OSError as error:
        raise PictureUnreadable from error
