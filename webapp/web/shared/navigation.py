"""The main navigation: what this person may open, in the order of their day."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.access import Permission
from webapp.web.shared.identity import current_account, current_actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    href: str
    active: bool
    icon: str
    badge: str | None = None


# Each entry: endpoint, its blueprint, icon, label, and the permission it asks for.
_ENTRIES: tuple[tuple[str, str, str, LazyString, Permission], ...] = (
    ("surveys.household_list", "surveys", "house", _l("Hộ gia đình"), Permission.HOUSEHOLD_VIEW),
    ("adoption.dashboard", "adoption", "chart", _l("Kết quả"), Permission.ADOPTION_VIEW),
    ("documents.document_list", "documents", "document", _l("Văn bản"), Permission.DOCUMENT_VIEW),
    ("registers.outgoing", "registers", "book", _l("Sổ văn bản đi"), Permission.REGISTER_VIEW),
    ("reports.usage", "reports", "pen", _l("Sử dụng chữ ký số"), Permission.USAGE_VIEW),
    ("admin.accounts", "admin", "people", _l("Quản trị"), Permission.ACCOUNT_MANAGE),
)


def nav_items() -> list[NavItem]:
    """Give the entries for the person asking; nobody has none."""
    if current_account() is None:
        return []
    actor = current_actor()
    return [
        NavItem(str(text), url_for(endpoint), request.blueprint == blueprint, icon)
        for endpoint, blueprint, icon, text, permission in _ENTRIES
        if actor.can(permission)
    ]
