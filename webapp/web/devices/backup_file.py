"""Reading the file that a phone's "Lưu ra tệp" makes. Nothing in it is believed before it was looked at."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from pydantic import ValidationError

from webapp.core.errors import InvalidInput
from webapp.core.visit_content import content_sha256
from webapp.web.shared.visit_body import VisitBody, body_problems

FORMAT: Final = "phuong-so-backup"
VERSION: Final = 1
FILE_MAX: Final = 10 * 1024 * 1024
RECORDS_MAX: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """Records as the file holds them; `whole` tells whether its checksum is right."""

    records: list[dict[str, Any]]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """One record: a visit that can be taken in, or why not."""

    body: VisitBody | None = None
    is_draft: bool = False
    problem: str = ""


def read_file(content: bytes) -> BackupFile:
    """Read the file. Raises InvalidInput for anything that is no backup."""
    try:
        data = json.loads(content.decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidInput(_("Đây không phải tệp sao lưu từ điện thoại, hoặc tệp đã hỏng.")) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("records"), list):
        raise InvalidInput(_("Đây không phải tệp sao lưu từ điện thoại, hoặc tệp đã hỏng."))
    if data.get("version") != VERSION:
        raise InvalidInput(_("Tệp này của một phiên bản khác. Hãy cập nhật chương trình rồi thử lại."))
    records = data["records"]
    if len(records) > RECORDS_MAX:
        raise InvalidInput(_("Tệp có quá nhiều phiếu (nhiều nhất %(most)s).", most=RECORDS_MAX))
    return BackupFile(
        records=[record if isinstance(record, dict) else {} for record in records],
        whole=_checksum(records) == data.get("checksum"),
    )


def _checksum(records: list[Any]) -> str:
    text = json.dumps(records, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_record(record: dict[str, Any]) -> ReadRecord:
    """Read one record: the exact bytes that the phone would have sent; a draft was never finished."""
    text = record.get("text")
    if text is None and isinstance(record.get("body"), dict):
        return ReadRecord(is_draft=True)
    if not isinstance(text, str):
        return ReadRecord(problem=_("Không đọc được phiếu này."))
    try:
        body = VisitBody.model_validate_json(text.encode("utf-8", "replace"))
    except ValidationError as error:
        problems = body_problems(error.errors(include_url=False, include_context=False, include_input=False))
        told = "; ".join(": ".join(filter(None, (found.field, found.message))) for found in problems[:3])
        return ReadRecord(problem=_("Không đọc được phiếu này: %(why)s", why=told))
    sha256 = record.get("sha256")
    if sha256 and sha256 != content_sha256(body.command().content):
        return ReadRecord(problem=_("Nội dung phiếu đã bị sửa trong tệp nên không nhận."))
    return ReadRecord(body=body)
