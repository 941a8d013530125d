"""Every route says what it asks for."""

import re
from pathlib import Path

from webapp.core.access import PERMISSION_MAP, Permission, Role
from webapp.factory import create_app
from webapp.settings import Settings

# Open to everybody without an account; each has its reason.
PUBLIC = {
    "static": "style sheets and fonts",
    "home.index": "sends strangers to the log-in page",
    "home.health": "asked by monitors",
    "home.set_language": "a choice of words",
    "home.setup": "first run, with the code printed on the console",
    "home.create_ward": "first run, second page",
    "auth.login": "log-in",
    "auth.login_code": "second step of log-in",
    "auth.login_ward": "third step of log-in",
    "auth.logout": "ending a log-in must always work",
    "verify.upload": "anybody may check a signed document",
    "verify.by_code": "the page behind the QR",
    "verify.download": "published documents are public",
    "verify.attachment": "and so are their attachments",
    "public.overview": "published percentages",
    "public.overview_csv": "published percentages as a table",
    "surveys.phone": "the page of the offline form, which must open without a network; holds nobody's data",
    "surveys.phone_enrol": "the same page, opened by the QR code",
    "surveys.phone_worker": "the offline form's service worker",
    "surveys.phone_manifest": "the offline form's name and icons for a home screen",
    "documents.elsewhere_file": "the program beside a key brings the one-time token of a prepared signing",
    "documents.vgca_file": "VGCA's tool has no log-in and brings a one-time token",
    "documents.vgca_upload": "VGCA's tool has no log-in and brings a one-time token; what it posts is checked",
    "public.overview_json": "published percentages for programs",
    "public.personal_data": "what personal data is kept and why: the law wants it published",
    "api.ping": "the probe of phones",
    "api.enrol": "a phone brings its one-time code",
    "api.openapi": "what programs read before they have a token",
    "api.docs": "what their writers read",
}


def _app(tmp_path: Path):
    return create_app(Settings(data_dir=tmp_path, secret_key="x", log_level="ERROR"))


def test_every_route_has_its_permission_or_is_on_the_public_list(tmp_path: Path) -> None:
    app = _app(tmp_path)
    missing = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if getattr(view, "device_permission", None) is not None:
            assert rule.rule.startswith(("/api/v1/", "/openrosa/")), rule.endpoint
            assert rule.endpoint not in PUBLIC, rule.endpoint
        elif getattr(view, "required_permission", None) is None:
            if rule.endpoint not in PUBLIC or (rule.endpoint != "static" and not getattr(view, "is_public", False)):
                missing.append(rule.endpoint)
        else:
            assert rule.endpoint not in PUBLIC, rule.endpoint
    assert missing == []


def test_the_public_list_names_only_routes_that_exist(tmp_path: Path) -> None:
    endpoints = {rule.endpoint for rule in _app(tmp_path).url_map.iter_rules()}
    assert set(PUBLIC) - endpoints == set()


def test_every_changing_route_has_one_owner_of_its_transaction(tmp_path: Path) -> None:
    """A POST either commits through @commits or says that it manages short sessions of its own."""
    app = _app(tmp_path)
    loose = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
        and not getattr(app.view_functions[rule.endpoint], "commits", False)
        and not getattr(getattr(app.view_functions[rule.endpoint], "__wrapped__", None), "commits", False)
    ]
    assert set(loose) <= OWN_TRANSACTIONS, set(loose) - OWN_TRANSACTIONS


# These write through db.new_session() because the act must be kept whatever the answer is, or write nothing.
OWN_TRANSACTIONS = {"home.set_language", "verify.upload", "devices.import_backup"}


def test_every_role_stands_in_the_map_and_every_permission_is_somebodys() -> None:
    assert set(PERMISSION_MAP) == set(Role)
    given = {permission for role in Role for permission in PERMISSION_MAP[role]}
    assert given == set(Permission)


def test_every_permission_is_asked_for_somewhere() -> None:
    source = "\n".join(path.read_text() for path in Path("webapp").rglob("*.py") if path.name != "access.py")
    unused = {p.name for p in Permission if not re.search(rf"Permission\.{p.name}\b", source)}
    assert unused == set()
