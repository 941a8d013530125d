"""What is about to be signed, and the PIN."""

from __future__ import annotations

from html import escape
from typing import Final

from signing.agent.batches import Batch, Item, Stage
from signing.agent.errors import KeyNotHere
from signing.agent.keys import HeldKey
from signing.agent.pages import card, form, notice
from signing.settings import VIETNAM

DEAD_END: Final = frozenset({"token_locked"})
"""Problems after which another PIN is of no use."""


def approval_page(batch: Batch, key: HeldKey | KeyNotHere, *, token: str) -> tuple[str, str, int]:
    """Return title, body and seconds until the page looks again."""
    if batch.stage is Stage.FETCHING:
        return "Đang tải văn bản", notice("ok", "Đang tải và so mã băm của từng văn bản…"), 1
    if batch.stage is Stage.SIGNING:
        done, everything = len(batch.signed), len(batch.signed) + len(batch.left)
        return "Đang ký", notice("ok", f"Đã ký {done} trên {everything}.", "Đừng rút token cho đến khi xong."), 1
    if batch.stage is Stage.ENDED:
        return _ended(batch)
    count = len(batch.left)
    title = f"Ký {count} văn bản" if count > 1 else "Ký văn bản"
    if batch.signed:
        title = f"Ký tiếp {count} văn bản còn lại"
    items = "".join(_item(batch, place, item) for place, item in enumerate(batch.items))
    return title, f'<div class="split"><div>{items}</div>{_ask(batch, key, token, count)}</div>', 0


def _ended(batch: Batch) -> tuple[str, str, int]:
    lines = "".join(
        f'<li>{escape(item.title)}<br><span class="small">{escape(item.problem.vi)}</span></li>'
        for item in batch.items
        if item.problem is not None
    )
    told = card("Không ký được", f'<ul class="list">{lines}</ul>') if lines else ""
    if batch.problem is not None:
        before = f"<p>Đã ký {len(batch.signed)} văn bản trước đó.</p>" if batch.signed else ""
        return "Đã dừng", notice("warn", "Đã dừng", batch.problem.vi) + before + told, 0
    if not batch.signed:
        return "Không ký được", notice("danger", "Chưa ký văn bản nào.") + told, 0
    rest = "Bạn có thể đóng cửa sổ này, trang của phường tự lưu kết quả."
    return "Đã ký xong", notice("ok", f"Đã ký {len(batch.signed)} văn bản.", rest) + told, 0


def _item(batch: Batch, place: int, item: Item) -> str:
    head = f"<h2>{escape(item.title)}</h2><p>{escape(item.abstract)}</p>"
    if item.problem is not None:
        return f'<section class="card">{head}{notice("danger", "Không ký văn bản này", item.problem.vi)}</section>'
    if item.raw is not None:
        return f'<section class="card">{head}{notice("ok", "Đã ký")}</section>'
    base = f"/batch/{batch.id}/{place}"
    pages = f"{item.pages} trang" if item.pages else "tệp PDF"
    return (
        f'<section class="card">{head}'
        f'<p class="small"><span class="badge ok">Mã băm khớp</span> <a href="{base}.pdf" target="_blank">'
        f"Mở cả văn bản ({pages})</a></p>"
        f'<img class="leaf" src="{base}.png" alt="Trang 1 của văn bản" width="900" height="1273">'
        f'<p class="muted small wrap">SHA-256 của nội dung ký: {item.prepared.digest.hex()}</p></section>'
    )


def _ask(batch: Batch, key: HeldKey | KeyNotHere, token: str, count: int) -> str:
    """Return the card with the key, the last problem and the field for the PIN."""
    told = notice("danger", "Chưa ký được", batch.problem.vi) if batch.problem else ""
    button = '<div class="actions"><button class="plain" type="submit">Không ký</button></div>'
    refuse = form(f"/batch/{batch.id}/refuse", token, button)
    if isinstance(key, KeyNotHere):
        again = f'<p><a href="/batch/{batch.id}">Tìm lại token</a></p>'
        return card("Khóa ký", (told or notice("danger", "Không thấy khóa", key.vi)) + again + refuse)
    holder = _holder(batch, key)
    if key.locked or (batch.problem is not None and batch.problem.code in DEAD_END):
        return card("Khóa ký", holder + (told or notice("danger", "Token đã bị khóa")) + refuse)
    note = notice("warn", "Chú ý", key.pin_note) if key.pin_note and not told else ""
    if key.pin_pad:
        asked = "<p>Nhập PIN trên bàn phím của thiết bị sau khi bấm nút.</p>"
    else:
        asked = (
            '<label for="pin">Mã PIN của khóa ký</label>'
            '<input id="pin" name="pin" type="password" autocomplete="off" required autofocus maxlength="200">'
            '<p class="muted small">Mã PIN chỉ ở lại máy này, không gửi cho trang của phường và không được lưu.</p>'
        )
    text = f"Ký {count} văn bản" if count > 1 else "Ký văn bản này"
    act = f'{asked}<div class="actions"><button type="submit">{text}</button></div>'
    return card("Khóa ký", holder + told + note + form(f"/batch/{batch.id}/sign", token, act) + refuse)


def _holder(batch: Batch, key: HeldKey) -> str:
    info = key.info
    end = info.valid_to.astimezone(VIETNAM).strftime("%d/%m/%Y")
    told = f"{key.place}; do {info.issuer} cấp, đến {end}, số …{info.serial[-8:]}"
    return (
        f'<p><b>{escape(info.common_name)}</b><br><span class="muted small wrap">{escape(told)}</span></p>'
        f'<p class="small wrap">Yêu cầu từ: <b>{escape(batch.origin)}</b></p>'
    )
