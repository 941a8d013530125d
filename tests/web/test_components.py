"""The macros give valid HTML in which everything has its name, role and word."""

import re
from types import SimpleNamespace as Row

import pytest
from werkzeug.datastructures import MultiDict

from tests.web.bare_pages import TEMPLATES, SampleForm, bare_environment, find, render, text_of, tree_of

FORMS = '{% from "components/forms.html" import count_field, drop_zone, field, form_card, live_total, segments %}'


def test_every_kind_of_field_has_a_label_or_legend() -> None:
    form = SampleForm()
    root = tree_of(render(FORMS + "{% for f in form if f.name != 'lines' %}{{ field(f) }}{% endfor %}", form=form))
    labelled = {label.get("for") for label in find(root, "label")}
    controls = [node for tag in ("input", "select", "textarea") for node in root.iter(tag)]
    visible = [node for node in controls if node.get("type") != "hidden"]
    assert len(visible) == 10
    assert {node.get("id") for node in visible} <= labelled
    assert [text_of(legend) for legend in root.iter("legend")] == ["Kết quả", "Lý do"]


def test_a_number_is_a_text_box_with_the_number_keypad() -> None:
    root = tree_of(render(FORMS + "{{ field(form.residents) }}{{ field(form.speed) }}", form=SampleForm()))
    assert [(box.get("type"), box.get("inputmode")) for box in root.iter("input")] == [
        ("text", "numeric"),
        ("text", "decimal"),
    ]
    assert "(không bắt buộc)" in text_of(find(root, "label", for_="speed")[0])


def test_hint_last_value_and_error_are_read_with_the_field() -> None:
    form = SampleForm(MultiDict({"residents": "-1"}))
    form.residents.errors = ["Số người phải từ 0 trở lên."]
    root = tree_of(render(FORMS + "{{ field(form.residents, hint='Cả trẻ em', last_value=0) }}", form=form))
    box = find(root, "input")[0]
    assert box.get("aria-invalid") == "true"
    described = [
        find(root, "p", id=name) or find(root, "div", id=name) for name in box.get("aria-describedby", "").split()
    ]
    assert [text_of(nodes[0]) for nodes in described] == [
        "Cả trẻ em",
        "Lần trước: 0",
        "Lỗi: Số người phải từ 0 trở lên.",
    ]
    assert box.get("value") == "-1"


def test_a_count_has_named_steps_and_a_way_to_say_unknown() -> None:
    root = tree_of(render(FORMS + "{{ count_field(form.residents, unknown=form.unknown) }}", form=SampleForm()))
    assert [b.get("aria-label") for b in root.iter("button")] == ["Bớt 1: Số người", "Thêm 1: Số người"]
    assert find(root, "input", type="checkbox")[0].get("data-unknown-for") == "residents"


def test_short_answers_form_one_group_without_a_chosen_one() -> None:
    form = SampleForm()
    root = tree_of(render(FORMS + "{{ segments(form.lines[0].smartphone) }}", form=form))
    assert text_of(find(root, "legend")[0]) == "Có điện thoại thông minh?"
    radios = find(root, "input", type="radio")
    assert len(radios) == 3
    assert all(radio.get("checked") is None for radio in radios)


def test_a_card_of_fields_is_a_group_with_a_name() -> None:
    root = tree_of(
        render(FORMS + "{% call form_card('Người lớn 1') %}{{ field(form.band) }}{% endcall %}", form=SampleForm())
    )
    assert text_of(find(root, "legend")[0]) == "Người lớn 1"
    assert find(root, "select", id="band")


def test_the_error_summary_links_to_fields_at_any_depth() -> None:
    form = SampleForm(MultiDict({"outcome": "nowhere", "lines-0-smartphone": "maybe"}))
    assert not form.validate()
    form.form_errors.append("Đợt khảo sát đã đóng.")
    source = '{% from "components/errors.html" import error_summary %}{{ error_summary(form, [("#x", "Thêm")]) }}'
    root = tree_of(render(source, form=form))
    box = find(root, "div", role="alert")[0]
    assert box.get("tabindex") == "-1"
    links = [link.get("href") for link in root.iter("a")]
    assert "#outcome-0" in links
    assert "#lines-0-smartphone-0" in links
    assert links[-1] == "#x"
    assert "Đợt khảo sát đã đóng." in text_of(box)
    assert "Có lỗi cần sửa" in text_of(find(root, "h2")[0])


