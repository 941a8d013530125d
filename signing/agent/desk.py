"""The agent's own pages: status, pairing, and what is about to be signed. Forms are taken from these pages only."""

from __future__ import annotations

import hmac

from signing.agent import answers
from signing.agent.answers import Answer, Ask
from signing.agent.batches import Batch
from signing.agent.doors import own_origins, tidy_origin
from signing.agent.errors import BatchUnknown, KeyNotHere
from signing.agent.keys import HeldKey
from signing.agent.pages import STYLE, notice, whole_page
from signing.agent.pages.approval import approval_page
from signing.agent.pages.pair import ask_page, code_page, refused_page
from signing.agent.pages.status import status_page
from signing.agent.parts import Parts
from signing.agent.preview import draw_page
from signing.errors import SigningError


def answer_desk(parts: Parts, ask: Ask) -> Answer:
    """Answer the person at this computer."""
    try:
        if ask.method == "GET":
            return _show(parts, ask)
        if ask.method == "POST" and _is_own(parts, ask):
            return _take(parts, ask)
    except BatchUnknown as error:
        return _page(parts, "Không còn lượt ký này", notice("warn", "Không còn lượt ký này", error.vi), status=404)
    return _page(parts, "Không nhận yêu cầu này", notice("danger", "Yêu cầu không đến từ trang này."), status=403)


def _is_own(parts: Parts, ask: Ask) -> bool:
    """Return True for a form of ours: browsers say where a form comes from, and only our pages know the token."""
    own = ask.headers.get("origin", "") in own_origins(parts.settings.port)
    return own and hmac.compare_digest(ask.fields.get("form_token", "").encode(), parts.form_token.encode())


def _show(parts: Parts, ask: Ask) -> Answer:
    match ask.path.split("/")[1:]:
        case [""]:
            return _status(parts)
        case ["agent.css"]:
            return answers.file(STYLE, "text/css; charset=utf-8")
        case ["pair"]:
            origin = tidy_origin(ask.fields.get("origin", ""))
            body = ask_page(origin, token=parts.form_token) if origin else refused_page()
            return _page(parts, "Kết nối với trang của phường", body, status=200 if origin else 400)
        case ["batch", batch_id]:
            return _approval(parts, parts.batches.get(batch_id))
        case ["batch", batch_id, name]:
            return _document(parts, batch_id, name)
        case _:
            return _page(parts, "Không có trang này", '<p><a href="/">Về trang đầu</a></p>', status=404)


def _take(parts: Parts, ask: Ask) -> Answer:
    match ask.path.split("/")[1:]:
        case ["pair"]:
            origin = tidy_origin(ask.fields.get("origin", ""))
            if origin is None:
                return _page(parts, "Kết nối với trang của phường", refused_page(), status=400)
            offer = parts.pairings.offer(origin)
            return _page(parts, "Kết nối với trang của phường", code_page(origin, offer.code))
        case ["unpair"]:
            parts.pairings.forget(ask.fields.get("origin", ""))
            return answers.go_to("/")
        case ["files", "read"]:
            return _read_file(parts, ask)
        case ["batch", batch_id, "sign"]:
            parts.batches.sign(batch_id, ask.fields.get("pin", ""))
            return answers.go_to(f"/batch/{batch_id}")
        case ["batch", batch_id, "refuse"]:
            parts.batches.refuse(batch_id)
            return answers.go_to(f"/batch/{batch_id}")
        case _:
            return answers.bare(404)


def _status(parts: Parts, problem: str = "") -> Answer:
    body = status_page(
        parts.settings,
        parts.pairings.all(),
        parts.keys.see(),
        parts.notebook.read()["history"],
        token=parts.form_token,
        problem=problem,
    )
    return _page(parts, "Phần mềm ký trên máy này", body, status=422 if problem else 200)


def _read_file(parts: Parts, ask: Ask) -> Answer:
    try:
        parts.keys.read_file(ask.fields.get("name", ""), ask.fields.get("pin", ""))
    except SigningError as error:
        return _status(parts, error.vi)
    return answers.go_to("/")


def _approval(parts: Parts, batch: Batch) -> Answer:
    key: HeldKey | KeyNotHere
    try:
        key = parts.keys.find(batch.fingerprint)
    except KeyNotHere as error:
        key = error
    title, body, refresh = approval_page(batch, key, token=parts.form_token)
    return _page(parts, title, body, refresh=refresh)


def _document(parts: Parts, batch_id: str, name: str) -> Answer:
    """Return a document of the batch, or its first page: the very bytes that were checked."""
    batch = parts.batches.get(batch_id)
    place, _, kind = name.partition(".")
    if not (place.isascii() and place.isdigit() and int(place) < len(batch.items)) or kind not in {"pdf", "png"}:
        return answers.bare(404)
    pdf = batch.items[int(place)].pdf
    if kind == "pdf":
        return answers.file(pdf, "application/pdf") if pdf else answers.bare(404)
    picture = draw_page(pdf) if pdf else None
    return answers.file(picture, "image/png") if picture else answers.bare(404)


def _page(parts: Parts, title: str, body: str, *, status: int = 200, refresh: int = 0) -> Answer:
    return answers.page(
        whole_page(title, body, address=parts.settings.address, refresh=refresh),
        status=status,
    )
