"""The verdict in words: what Circular 15/2025/TT-BKHCN asks a verifier to show, in Vietnamese first."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.relations import ENDING
from webapp.queries.companions import Companions, RelatedRow
from webapp.web.shared.filters import date_vi, datetime_vi

KINDS: Final = {"valid": "ok", "invalid": "danger", "indeterminate": "warn", "unsigned": "info", "unreadable": "warn"}
TITLES: Final = {
    "valid": _l("Chữ ký số hợp lệ"),
    "invalid": _l("Chữ ký số không hợp lệ"),
    "indeterminate": _l("Chưa kết luận được"),
    "unsigned": _l("Tệp chưa được ký số"),
    "unreadable": _l("Không kiểm tra được tệp này"),
}
WORDS: Final = {
    "valid": _l("Hợp lệ"),
    "invalid": _l("Không hợp lệ"),
    "indeterminate": _l("Chưa kết luận được"),
    "unsigned": _l("Chưa ký"),
    "unreadable": _l("Không đọc được"),
}
# What a reader should do with it; a warning is never a plain "valid".
ADVICE: Final = {
    "ok": _l("Nội dung còn nguyên vẹn từ khi ký và người ký được xác thực."),
    "tampered": _l("Nội dung đã bị sửa sau khi ký. Không dùng tệp này; hãy xin lại bản gốc."),
    "modified": _l("Tệp đã bị thay đổi sau khi ký. Không dùng tệp này; hãy xin lại bản gốc."),
    "untrusted": _l("Nội dung còn nguyên vẹn, nhưng không xác thực được ai đã ký. Hãy hỏi lại nơi gửi."),
    "expired": _l("Chứng thư số đã hết hạn và không có dấu thời gian chứng minh lúc ký. Hãy hỏi lại nơi gửi."),
    "revoked": _l("Chứng thư số của người ký đã bị thu hồi. Không dùng tệp này."),
    "weak_algorithm": _l("Chữ ký dùng thuật toán đã yếu, có thể bị giả. Hãy xin bản ký lại."),
    "status_unknown": _l("Chưa biết chứng thư số còn hiệu lực hay đã bị thu hồi. Hãy hỏi lại nơi gửi trước khi dùng."),
    "unsigned": _l("Tệp này không có chữ ký số nào, nên không biết ai lập và có bị sửa hay không."),
    "unreadable": _l("Tệp có thể hỏng, có mật khẩu, hoặc không phải là tệp PDF. Hãy xin lại bản gốc."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A row of the summary list."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureView:
    """One signature: its verdict in words and the facts behind it."""

    title: str
    kind: str
    word: str
    reasons: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """The whole answer."""

    kind: str
    title: str
    advice: str
    reasons: tuple[str, ...]
    signatures: tuple[SignatureView, ...]
    sha256: str
    checked_at: str


def verdict_view(report: Mapping[str, Any]) -> VerdictView:
    """Put a report (see signing/README.md) into the reader's words."""
    return VerdictView(
        kind=KINDS[report["verdict"]],
        title=str(TITLES[report["verdict"]]),
        advice=str(ADVICE[report["code"]]),
        reasons=_reasons(report),
        signatures=tuple(_signature(n, one) for n, one in enumerate(report["signatures"], 1)),
        sha256=report["sha256"],
        checked_at=_moment(report["checked_at"]),
    )


def ended_by(beside: Companions) -> RelatedRow | None:
    """Give the document that replaced or recalled this one."""
    return next((one for one in beside.related if one.later and one.kind in ENDING), None)


def signature_hashes(report: Mapping[str, Any]) -> list[str]:
    """Give the SHA-256 of every signature value in the file, to find it in the ledger."""
    return [one["signature_sha256"] for one in report["signatures"] if one["signature_sha256"]]


def _signature(number: int, one: Mapping[str, Any]) -> SignatureView:
    stamp = one["kind"] == "document_timestamp"
    title = _("Dấu thời gian của cả tệp") if stamp else one["signer"] or _("Chữ ký %(number)s", number=number)
    return SignatureView(
        title=title,
        kind=KINDS[one["verdict"]],
        word=str(WORDS[one["verdict"]]),
        reasons=_reasons(one),
        facts=tuple(_facts(one)) if one["certificate"] else (),
    )


def _facts(one: Mapping[str, Any]) -> list[Fact]:
    signer = ", ".join(dict.fromkeys(part for part in (one["signer"], one["title"], one["organization"]) if part))
    rows = (
        (_("Người ký"), signer),
        (_("Tổ chức cấp chứng thư số"), one["issuer"]),
        (_("Đơn vị quản lý chứng thư số"), one["managing_unit"]),
        (_("Thời gian ký"), _signing_time(one)),
        (_("Tính toàn vẹn"), _("Nội dung còn nguyên vẹn") if one["intact"] else _("Nội dung không còn nguyên vẹn")),
        (_("Hiệu lực chứng thư tại lúc ký"), _validity_then(one)),
        (_("Thời hạn chứng thư số"), f"{_day(one['valid_from'])} – {_day(one['valid_to'])}"),
        (_("Tình trạng thu hồi"), _revocation(one["revocation"]["status"])),
        (_("Số chứng thư"), one["serial"]),
        (_("Mức chữ ký và thuật toán"), _technical(one)),
    )
    return [Fact(label=name, value=value or "–") for name, value in rows]


def _signing_time(one: Mapping[str, Any]) -> str:
    if one["timestamp_time"] and one["timestamp_trusted"]:
        return str(_("%(time)s (có dấu thời gian chứng thực)", time=_moment(one["timestamp_time"])))
    if one["claimed_time"]:
        return str(_("%(time)s (theo lời người ký, chưa được chứng thực)", time=_moment(one["claimed_time"])))
    return str(_("Không ghi"))


def _validity_then(one: Mapping[str, Any]) -> str:
    words = {
        "ok": _("Còn hiệu lực"),
        "expired": _("Hết hạn hoặc chưa có hiệu lực"),
        "revoked": _("Đã bị thu hồi"),
        "untrusted": _("Không xác định được: không rõ nơi cấp"),
        "status_unknown": _("Trong thời hạn; chưa rõ có bị thu hồi hay không"),
    }
    return str(words.get(one["code"], _("Không xác định được")))


def _revocation(status: str) -> str:
    words = {
        "good": _("Không bị thu hồi"),
        "revoked": _("Đã bị thu hồi"),
        "unknown": _("Chưa biết"),
        "not_declared": _("Nơi cấp không công bố danh sách thu hồi"),
    }
    return str(words.get(status, _("Chưa biết")))


def _technical(one: Mapping[str, Any]) -> str:
    level = f"PAdES {one['level'].upper()}" if one["level"] else ""
    key = f"{one['key_algorithm'].upper()} {one['key_bits']}" if one["key_bits"] else ""
    parts = (level, key, one.get("signature_scheme", ""), one["digest_algorithm"].upper())
    return ", ".join(part for part in parts if part)


def _reasons(part: Mapping[str, Any]) -> tuple[str, ...]:
    language = "en" if str(get_locale()) == "en" else "vi"
    return tuple(dict.fromkeys(reason[language] for reason in part["reasons"] if reason["code"] != "ok"))


def _moment(text: str | None) -> str:
    return datetime_vi(dt.datetime.fromisoformat(text)) if text else "–"


def _day(text: str | None) -> str:
    return date_vi(dt.datetime.fromisoformat(text)) if text else "–"