def test_no_error_means_no_summary() -> None:
    source = '{% from "components/errors.html" import error_summary %}{{ error_summary(form) }}'
    assert render(source, form=SampleForm()).strip() == ""


def test_a_form_of_one_button_carries_its_token() -> None:
    source = (
        '{% from "components/buttons.html" import post_button %}'
        '{{ post_button("Xóa", "/x", "danger", confirm="Xóa hẳn?", hidden={"id": 3}) }}'
    )
    root = tree_of(render(source))
    assert find(root, "input", name="csrf_token")[0].get("value") == "token"
    assert find(root, "input", name="id")[0].get("value") == "3"
    assert find(root, "button")[0].get("data-confirm") == "Xóa hẳn?"


def test_a_state_is_a_word_and_a_picture() -> None:
    for kind in ("ok", "warn", "danger", "info", "neutral"):
        source = (
            '{% from "components/status.html" import badge, notice %}'
            '{{ badge(kind, "Đã ký") }}{{ notice(kind, "Chữ", live=true) }}'
        )
        root = tree_of(render(source, kind=kind))
        assert text_of(root) == "Đã ký Chữ"
        assert all(picture.get("aria-hidden") == "true" for picture in root.iter("svg"))
        assert len(find(root, "svg")) == 2
        assert find(root, "div", role="alert" if kind in {"warn", "danger"} else "status")


CARDS = '{% from "components/cards.html" import card, empty_state, stat_card, stat_number, summary_list, todo_list %}'


def test_a_figure_shows_its_count_and_its_target() -> None:
    source = (
        CARDS
        + '{{ stat_card("Có chữ ký", 0.457, "12 trong 26 người", 0.5, "Chỉ tiêu: 50 %", state=("warn", "Chưa đạt")) }}'
    )
    root = tree_of(render(source))
    words = text_of(root)
    assert "45,7\u00a0%".replace("\u00a0", " ") in words.replace("\u00a0", " ")
    assert "12 trong 26 người" in words
    assert "Chưa đạt" in words
    assert find(root, "rect", class_="bar__fill")[0].get("width") == "45.70%"
    assert find(root, "rect", class_="bar__target")[0].get("x") == "50.00%"


def test_unknown_is_not_zero() -> None:
    root = tree_of(render(CARDS + '{{ stat_card("Kết nối IPv6", none) }}'))
    assert "Chưa có số liệu" in text_of(root)
    assert not find(root, "rect", class_="bar__fill")


def test_lists_of_facts_and_tasks_are_lists_with_named_links() -> None:
    source = (
        CARDS
        + "{{ todo_list(todos) }}{{ summary_list(rows) }}"
        + "{{ empty_state('Chưa có gì', 'Khi có sẽ hiện ở đây.', 'Thêm', '/new') }}"
    )
    rows = [Row(label="Số hộ", value=62, edit_href="/e"), Row(label="Tổ", value="12")]
    root = tree_of(render(source, todos=[Row(count=5, label="phiếu chờ duyệt", href="/q")], rows=rows))
    assert [text_of(link) for link in root.iter("a")] == ["5phiếu chờ duyệt", "Sửa: Số hộ", "Thêm"]
    assert len(find(root, "dt")) == 2


