"""The frame around every page, the pages of failures, and the colours."""

import json
import re
from types import SimpleNamespace as Row

import pytest

from tests.web.bare_pages import TEMPLATES, WEBAPP, SampleForm, bare_environment, find, render, text_of, tree_of
from webapp.web.shared.assets import read_manifest

PAGE = "{% extends layout %}{% block title %}Phiếu hộ{% endblock %}{% block content %}<p>Nội dung</p>{% endblock %}"
ITEMS = [
    Row(label=f"Trang {i}", href=f"/{i}", active=i == 1, badge=3 if i == 2 else None, icon="house") for i in range(1, 8)
]
SIGNED_IN = {
    "nav_items": ITEMS,
    "current_account": Row(display_name="Hòa"),
    "account_role": "Tổ trưởng",
    "ward_name": "Phường Trần Phú",
}
ERROR_PAGES = sorted(path.stem for path in (TEMPLATES / "errors").glob("[0-9]*.html"))


@pytest.mark.parametrize("layout", ["base.html", "base_public.html"])
def test_a_page_has_one_heading_a_title_and_a_way_to_the_content(layout: str) -> None:
    root = tree_of(render(PAGE, layout=layout, locale="vi", **SIGNED_IN))
    assert find(root, "html")[0].get("lang") == "vi"
    assert [text_of(h) for h in root.iter("h1")] == ["Phiếu hộ"]
    assert text_of(find(root, "title")[0]) == "Phiếu hộ – Phường Số"
    assert find(root, "a", class_="skip-link")[0].get("href") == "#main"
    assert len(find(root, "main", id="main")) == 1
    assert [(text_of(n), n.get("role")) for n in find(root, "div", class_="notice")] == [
        ("Đã lưu phiếu.", "status"),
        ("Xin chào", "status"),
    ]


def test_ids_are_unique_on_a_page() -> None:
    root = tree_of(render(PAGE, layout="base.html", **SIGNED_IN))
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_a_page_with_mistakes_says_so_first_in_its_title() -> None:
    form = SampleForm()
    form.residents.errors = ["Sai"]
    assert "<title>Lỗi: Phiếu hộ – Phường Số</title>" in render(PAGE, layout="base.html", form=form)
    assert "<title>Phiếu hộ – Phường Số</title>" in render(PAGE, layout="base.html", form=SampleForm())


def test_a_phone_shows_four_pages_and_the_rest_behind_one_button() -> None:
    root = tree_of(render(PAGE, layout="base.html", **SIGNED_IN))
    rail, bar = find(root, "nav")
    assert len(find(rail, "a")) == 7
    assert len(find(bar, "a", class_="tab")) == 4
    assert len(find(find(bar, "details")[0], "a")) == 3
    assert text_of(find(rail, "a", aria_current="page")[0]) == "Trang 1"
    assert "3 việc chờ" in text_of(rail)


def test_a_stranger_sees_no_pages_of_the_staff() -> None:
    root = tree_of(render(PAGE, layout="base_public.html", **(SIGNED_IN | {"current_account": None})))
    assert find(root, "nav") == []
    assert find(root, "a", href="/auth.login")


def test_the_language_goes_by_form_and_comes_back_to_the_page() -> None:
    root = tree_of(render(PAGE, layout="base_public.html"))
    form = find(root, "form", action="/home.set_language")[0]
    assert find(form, "input", name="next")[0].get("value") == "/surveys/?group=1"
    assert [b.get("value") for b in find(form, "button", name="language")] == ["vi", "en"]


@pytest.mark.parametrize("code", ERROR_PAGES)
@pytest.mark.parametrize("layout", ["base.html", "base_public.html"])
def test_a_failure_page_says_what_happened_what_is_kept_and_what_to_do(code: str, layout: str) -> None:
    page = bare_environment().get_template(f"errors/{code}.html")
    root = tree_of(page.render(layout=layout, message="", limit_text="20 MB", **SIGNED_IN))
    assert [text_of(dt) for dt in root.iter("dt")] == ["Chuyện gì đã xảy ra", "Những gì đã nhập", "Nên làm gì"]
    assert all(len(text_of(dd)) > 20 for dd in root.iter("dd"))
    assert f"Mã lỗi {code}" in text_of(root)


