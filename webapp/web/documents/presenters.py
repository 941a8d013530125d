"""What the document page shows, in the order of the work."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from webapp.core.access import Actor, Permission
from webapp.core.documents import DocumentStatus, StepKind, StepStatus
from webapp.queries.documents import DocumentDetail, StepRow
from webapp.web.shared.filters import date_vi, datetime_vi
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
_ORDER = (S.DRAFT, S.AWAITING_SIGNATURE, S.SIGNED, S.NUMBERED, S.SEALED, S.PUBLISHED)
MOST_PAGES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of the workflow component."""

    label: str
    state: str
    note: str = ""


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
    sign: bool
    number: bool
    seal: bool
    publish: bool

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return any(getattr(self, name) for name in self.__slots__)


def moves_of(document: DocumentDetail, actor: Actor) -> Moves:
    """Say what the services would allow; they check again."""
    mine = document.created_by == actor.account_id and actor.can(Permission.DOCUMENT_DRAFT)
    status = document.status
    return Moves(
        submit=mine and status in {S.DRAFT, S.REJECTED},
        revise=mine and status in {S.DRAFT, S.REJECTED},
        withdraw=mine and status in {S.DRAFT, S.REJECTED, S.AWAITING_SIGNATURE},
        sign=status is S.AWAITING_SIGNATURE
        and document.signer_id == actor.account_id
        and actor.can(Permission.DOCUMENT_SIGN),
        number=status is S.SIGNED and actor.can(Permission.DOCUMENT_NUMBER),
        seal=status is S.NUMBERED and actor.can(Permission.DOCUMENT_SEAL),
        publish=status is S.SEALED and actor.can(Permission.DOCUMENT_PUBLISH),
    )


def workflow(document: DocumentDetail) -> list[StepView]:
    """Give the five steps from draft to publication with who and when."""
    person, agency = _last(document, StepKind.PERSON), _last(document, StepKind.AGENCY)
    number = f"{document.notation}, {date_vi(document.issued_on)}" if document.notation else ""
    notes = (
        document.author_name,
        _who(person) or document.signer_name,
        number,
        _who(agency),
        datetime_vi(document.published_at) if document.published_at else "",
    )
    labels = (_("Soạn và trình"), _("Người có thẩm quyền ký"), _("Cấp số, vào sổ"), _("Đóng dấu"), _("Phát hành"))
    done = _done(document.status)
    return [
        StepView(label=text, state=_state(document.status, place, done), note=note)
        for place, (text, note) in enumerate(zip(labels, notes, strict=True))
    ]


def facts(document: DocumentDetail) -> list[Fact]:
    """Give what is known of the document."""
    capacity = label(document.capacity) if document.capacity.value else ""
    signer = ", ".join(part for part in (document.signer_name, document.signer_title, capacity) if part)
    rows = (
        (_("Số, ký hiệu"), document.notation or _("Chưa có số")),
        (_("Ngày ban hành"), date_vi(document.issued_on)),
        (_("Loại văn bản"), document.type_name),
        (_("Trích yếu"), document.abstract),
        (_("Người ký"), signer or "–"),
        (_("Nơi nhận"), document.recipients or "–"),
        (_("Đơn vị soạn thảo"), document.department_name or "–"),
        (_("Người soạn"), document.author_name or "–"),
        (_("Mã tra cứu"), document.short_code),
    )
    return [Fact(label=name, value=str(value)) for name, value in rows]


def page_images(document: DocumentDetail, pages: int) -> list[str]:
    """Give the addresses of the pictures of the newest version's pages, at most thirty."""
    version = document.current
    return [
        url_for("documents.page_image", document_id=document.id, number=version.number, page=page)
        for page in range(1, min(pages, MOST_PAGES) + 1)
    ]


def _last(document: DocumentDetail, kind: StepKind) -> StepRow | None:
    return next((step for step in reversed(document.steps) if step.kind is kind), None)


def _who(step: StepRow | None) -> str:
    if step is None or step.done_at is None:
        return step.who if step else ""
    if step.status is StepStatus.REJECTED:
        return f"{step.who}: {step.reason}" if step.reason else step.who
    return f"{step.who}, {datetime_vi(step.done_at)}"


def _done(status: DocumentStatus) -> int:
    """How many of the five steps are done."""
    return _ORDER.index(status) if status in _ORDER else 1 if status is S.REJECTED else 0


def _state(status: DocumentStatus, place: int, done: int) -> str:
    if place < done:
        return "done"
    if status in {S.REJECTED, S.WITHDRAWN} and place == done:
        return "failed"
    return "current" if place == done and status not in {S.REJECTED, S.WITHDRAWN} else "todo"
