"""Placing a signature in the browser: the preview is the result, to the point."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import NewPage, Ward, log_in
from tests.browser.papers import browser_pdf
from tests.browser.papers_desk import confirm_password, upload

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEADER = "Lãnh đạo"
SHARP = 4
"""Pixels of the device for each of the page: a large page is shown small, and a point must still be seen."""
FIELDS = ("x", "y", "width", "height")
Shot = Callable[..., None]
Box = tuple[float, float, float, float]


def turned(pdf: bytes, degrees: int, unit: float) -> bytes:
    """Turn and crop every page, and let it count in larger units."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            left, bottom, right, top = (float(v) for v in page.MediaBox)
            page.CropBox = [left + 20, bottom + 15, right - 10, top - 25]
            page.Rotate = degrees
            if unit != 1:
                page.UserUnit = unit
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def box_of(page: Page) -> Box:
    """What the form will send, in points."""
    return tuple(float(page.locator(f'input[name="{name}"]').input_value()) for name in FIELDS)  # type: ignore[return-value]


def ready(page: Page) -> Locator:
    expect(page.locator("[data-placing][data-ready]")).to_be_visible()
    return page.locator("[data-box]")


def blue_in(image: Image.Image) -> Box:
    """The box around what is drawn in blue ink, a hundredth of it aside: hairlines fade when they are drawn small."""
    pixels = image.convert("RGB").load()
    assert pixels is not None
    spots = [
        (x, y)
        for y in range(image.height)
        for x in range(image.width)
        if pixels[x, y][2] > pixels[x, y][0] + 25 and pixels[x, y][2] > pixels[x, y][1] + 20
    ]
    assert spots, "nothing blue"
    across, down = sorted(x for x, _y in spots), sorted(y for _x, y in spots)
    few = len(spots) // 100
    return across[few], down[few], across[-1 - few] + 1, down[-1 - few] + 1


def rectangle(pdf: bytes) -> Box:
    """The signature's widget in the page's own coordinates."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            for annotation in page.get("/Annots", []):
                if annotation.get("/FT") == "/Sig" or annotation.get("/Parent", {}).get("/FT") == "/Sig":
                    left, bottom, right, top = (float(v) for v in annotation.Rect)
                    return left, bottom, right, top
    raise AssertionError("no signature")


def expected_rectangle(pdf: bytes, seen: Box) -> Box:
    """Where a box as seen lies in the page's own coordinates, worked out here once more."""
    x, y, width, height = seen
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[-1]
        left, bottom, right, top = (float(v) for v in page.cropbox)
        unit, degrees = float(page.get("/UserUnit", 1)), int(page.get("/Rotate", 0)) % 360
    across, up = (right - left) * unit, (top - bottom) * unit
    corners = []
    for u, v in ((x, y), (x + width, y + height)):
        a, b = {0: (u, v), 90: (across - v, u), 180: (across - u, up - v), 270: (v, up - u)}[degrees]
        corners.append((left + a / unit, bottom + b / unit))
    (a, b), (c, d) = corners
    return min(a, c), min(b, d), max(a, c), max(b, d)


@pytest.mark.parametrize(("degrees", "unit"), [(0, 1.0), (90, 1.0), (180, 2.0), (270, 1.5)])
def test_the_signature_stands_where_the_preview_showed_it(
    ward: Ward, open_page: NewPage, chromium: Browser, shot: Shot, tmp_path: Path, degrees: int, unit: float
) -> None:
    leader = ward.logins[LEADER]
    page = open_page(sharp=SHARP)
    log_in(page, leader)
    path = tmp_path / "bao-cao.pdf"
    path.write_bytes(turned(browser_pdf(chromium, leader.name), degrees, unit))
    address = upload(page, path, leader.name, f"Đặt chỗ ký, xoay {degrees}")
    page.get_by_role("link", name="Đặt chỗ ký").click()
    chosen = _place_as_author(page, shot if degrees == 0 else None)
    page.get_by_role("button", name="Lưu chỗ đặt").click()
    page.wait_for_url(address)
    page.get_by_role("button", name="Trình ký").click()
    page.goto(f"{address}/sign")
    confirm_password(page)
    page.get_by_role("link", name="Xem và đổi chỗ đặt chữ ký").click()
    ready(page)
    assert box_of(page) == pytest.approx(chosen, abs=0.01)
    if degrees == 0:
        shot(page, "placing-signer-desktop", whole=False)
    preview = _preview(page)
    page.get_by_role("button", name="Lưu chỗ đặt").click()
    page.wait_for_url(f"{address}/sign")
    signed = _sign_and_fetch(page, leader.pin or "")
    assert rectangle(signed) == pytest.approx(expected_rectangle(signed, chosen), abs=0.02)
    _compare_pictures(signed, chosen, preview, unit)


