"""Addresses of the built style sheet, scripts and fonts: `{{ asset('app.css') }}` in templates.

The build (`npm run build`, webapp/assets) writes static/dist/manifest.json; each entry carries the hash of the
file's bytes, so a browser may keep a file for a year and still gets the new one after an upgrade.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from flask import Flask, url_for

MANIFEST = Path("dist") / "manifest.json"


def read_manifest(static_folder: Path) -> Mapping[str, str]:
    """Give name -> path under static/dist with its hash. Raises FileNotFoundError when nothing was built."""
    text = (static_folder / MANIFEST).read_text(encoding="utf-8")
    return cast("dict[str, str]", json.loads(text))


def asset_function(manifest: Mapping[str, str]) -> Callable[[str], str]:
    """Make the `asset` function of the templates for a manifest."""

    def asset(name: str) -> str:
        """Give the address of a built file. Raises KeyError for a name the build did not make."""
        path, _, version = manifest[name].partition("?v=")
        filename = f"dist/{path}"
        return url_for("static", filename=filename, v=version) if version else url_for("static", filename=filename)

    return asset


def register(app: Flask) -> None:
    """Hang `asset` on Jinja."""
    app.jinja_env.globals["asset"] = asset_function(read_manifest(Path(cast("str", app.static_folder))))
