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


# Each entry: endpoint, how the endpoints of its pages begin, icon, label, and the permission it asks for.
_ENTRIES: tuple[tuple[str, str, str, LazyString, Permission], ...] = (
    ("surveys.household_list", "surveys.", "house", _l("Hộ gia đình"), Permission.HOUSEHOLD_VIEW),
    ("surveys.form_list", "surveys.form_list", "document", _l("Biểu mẫu và ODK"), Permission.ROUND_MANAGE),
    ("adoption.dashboard", "adoption.", "chart", _l("Kết quả"), Permission.ADOPTION_VIEW),
    ("documents.document_list", "documents.", "document", _l("Văn bản"), Permission.DOCUMENT_VIEW),
    ("registers.outgoing", "registers.outgoing", "book", _l("Sổ văn bản đi"), Permission.REGISTER_VIEW),
    ("registers.incoming", "registers.incoming", "inbox", _l("Sổ văn bản đến"), Permission.REGISTER_VIEW),
    ("registers.signatures", "registers.signatures", "verify", _l("Sổ chữ ký số"), Permission.LEDGER_VIEW),
    ("documents.letters", "documents.letter", "edit", _l("Soạn từ mẫu"), Permission.DOCUMENT_DRAFT),
    ("documents.delegations", "documents.delegation", "pen", _l("Sổ ủy quyền ký"), Permission.DOCUMENT_VIEW),
    ("documents.chains", "documents.chain", "settings", _l("Trình tự ký"), Permission.CHAIN_MANAGE),
    ("documents.levels", "documents.levels", "verify", _l("Mức chữ ký"), Permission.CHAIN_MANAGE),
    ("documents.archive", "documents.archive", "lock", _l("Lưu trữ lâu dài"), Permission.ARCHIVE_VIEW),
    ("surveys.my_back_checks", "surveys.my_back_checks", "check", _l("Phúc tra của tôi"), Permission.BACK_CHECK),
    ("quality.index", "quality.", "survey", _l("Chất lượng số liệu"), Permission.QUALITY_VIEW),
    ("exports.exports", "exports.", "download", _l("Xuất dữ liệu"), Permission.DATA_EXPORT),
    ("reports.usage", "reports.", "pen", _l("Sử dụng chữ ký số"), Permission.USAGE_VIEW),
    (
        "registers.infrastructure",
        "registers.infrastructure",
        "internet",
        _l("Sổ hạ tầng số"),
        Permission.INFRASTRUCTURE_VIEW,
    ),
    ("registers.requests", "registers.request", "lock", _l("Dữ liệu cá nhân"), Permission.PERSONAL_DATA_VIEW),
    ("admin.accounts", "admin.account", "person", _l("Tài khoản"), Permission.ACCOUNT_MANAGE),
    ("admin.groups", "admin.group", "people", _l("Tổ dân phố"), Permission.GROUP_MANAGE),
    ("devices.device_list", "devices.", "phone", _l("Máy của tổ trưởng"), Permission.DEVICE_MANAGE),
    ("admin.trust", "admin.trust", "verify", _l("Danh sách tin cậy"), Permission.TRUST_MANAGE),
    ("admin.webhooks", "admin.webhook", "send", _l("Báo tin cho phần mềm khác"), Permission.WEBHOOK_MANAGE),
    ("admin.audit", "admin.audit", "history", _l("Nhật ký"), Permission.AUDIT_VIEW),
)


def nav_items() -> list[NavItem]:
    """Give the entries for the person asking; nobody has none."""
    if current_account() is None:
        return []
    actor, here = current_actor(), request.endpoint or ""
    mine = [entry for entry in _ENTRIES if actor.can(entry[4])]
    nearest = max((pages for _endpoint, pages, *_rest in mine if here.startswith(pages)), key=len, default="")
    return [
        NavItem(str(text), url_for(endpoint), pages == nearest, icon)
        for endpoint, pages, icon, text, _permission in mine
    ]
