"""A bare Jinja environment with invented data, to look at macros and layouts without an application."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace as Row
from typing import Any
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]  # ships no types
import jinja2
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

WEBAPP = Path(__file__).parents[2] / "webapp"
TEMPLATES = WEBAPP / "templates"
YES_NO = [SelectChoice("yes", "Có"), SelectChoice("no", "Không"), SelectChoice("unknown", "Không biết")]


class LineForm(Form):  # type: ignore[misc]  # wtforms ships no types
    """One adult."""

    smartphone = RadioField("Có điện thoại thông minh?", choices=YES_NO)


class SampleForm(Form):  # type: ignore[misc]  # wtforms ships no types
    """A field of every kind that the macros know."""

    residents = IntegerField("Số người")
    speed = DecimalField("Tốc độ", [Optional()])
    unknown = BooleanField("Không biết")
    outcome = RadioField("Kết quả", choices=[SelectChoice("met", "Gặp"), SelectChoice("away", "Đi vắng")])
    barriers = SelectMultipleField(
        "Lý do", choices=[SelectChoice("cost", "Tốn tiền")], widget=ListWidget(), option_widget=CheckboxInput()
    )
    band = SelectField("Nhóm tuổi", choices=[SelectChoice("a", "18–29")])
    note = TextAreaField("Ghi chú")
    file = FileField("Tệp")
    pin = PasswordField("Mã PIN")
    token = HiddenField()
    lines = FieldList(FormField(LineForm), min_entries=1)


def bare_environment() -> jinja2.Environment:
    """Jinja as the application sets it up, without the application; an unknown name is an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    env.filters["percent_vi"] = lambda value: f"{100 * value:.1f}".replace(".", ",") + "\u00a0%"
    url_for: Callable[..., str] = lambda endpoint, **_: "/" + endpoint  # noqa: E731 - one line of fake
    env.globals.update(
        asset=lambda name: "/static/dist/" + name,
        url_for=url_for,
        csrf_token=lambda: "token",
        get_flashed_messages=lambda with_categories: [("ok", "Đã lưu phiếu."), ("message", "Xin chào")],
        request=Row(full_path="/surveys/?group=1"),
    )
    return env


def render(source: str, **context: Any) -> Markup:
    """Render a piece of template."""
    return Markup(bare_environment().from_string(source).render(**context))


def tree_of(html: str) -> Element:
    """Parse strictly (a mistake in the HTML raises) and give the tree without namespaces."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    parsed = parser.parse(html) if html.lstrip().startswith("<!DOCTYPE") else parser.parseFragment(html)
    root: Element = parsed
    for node in root.iter():
        if isinstance(node.tag, str):
            node.tag = re.sub(r"^\{.*\}", "", node.tag)
    return root


def text_of(node: Element) -> str:
    """Give the words of a node on one line."""
    return " ".join("".join(node.itertext()).split())


def find(root: Element, tag: str, **attributes: str) -> list[Element]:
    """Give the nodes of a tag whose attributes have these values (class_ = one of its classes)."""
    wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}

    def fits(node: Element) -> bool:
        return all(
            value in node.get(name, "").split() if name == "class" else node.get(name) == value
            for name, value in wanted.items()
        )

    return [node for node in root.iter(tag) if fits(node)]
