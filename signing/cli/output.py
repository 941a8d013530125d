"""What the commands print, and with which exit status they end."""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Final, NoReturn

import click

from signing.errors import SigningError
from signing.model import Code, FileReport, Json, Reason, SignatureReport, SignedPdf, Verdict
from signing.settings import utc_now
from signing.validate.texts import moment_text

EXIT: Final = {
    Verdict.VALID: 0,
    Verdict.INVALID: 1,
    Verdict.INDETERMINATE: 2,
    Verdict.UNSIGNED: 3,
    Verdict.UNREADABLE: 4,
}
WORDS: Final = {
    Verdict.VALID: "HỢP LỆ",
    Verdict.INVALID: "KHÔNG HỢP LỆ",
    Verdict.INDETERMINATE: "CHƯA KẾT LUẬN ĐƯỢC",
    Verdict.UNSIGNED: "CHƯA KÝ SỐ",
    Verdict.UNREADABLE: "KHÔNG ĐỌC ĐƯỢC",
}


def print_json(value: Json) -> None:
    """One JSON document, letters as they are, whatever the terminal's encoding."""
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n")
    sys.stdout.buffer.flush()


def report_lines(report: FileReport) -> list[str]:
    """A report for people."""
    lines = [f"{WORDS[report.verdict]} ({report.verdict.value}: {report.code.value})"]
    lines += [f"  {reason.vi}" for reason in report.reasons]
    for number, signature in enumerate(report.signatures, 1):
        lines += ["", *_signature_lines(number, signature)]
    return [*lines, "", f"SHA-256: {report.sha256}", f"Kiểm tra lúc: {moment_text(report.checked_at)}"]


def _signature_lines(number: int, signature: SignatureReport) -> list[str]:
    lines = [f"Chữ ký {number}: {WORDS[signature.verdict]} ({signature.code.value})"]
    certificate = signature.certificate
    if certificate is not None:
        signer = (certificate.common_name, certificate.title, certificate.organization)
        lines += [
            f"  Người ký: {', '.join(part for part in signer if part)}",
            f"  Tổ chức cấp chứng thư số: {certificate.issuer}",
            f"  Đơn vị quản lý: {certificate.issuer_organization}",
            f"  Chứng thư số có hiệu lực: {moment_text(certificate.valid_from)} – {moment_text(certificate.valid_to)}",
        ]
    if signature.timestamp_time is not None:
        trusted = "tin cậy" if signature.timestamp_trusted else "chưa tin cậy"
        lines.append(f"  Dấu thời gian ({trusted}): {moment_text(signature.timestamp_time)}")
    elif signature.claimed_time is not None:
        lines.append(f"  Thời gian ký (tự khai): {moment_text(signature.claimed_time)}")
    how = [part for part in (signature.scheme, signature.digest_algorithm.upper()) if part]
    if how:
        lines.append(f"  Thuật toán ký: {', '.join(how)}")
    lines.append(f"  Nội dung đã ký: {'toàn vẹn' if signature.intact else 'không toàn vẹn hoặc không xác định được'}")
    return lines + [f"  - {reason.vi}" for reason in signature.reasons]


def signed_lines(result: SignedPdf, path: str) -> list[str]:
    """A success for people."""
    lines = [f"Đã ký: {path}", f"  Người ký: {result.certificate.common_name}", f"  Mức: {result.level.value.upper()}"]
    if result.timestamp_time is not None:
        lines.append(f"  Dấu thời gian: {moment_text(result.timestamp_time)}")
    return [*lines, f"  SHA-256: {result.sha256}"]


def unchecked(error: SigningError) -> FileReport:
    """Return the report of a check that could not begin."""
    reasons = (Reason(error.code, error.vi, error.en),)
    sha256 = hashlib.sha256(b"").hexdigest()
    return FileReport(code=Code.UNREADABLE, reasons=reasons, checked_at=utc_now(), sha256=sha256, size=0)


def print_lines(lines: list[str]) -> None:
    """Text in UTF-8, whatever the terminal's encoding."""
    sys.stdout.buffer.write("\n".join(lines).encode() + b"\n")
    sys.stdout.buffer.flush()


def fail(error: SigningError, *, as_json: bool, status: int) -> NoReturn:
    """Say what went wrong, one line, and end."""
    if as_json:
        print_json({"error": error.to_json()})
    else:
        sys.stderr.buffer.write(f"Lỗi: {error.vi}\n".encode())
        sys.stderr.buffer.flush()
    raise click.exceptions.Exit(status)
