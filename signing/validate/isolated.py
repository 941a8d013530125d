"""Check a stranger's file in a child process with bounds on time and memory.

A crafted PDF can cost it, not the web server.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from asn1crypto import pem

from signing.model import (
    CertificateInfo,
    Code,
    Coverage,
    FileReport,
    Level,
    Reason,
    RevocationStatus,
    SignatureKind,
    SignatureReport,
)
from signing.settings import ISOLATED_FILE_BYTES, ISOLATED_MEMORY_BYTES, ISOLATED_SECONDS, MAX_PDF_BYTES, utc_now
from signing.trust import TrustStore
from signing.validate.texts import reason

_PACKAGE_ROOT: Final = Path(__file__).resolve().parents[2]


def validate_isolated(
    data: bytes,
    *,
    trust: TrustStore,
    crls: Sequence[bytes] = (),
    at: datetime | Literal["now"] | None = None,
    now: datetime | None = None,
    seconds: int = ISOLATED_SECONDS,
) -> FileReport:
    """As ``validate_pdf``, in a child process; too slow, too big or a crash give the verdict ``unreadable``."""
    now = now or utc_now()
    if len(data) > MAX_PDF_BYTES:
        return _failed(data, now, "too_big")
    with tempfile.TemporaryDirectory(prefix="kiem-") as name:
        folder = Path(name)
        (folder / "file.pdf").write_bytes(data)
        command = _command(folder, trust=trust, crls=crls, at=at, now=now)
        command += ["--bounded", str(max(seconds, 1))]
        try:
            child = subprocess.run(  # noqa: S603  -- our own interpreter and module, no shell
                command,
                capture_output=True,
                timeout=seconds,
                check=False,
                cwd=_PACKAGE_ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return _failed(data, now, "timeout")
        except OSError:
            return _failed(data, now, "crashed")
    try:
        return report_from_json(json.loads(child.stdout))
    except (ValueError, KeyError, TypeError):
        return _failed(data, now, "crashed")


def _command(
    folder: Path, *, trust: TrustStore, crls: Sequence[bytes], at: datetime | str | None, now: datetime
) -> list[str]:
    command = [sys.executable, "-m", "signing", "validate", str(folder / "file.pdf"), "--json"]
    command += ["--now", now.isoformat()]
    for option, name, certificates in (
        ("--trust", "trust.pem", trust.anchors),
        ("--chain", "chain.pem", trust.intermediates),
    ):
        if certificates:
            armored = b"".join(pem.armor("CERTIFICATE", c.dump()) for c in certificates)
            (folder / name).write_bytes(armored)
            command += [option, str(folder / name)]
    if crls:
        (folder / "lists.pem").write_bytes(b"".join(pem.armor("X509 CRL", crl) for crl in crls))
        command += ["--crl", str(folder / "lists.pem")]
    if at is not None:
        command += ["--at", at if isinstance(at, str) else at.isoformat()]
    return command


def _environment() -> dict[str, str]:
    """No secrets of the parent; the same import path."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV") if key in os.environ}
    path = os.pathsep.join([str(_PACKAGE_ROOT), *(p for p in sys.path if p)])
    return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}


def bound_this_process(seconds: int) -> None:
    """Limit processor time, memory, core dumps and file sizes of the running process: the child calls it first.

    It sets its own limits because code between fork and exec may hang in a parent with threads.
    """
    resource.setrlimit(resource.RLIMIT_AS, (ISOLATED_MEMORY_BYTES, ISOLATED_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (ISOLATED_FILE_BYTES, ISOLATED_FILE_BYTES))


def _failed(data: bytes, now: datetime, text: str) -> FileReport:
    return FileReport(
        code=Code.UNREADABLE,
        reasons=(reason(Code.UNREADABLE, text=text),),
        checked_at=now,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )


def report_from_json(value: dict[str, Any]) -> FileReport:
    """Return a FileReport out of its JSON. Raises KeyError, TypeError or ValueError for anything else."""
    return FileReport(
        code=Code(value["code"]),
        reasons=_reasons(value["reasons"]),
        checked_at=_moment(value["checked_at"]) or utc_now(),
        sha256=str(value["sha256"]),
        size=int(value["size"]),
        signatures=tuple(_signature(item) for item in value["signatures"]),
    )


def _signature(value: dict[str, Any]) -> SignatureReport:
    return SignatureReport(
        code=Code(value["code"]),
        reasons=_reasons(value["reasons"]),
        kind=SignatureKind(value["kind"]),
        field=value["field"],
        certificate=_certificate(value["certificate"]),
        claimed_time=_moment(value["claimed_time"]),
        timestamp_time=_moment(value["timestamp_time"]),
        timestamp_trusted=bool(value["timestamp_trusted"]),
        control_time=_moment(value["control_time"]),
        intact=bool(value["intact"]),
        digest_algorithm=value["digest_algorithm"],
        signature_algorithm=value["signature_algorithm"],
        coverage=Coverage(value["coverage"]),
        revision_end=int(value["revision_end"]),
        level=Level(value["level"]) if value["level"] else None,
        revocation=RevocationStatus(value["revocation"]["status"]),
        revocation_source=value["revocation"]["source"],
        signature_sha256=value["signature_sha256"],
    )


def _certificate(value: dict[str, Any] | None) -> CertificateInfo | None:
    if value is None:
        return None
    return CertificateInfo(
        common_name=value["common_name"],
        organization=value["organization"],
        title=value["title"],
        subject=value["subject"],
        issuer=value["issuer"],
        issuer_organization=value["managing_unit"],
        serial=value["serial"],
        sha256=value["sha256"],
        valid_from=datetime.fromisoformat(value["valid_from"]).astimezone(UTC),
        valid_to=datetime.fromisoformat(value["valid_to"]).astimezone(UTC),
        key_usage=tuple(value["key_usage"]),
        key_algorithm=value["key_algorithm"],
        key_bits=int(value["key_bits"]),
    )


def _reasons(values: list[dict[str, str]]) -> tuple[Reason, ...]:
    return tuple(Reason(item["code"], item["vi"], item["en"]) for item in values)


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(UTC) if value else None