def test_there_is_a_page_for_every_failure_we_answer_with() -> None:
    assert ERROR_PAGES == ["400", "401", "403", "404", "409", "413", "422", "429", "500", "503", "507"]


@pytest.mark.parametrize("code", ["400", "503"])
def test_what_was_typed_is_sent_again_by_one_press(code: str) -> None:
    page = bare_environment().get_template(f"errors/{code}.html")
    typed = [("note", 'Nhà "số 3"\nhẻm 5'), ("residents", "4")]
    root = tree_of(page.render(message="", expired=True, preserved=typed, action="/surveys/1"))
    form = find(root, "form", action="/surveys/1")[0]
    values = {box.get("name"): box.get("value") for box in find(form, "input")}
    assert values == {"csrf_token": "token", "note": 'Nhà "số 3"\nhẻm 5', "residents": "4"}
    assert "vẫn được giữ" in text_of(root)


def test_a_message_of_the_case_replaces_the_general_one() -> None:
    page = bare_environment().get_template("errors/409.html").render(message="Đợt khảo sát đã đóng.")
    assert "Đợt khảo sát đã đóng." in page
    assert "được người khác thay đổi" not in page


def test_every_built_file_that_the_manifest_names_is_there() -> None:
    folder = WEBAPP / "static" / "dist"
    manifest = read_manifest(WEBAPP / "static")
    assert {"app.css", "app.js", "theme.js", "mark.svg"} <= set(manifest)
    assert [path for path in manifest.values() if not (folder / path.partition("?")[0]).is_file()] == []
    asked = set(re.findall(r"asset\('([^']+)'\)", (TEMPLATES / "skeleton.html").read_text(encoding="utf-8")))
    assert asked - {"be-vietnam-pro-"} <= set(manifest)


def test_the_style_sheet_fetches_nothing_from_elsewhere() -> None:
    css = (WEBAPP / "static" / "dist" / "app.css").read_text(encoding="utf-8")
    assert re.findall(r"url\((?!\"?\./files/)[^)]*\)", css) == []
    lock = json.loads((WEBAPP.parent / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def _tokens() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    text = (WEBAPP / "assets" / "css" / "tokens.css").read_text(encoding="utf-8")
    blocks = re.split(r":root", text)[1:]
    light, wished, chosen = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in blocks)
    return light, light | wished, light | chosen


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *[
        (ink, ground)
        for ink in ("ink", "ink-soft", "accent", "accent-strong")
        for ground in ("paper", "surface", "sunk", "accent-soft")
    ],
    *[(state, f"{state}-soft") for state in ("ok", "warn", "danger", "info", "neutral")],
    *[("ink", f"{state}-soft") for state in ("ok", "warn", "danger", "info", "neutral")],
    *[("danger", "paper"), ("danger", "surface"), ("on-accent", "accent"), ("on-accent", "accent-strong")],
    *[("on-danger", "danger"), ("on-danger", "danger-strong")],
    *[
        (ink, ground)
        for ink in ("on-lacquer", "on-lacquer-soft", "gold-bright")
        for ground in ("lacquer", "lacquer-raised")
    ],
]
SHAPE_PAIRS = [
    ("line-strong", "paper"),
    ("line-strong", "surface"),
    ("gold", "surface"),
    ("accent", "sunk"),
    ("focus", "paper"),
]


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_apart_in_light_and_dark(mode: int) -> None:
    """WCAG 2.2 1.4.3 (text 4.5) and 1.4.11 (shapes 3)."""
    tokens = _tokens()[mode]
    weak = [
        (a, b, round(_contrast(tokens[a], tokens[b]), 2))
        for a, b in TEXT_PAIRS
        if _contrast(tokens[a], tokens[b]) < 4.5
    ]
    weak += [
        (a, b, round(_contrast(tokens[a], tokens[b]), 2)) for a, b in SHAPE_PAIRS if _contrast(tokens[a], tokens[b]) < 3
    ]
    assert weak == []


def test_the_device_wish_and_the_own_choice_give_the_same_dark() -> None:
    _, wished, chosen = _tokens()
    assert wished == chosen