def _place_as_author(page: Page, shot: Shot | None) -> Box:
    """A preset, the arrow keys, and the mouse, one after the other."""
    box = ready(page)
    assert page.get_by_label("Giữa chức vụ và họ tên (tự động)").is_checked()
    if shot:
        shot(page, "placing-author-desktop", whole=False)
    page.get_by_label("Dưới, bên trái").check()
    before = box_of(page)
    box.press("ArrowRight")
    box.press("Shift+ArrowUp")
    after = box_of(page)
    assert after[0] - before[0] == pytest.approx(72 / 25.4, abs=0.01)
    assert after[1] - before[1] == pytest.approx(720 / 25.4, abs=0.01)
    assert page.get_by_label("Chỗ tôi đặt trên trang").is_checked()
    edge = box.bounding_box()
    assert edge
    page.mouse.move(edge["x"] + 20, edge["y"] + 10)
    page.mouse.down()
    page.mouse.move(edge["x"] + 130, edge["y"] - 30, steps=5)
    page.mouse.up()
    chosen = box_of(page)
    assert chosen[0] > after[0] + 20
    return chosen


def _preview(page: Page) -> Image.Image:
    """The picture as the page shows it, without frame and handle, in the device's pixels."""
    box = page.locator("[data-box]")
    box.evaluate("box => { box.style.outline = 'none'; }")
    page.locator("[data-grip]").evaluate("grip => grip.remove()")
    expect(page.locator(".placing__picture")).to_have_js_property("complete", True)
    x, y, width, height = box.evaluate(
        "box => { const r = box.getBoundingClientRect(); return [r.x + scrollX, r.y + scrollY, r.width, r.height]; }"
    )
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True, scale="device")))
    return whole.crop(tuple(round(SHARP * value) for value in (x, y, x + width, y + height)))


def _sign_and_fetch(page: Page, pin: str) -> bytes:
    page.get_by_label("Mã PIN của khóa ký").fill(pin)
    page.get_by_role("button", name="Ký văn bản").click()
    expect(page.locator(".page-head")).to_contain_text("Đã ký, chờ cấp số")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp PDF").click()
    return Path(download.value.path()).read_bytes()


def _compare_pictures(signed: bytes, chosen: Box, preview: Image.Image, unit: float) -> None:
    """The ink of the preview and the ink of the signed file, in points from the box's corner."""
    document = pypdfium2.PdfDocument(signed)
    document.init_forms()
    scale = 3.0
    # pdfium draws a unit of the page, whatever /UserUnit says of its size.
    image = document[len(document) - 1].render(scale=scale * unit, may_draw_forms=True).to_pil()
    document.close()
    x, y, width, height = chosen
    top = image.height - (y + height) * scale
    part = image.crop(tuple(round(v) for v in (x * scale, top, (x + width) * scale, top + height * scale)))
    result = [value / scale for value in blue_in(part)]
    shown = [value / (preview.width / width) for value in blue_in(preview)]
    pixel = width / preview.width  # points: the screenshot is cut at whole pixels, which no placing can undo
    assert shown == pytest.approx(result, abs=1.0 + pixel)


def test_a_signature_is_placed_on_a_phone_with_the_finger_and_in_the_dark(
    ward: Ward, open_page: NewPage, chromium: Browser, shot: Shot, tmp_path: Path
) -> None:
    leader = ward.logins[LEADER]
    page = open_page(phone=True, dark=True)
    log_in(page, leader)
    path = tmp_path / "bao-cao.pdf"
    path.write_bytes(browser_pdf(chromium, leader.name))
    upload(page, path, leader.name, "Đặt chỗ ký trên điện thoại")
    page.get_by_role("link", name="Đặt chỗ ký").click()
    ready(page)
    stage = page.locator("[data-stage]").bounding_box()
    assert stage
    before = box_of(page)
    page.touchscreen.tap(stage["x"] + stage["width"] / 3, stage["y"] + stage["height"] / 4)
    assert box_of(page) != before
    shot(page, "placing-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_a_preset_and_a_page_do(
    ward: Ward, open_page: NewPage, chromium: Browser, shot: Shot, tmp_path: Path
) -> None:
    leader = ward.logins[LEADER]
    page = open_page(javascript=False)
    log_in(page, leader)
    path = tmp_path / "bao-cao.pdf"
    path.write_bytes(browser_pdf(chromium, leader.name))
    address = upload(page, path, leader.name, "Đặt chỗ ký không có JavaScript")
    page.get_by_role("link", name="Đặt chỗ ký").click()
    page.get_by_label("Dưới, ở giữa").check()
    shot(page, "placing-without-scripts", whole=False)
    page.get_by_role("button", name="Lưu chỗ đặt").click()
    page.wait_for_url(address)
    expect(page.locator("main")).to_contain_text("Đã lưu chỗ đặt chữ ký.")
