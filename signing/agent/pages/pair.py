"""Pairing: who asks, and the code to type there."""

from __future__ import annotations

from html import escape

from signing.agent.pages import card, form, notice
from signing.agent.settings import CODE_SECONDS


def ask_page(origin: str, *, token: str) -> str:
    """Return the question whether this address may ask for signatures."""
    inside = (
        f'<p>Trang này muốn dùng khóa ký trên máy của bạn:</p><p class="address wrap">{escape(origin)}</p>'
        "<p>Chỉ cho phép khi đây đúng là địa chỉ trang của phường bạn. Mỗi lần ký bạn vẫn được xem văn bản và nhập "
        "mã PIN ở đây; trang của phường không bao giờ thấy mã PIN.</p>"
        f'<input type="hidden" name="origin" value="{escape(origin)}">'
        '<div class="actions"><button type="submit">Đúng, cho phép</button><a href="/">Không cho phép</a></div>'
    )
    return card("Cho phép trang này?", form("/pair", token, inside))


def code_page(origin: str, code: str) -> str:
    """Return the one-time code."""
    minutes = CODE_SECONDS // 60
    return card(
        "Mã kết nối",
        f'<p>Quay lại trang <b class="wrap">{escape(origin)}</b> và nhập mã này:</p>'
        f'<p class="code">{escape(code[:4])} {escape(code[4:])}</p>'
        f"<p>Mã dùng một lần, trong {minutes} phút. Đừng đọc mã cho ai và đừng nhập ở trang khác.</p>",
    )


def refused_page() -> str:
    """Return why an address may not be paired at all."""
    return notice(
        "danger",
        "Không kết nối được với địa chỉ này",
        "Chỉ kết nối với trang dùng https (hoặc trang chạy ngay trên máy này). Hãy mở trang của phường bằng https.",
    )
