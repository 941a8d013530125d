"""What the document page shows, in the order of the work."""

from dataclasses import dataclass, replace

from flask import url_for
from flask_babel import gettext as _

from webapp.core.access import Actor, Permission
from webapp.core.copies import is_copy
from webapp.core.documents import DocumentStatus, StepKind
from webapp.core.relations import ENDING
from webapp.queries.companions import Companions, CopyRow, RelatedRow
from webapp.queries.documents import DocumentDetail
from webapp.web.shared.filters import date_vi
from webapp.web.shared.labels import label

S = DocumentStatus
STATUS_BADGES = {
    S.DRAFT: "neutral",
    S.AWAITING_SIGNATURE: "info",
    S.SIGNED: "info",
    S.NUMBERED: "info",
    S.SEALED: "info",
    S.PUBLISHED: "ok",
    S.REJECTED: "danger",
    S.WITHDRAWN: "neutral",
}
_BEFORE = frozenset({S.DRAFT, S.REJECTED})
MOST_PAGES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A row of the summary list."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What this person may do with the document now."""

    submit: bool
    revise: bool
    withdraw: bool
    people: bool
    attach: bool
    initial: bool
    sign: bool
    number: bool
    seal: bool
    publish: bool

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return any(getattr(self, name) for name in self.__slots__)

    def while_unstamped(self) -> "Moves":
        """Leave out what would touch the file while a signature of it waits for its timestamp."""
        return replace(self, initial=False, sign=False, number=False, seal=False, withdraw=False)

    def while_converting(self) -> "Moves":
        """Leave out what needs the page, while a Word file is not the page yet."""
        return replace(self, submit=False)


def moves_of(document: DocumentDetail, actor: Actor) -> Moves:
    """Say what the services would allow; they check again."""
    mine = document.created_by == actor.account_id and actor.can(Permission.DOCUMENT_DRAFT)
    status, copied = document.status, is_copy(document.type_code)
    before = mine and status in _BEFORE
    turn = document.step_of(actor.account_id) if status is S.AWAITING_SIGNATURE else None
    return Moves(
        submit=before and not copied,
        revise=before and not copied,
        withdraw=before or (mine and status is S.AWAITING_SIGNATURE and not _has_signature(document)),
        people=before and not copied,
        attach=before and not copied,
        initial=turn is not None and turn.kind is StepKind.INITIALS,
        sign=turn is not None and turn.kind is StepKind.PERSON and actor.can(Permission.DOCUMENT_SIGN),
        number=status is (S.DRAFT if copied else S.SIGNED) and actor.can(Permission.DOCUMENT_NUMBER),
        seal=status is S.NUMBERED and actor.can(Permission.DOCUMENT_SEAL),
        publish=status is S.SEALED and actor.can(Permission.DOCUMENT_PUBLISH),
    )


def _has_signature(document: DocumentDetail) -> bool:
    return any(step.signed for step in document.attempt)


def ending(beside: Companions) -> RelatedRow | None:
    """Give the published document that ended this one."""
    return next((one for one in beside.related if one.later and one.kind in ENDING and one.status is S.PUBLISHED), None)


def may_relate(document: DocumentDetail, actor: Actor) -> bool:
    """Tell whether this person may draft a document about this one."""
    drafts = actor.can(Permission.DOCUMENT_DRAFT)
    return drafts and document.status is S.PUBLISHED and not is_copy(document.type_code)


def facts(document: DocumentDetail, copy: CopyRow | None = None) -> list[Fact]:
    """Give what is known of the document; of a copy, what it is a copy of instead of who signs."""
    capacity = label(document.capacity) if document.capacity.value else ""
    signer = ", ".join(part for part in (document.signer_name, document.signer_title, capacity) if part)
    rows = (
        (_("Số, ký hiệu"), document.notation or _("Chưa có số")),
        (_("Ngày ban hành"), date_vi(document.issued_on)),
        (_("Loại văn bản"), document.type_name),
        (_("Trích yếu"), document.abstract),
        *(_copy_facts(copy) if copy else ((_("Người ký"), signer or "–"),)),
        (_("Nơi nhận"), document.recipients or "–"),
        (_("Đơn vị soạn thảo"), document.department_name or "–"),
        (_("Người soạn"), document.author_name or "–"),
        (_("Mã tra cứu"), document.short_code),
    )
    return [Fact(label=name, value=str(value)) for name, value in rows]


def _copy_facts(copy: CopyRow) -> tuple[tuple[str, str], ...]:
    day = f", {date_vi(copy.source_on)}" if copy.source_on else ""
    scan = _("%(pages)s trang, %(dpi)s dpi", pages=copy.pages, dpi=copy.dpi) if copy.dpi else _("không phải bản quét")
    return (
        (_("Sao từ văn bản"), f"{copy.source_notation}{day}, {copy.source_issuer}"),
        (_("Bản quét"), scan),
        (_("Ai ký"), _("Chỉ cơ quan (bản sao không có chữ ký của người)")),
    )


def page_images(document: DocumentDetail, pages: int) -> list[str]:
    """Give the addresses of the pictures of the newest version's pages, at most thirty."""
    version = document.current
    return [
        url_for("documents.page_image", document_id=document.id, number=version.number, page=page)
        for page in range(1, min(pages, MOST_PAGES) + 1)
    ]
