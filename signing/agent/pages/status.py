"""The status page: paired wards, keys of this computer, last signings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from signing.agent.keys import HeldKey, Sight
from signing.agent.pages import card, form, notice
from signing.agent.pairing import Pairing
from signing.agent.settings import AgentSettings
from signing.settings import VIETNAM


def status_page(
    settings: AgentSettings,
    pairings: Sequence[Pairing],
    sight: Sight,
    history: Sequence[Mapping[str, Any]],
    *,
    token: str,
    problem: str = "",
) -> str:
    """Return the body of the page."""
    told = notice("danger", "Chưa làm được", problem) if problem else ""
    running = notice("ok", "Đang chạy", "Hãy để phần mềm chạy trong lúc ký. Mã PIN chỉ nhập ở trang của phần mềm này.")
    return (
        f"{told}{running}"
        f"{card('Trang của phường đã kết nối', _pairings(pairings, token))}"
        f"{card('Token và khóa trên máy này', _keys(settings, sight, token))}"
        f"{card('Các lần ký gần đây trên máy này', _history(history))}"
    )


def when(moment: datetime | None) -> str:
    """Say a moment as a clock on the wall in Vietnam shows it."""
    return moment.astimezone(VIETNAM).strftime("%H:%M ngày %d/%m/%Y") if moment else "chưa lần nào"


def _pairings(pairings: Sequence[Pairing], token: str) -> str:
    if not pairings:
        return (
            "<p>Chưa kết nối với trang nào. Trên trang của phường, mở “Khóa ký của tôi” rồi bấm "
            "“Kết nối phần mềm ký”.</p>"
        )
    lines = []
    for known in pairings:
        button = form(
            "/unpair",
            token,
            f'<input type="hidden" name="origin" value="{escape(known.origin)}">'
            f'<button class="plain" type="submit">Ngắt kết nối</button>',
        )
        lines.append(
            f'<li><div class="row"><div><b class="wrap">{escape(known.origin)}</b><br><span class="muted small">'
            f"Kết nối lúc {when(known.paired_at)}; ký lần cuối: {when(known.used_at)}</span></div>{button}</div></li>"
        )
    return f'<ul class="list">{"".join(lines)}</ul>'


def _keys(settings: AgentSettings, sight: Sight, token: str) -> str:
    lines = [_key(key) for key in sight.keys]
    lines += [_unread(name, token) for name in sight.unread]
    empty = "" if lines else "<p>Không thấy token nào. Hãy cắm token rồi tải lại trang này.</p>"
    troubles = "".join(notice("warn", "Trình điều khiển token", problem) for problem in sight.problems)
    libraries = ", ".join(path.name for path in settings.modules) or "chưa có"
    return (
        f'{troubles}{empty}<ul class="list">{"".join(lines)}</ul>'
        f'<p class="muted small wrap">Trình điều khiển (PKCS#11): {escape(libraries)}. Thiếu thì thêm bằng cách khởi '
        f"động với <code>--module ĐƯỜNG-DẪN</code>.<br>Không có token: chép tệp .p12 hoặc .pfx vào thư mục "
        f"<code>{escape(str(settings.key_folder))}</code>.</p>"
    )


def _key(key: HeldKey) -> str:
    info = key.info
    end = info.valid_to.astimezone(VIETNAM).strftime("%d/%m/%Y")
    if key.locked:
        state = '<span class="badge danger">Token đã bị khóa</span>'
    elif key.unfit:
        state = f'<span class="badge warn">Không ký được: {escape(key.unfit.vi)}</span>'
    else:
        state = '<span class="badge ok">Ký được</span>'
    note = f'<br><span class="small">{escape(key.pin_note)}</span>' if key.pin_note else ""
    told = f"{key.place}; do {info.issuer} cấp, hiệu lực đến {end}; số {info.serial}"
    return (
        f'<li><div class="row"><b>{escape(info.common_name)}</b>{state}</div>'
        f'<span class="muted small wrap">{escape(told)}</span>{note}</li>'
    )


def _unread(name: str, token: str) -> str:
    inside = (
        f'<input type="hidden" name="name" value="{escape(name)}">'
        f'<label for="pin-{escape(name)}">Mã PIN của tệp {escape(name)}</label>'
        f'<input id="pin-{escape(name)}" name="pin" type="password" autocomplete="off" required>'
        '<div class="actions"><button type="submit">Đọc chứng thư</button></div>'
    )
    told = "Chưa đọc chứng thư. Nhập PIN một lần để biết tệp này của ai; PIN không được lưu lại."
    return f'<li><b>{escape(name)}</b><p class="muted small">{told}</p>{form("/files/read", token, inside)}</li>'


def _history(history: Sequence[Mapping[str, Any]]) -> str:
    if not history:
        return "<p>Chưa ký lần nào trên máy này.</p>"
    lines = []
    for entry in history[:20]:
        titles = [escape(str(title)) for title in entry["titles"]]
        more = f" và {len(titles) - 3} văn bản khác" if len(titles) > 3 else ""
        at = when(datetime.fromisoformat(entry["at"]))
        lines.append(
            f'<li>{"; ".join(titles[:3])}{more}<br><span class="muted small wrap">{len(titles)} chữ ký, {at}, '
            f"{escape(str(entry['origin']))}</span></li>"
        )
    return f'<ul class="list">{"".join(lines)}</ul>'
