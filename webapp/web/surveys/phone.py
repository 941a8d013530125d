"""The page of the offline form, its service worker and its manifest: the same bytes for everybody, no personal data.

Everything that the form shows comes from the JSON API with the phone's token, so these three may be cached and
opened without a log-in and without a network.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from flask import Response, current_app, make_response, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.web.shared.access import public
from webapp.web.shared.compression import compressed
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.phone_page import phone_page

WORKER = Path("dist") / "phone-worker.js"
FILES = Path("dist") / "phone.json"


@bp.get("/phone/")
@public
def phone() -> Response:
    """Show the offline form; its screens are drawn by phone.js."""
    return compressed(_kept(make_response(_page())))


@bp.get("/phone/enrol")
@public
def phone_enrol() -> Response:
    """Show the same page; the one-time code stands in the fragment and is never sent with the address."""
    return phone()


@bp.get("/phone/sw.js")
@public
def phone_worker() -> Response:
    """Give the service worker; its bytes change when the page or one of its files changed."""
    pages = [url_for(".phone"), url_for(".phone_enrol")]
    built, worker = _built_files()
    files = [_address(path) for path in built]
    seen = [_page(), worker, *pages, *files]
    version = hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
    shell = json.dumps({"version": version, "pages": pages, "files": files})
    return _kept(Response(f"const SHELL = {shell};\n{worker}", mimetype="text/javascript"))


@bp.get("/phone/app.webmanifest")
@public
def phone_manifest() -> Response:
    """Describe the form to the phone's home screen (W3C application manifest)."""
    asset = cast("Callable[[str], str]", current_app.jinja_env.globals["asset"])
    icons = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any")]
    icons.append(("icon-maskable.png", "512x512", "maskable"))
    manifest = {
        "id": url_for(".phone"),
        "name": f"{_('Phường Số')} – {_('Phiếu khảo sát')}",
        "short_name": _("Phiếu khảo sát"),
        "lang": str(get_locale() or "vi"),
        "start_url": url_for(".phone"),
        "scope": url_for(".phone"),
        "display": "standalone",
        "background_color": "#f4f7f5",
        "theme_color": "#0c353c",
        "icons": [
            {"src": asset(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in icons
        ],
    }
    return _kept(Response(json.dumps(manifest, ensure_ascii=False), mimetype="application/manifest+json"))


def _page() -> str:
    return render_template("surveys/phone.html", phone=phone_page())


def _kept(response: Response) -> Response:
    """Let browsers keep the answer but ask each time: nothing in it is anybody's."""
    response.headers["Cache-Control"] = "no-cache"
    return response


def _built_files() -> tuple[list[str], str]:
    return _read(Path(cast("str", current_app.static_folder)))


@cache
def _read(static_folder: Path) -> tuple[list[str], str]:
    """Read what the build listed for the page, and the worker's code. Raises FileNotFoundError when not built."""
    files = json.loads((static_folder / FILES).read_text(encoding="utf-8"))
    return files, (static_folder / WORKER).read_text(encoding="utf-8")


def _address(path: str) -> str:
    name, _mark, version = path.partition("?v=")
    filename = f"dist/{name}"
    return url_for("static", filename=filename, v=version) if version else url_for("static", filename=filename)
