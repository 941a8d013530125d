"""What the phone form's page carries: the form's questions and, for another language than Vietnamese, its words."""

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import Field, Form

from webapp.core.surveys import MinorBand
from webapp.web.surveys.visit_form import MINOR_PARTS, AdultForm, TotalsForm, VisitForm

WORDS = Path("dist") / "phone-words.json"
ICONS = (
    *("check", "minus", "plus", "left", "right", "send", "edit", "trash", "search", "settings", "history", "house"),
    *("ok", "warn", "danger", "info", "neutral", "clock", "phone", "internet", "download", "logout", "inbox", "pen"),
)


def phone_page() -> dict[str, Any]:
    """Give the context of `surveys/phone.html`: `data` (JSON for the script) and `icons` (names for the sprite).

    The page is the same for everybody and holds nothing personal: it is kept on the phone and opened without a network.
    """
    language = str(get_locale() or "vi")[:2]
    data = {
        "language": language,
        "texts": {} if language == "vi" else _texts(Path(cast("str", current_app.static_folder))),
        "questions": _questions(),
    }
    return {"data": json.dumps(data, ensure_ascii=False, separators=(",", ":")), "icons": ICONS}


def _texts(static_folder: Path) -> dict[str, str]:
    """Translate the texts that the scripts use; what has no translation stays Vietnamese."""
    return {text: told for text in _ids(static_folder) if (told := _(text)) != text}


@cache
def _ids(static_folder: Path) -> tuple[str, ...]:
    """Read the texts that the build found in the scripts."""
    return tuple(json.loads((static_folder / WORDS).read_text(encoding="utf-8")))


def _questions() -> dict[str, Any]:
    """Give labels and choices of the form with scripts off, so that both forms ask in the same words."""
    visit = VisitForm()
    return {
        "visit": _part(visit),
        "adult": _part(AdultForm()),
        "minors": {band.value: _part(visit[MINOR_PARTS[band]].form) for band in MinorBand},
        "totals": _part(TotalsForm()),
    }


def _part(form: Form) -> dict[str, Any]:
    plain = (field for field in form if not hasattr(field, "form") and not hasattr(field, "entries"))
    return {field.short_name: _question(field) for field in plain}


def _question(field: Field) -> dict[str, Any]:
    label = {"label": str(field.label.text)}
    choices = getattr(field, "choices", None)
    if choices is None:
        return label
    return {**label, "choices": [[choice.value, str(choice.label)] for choice in choices]}