def test_a_table_names_its_cells_and_says_how_it_is_sorted() -> None:
    source = (
        '{% from "components/tables.html" import cell, data_table, pagination %}'
        '{% call data_table("Các hộ", [dict(label="Hộ", sort_href="?s", sorted="ascending"),'
        ' dict(label="Số người", number=true)]) %}'
        '<tr><th scope="row">A</th>{{ cell("Số người", 0, number=true) }}</tr>'
        '<tr><th scope="row">B</th>{{ cell("Số người") }}</tr>'
        "{% endcall %}{{ pagination(page) }}"
    )
    root = tree_of(render(source, page=Row(number=1, pages=3, total=60, prev_href=None, next_href="?p=2")))
    assert text_of(find(root, "caption")[0]) == "Các hộ"
    assert find(root, "th", scope="col")[0].get("aria-sort") == "ascending"
    assert [(td.get("data-label"), text_of(td)) for td in root.iter("td")] == [("Số người", "0"), ("Số người", "–")]
    assert "Trang 1 trong 3" in text_of(find(root, "nav")[0])
    assert [link.get("rel") for link in find(root, "nav")[0].iter("a")] == ["next"]


def test_steps_say_their_state_in_words() -> None:
    source = '{% from "components/steps.html" import steps %}{{ steps(items, across=true) }}'
    states = ("done", "current", "todo", "failed")
    root = tree_of(render(source, items=[Row(label="Ký", state=state, note="x") for state in states]))
    assert [text_of(p) for p in find(root, "p", class_="step__state")] == [
        "Xong",
        "Đang chờ bước này",
        "Chưa đến",
        "Dừng ở đây",
    ]
    assert len(find(root, "li", aria_current="step")) == 1


def test_a_chart_breaks_where_nothing_is_known_and_has_a_table() -> None:
    points = [Row(label=f"Q{i}", value=v, text=f"{v}") for i, v in enumerate((0.2, 0.3, None, 0.5))]
    source = '{% from "components/chart.html" import line_chart %}{{ line_chart("Chữ ký", points, 0.5, "Chỉ tiêu") }}'
    root = tree_of(render(source, points=points))
    plot = find(root, "svg", role="img")[0]
    assert len(find(plot, "line", class_="chart__line")) == 1
    assert "Q2 chưa có số liệu" in plot.get("aria-label", "")
    assert len(find(find(root, "details")[0], "tr")) == 5


def test_history_bars_and_questions_are_valid() -> None:
    source = (
        '{% from "components/timeline.html" import timeline %}'
        '{% from "components/progress.html" import bar, bar_list %}'
        '{% from "components/confirm.html" import confirm_panel %}'
        "{{ timeline(events) }}{{ bar_list(rows, 0.5) }}{{ bar(1.4, 1, 'Đủ') }}"
        "{% call confirm_panel('Rút văn bản?', '/x', 'Rút', '/back') %}<p>Bản dự thảo vẫn còn.</p>{% endcall %}"
    )
    events = [Row(what="Đã ký", when="14:32", who="Hoa")]
    root = tree_of(render(source, events=events, rows=[Row(label="Tổ 1", value=None, text="–", href="/1")]))
    assert find(root, "svg", role="img")[0].get("aria-label") == "Đủ"
    assert find(root, "rect", class_="bar__fill")[0].get("width") == "100.00%"
    assert find(root, "button", name="confirmed")[0].get("value") == "yes"
    assert find(root, "a", href="/back")


def test_templates_hold_no_script_or_style_of_their_own() -> None:
    inside = re.compile(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    guilty = [str(path) for path in TEMPLATES.rglob("*.html") if inside.search(path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_every_picture_that_a_template_names_is_drawn() -> None:
    drawn = set(bare_environment().get_template("components/icons.html").module.PATHS)  # type: ignore[attr-defined]  # set in the template
    call = re.compile(r"\bicon(?:_name)?[(=]\s*\"([a-z]+)\"")
    named = {name for path in TEMPLATES.rglob("*.html") for name in call.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert named <= drawn


@pytest.mark.parametrize("name", sorted(path.name for path in (TEMPLATES / "components").glob("[!_]*.html")))
def test_every_component_says_how_to_call_it(name: str) -> None:
    assert (TEMPLATES / "components" / name).read_text(encoding="utf-8").startswith("{#-")
