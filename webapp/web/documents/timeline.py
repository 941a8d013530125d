"""The way of a document as a line of steps: who has done what, who is asked now, what comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.core.copies import is_copy
from webapp.core.documents import DocumentStatus, StepKind, StepStatus
from webapp.queries.documents import DocumentDetail, StepRow
from webapp.web.shared.filters import date_vi, datetime_vi

S = DocumentStatus
_SUBMITTED = (S.AWAITING_SIGNATURE, S.SIGNED, S.NUMBERED, S.SEALED, S.PUBLISHED, S.REJECTED)
_NUMBERED = (S.NUMBERED, S.SEALED, S.PUBLISHED)
SIDE_BY_SIDE = 6
"""More steps than this stand below each other on a desk, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of the workflow component."""

    label: str
    state: str
    note: str = ""
    detail: str = ""


def workflow(document: DocumentDetail, steps: Sequence[StepRow]) -> list[StepView]:
    """Give every step from draft to publication; `steps` is the chain, as it stands or as it will be."""
    people = [step for step in steps if step.kind is not StepKind.AGENCY]
    agency = next((step for step in steps if step.kind is StepKind.AGENCY), None)
    stage = min((step.stage for step in people if step.status is StepStatus.WAITING), default=0)
    return [
        StepView(label=_author_label(document), state=_author_state(document), note=document.author_name),
        *(_person(document, step, people, stage) for step in people),
        _number(document),
        _seal(document, agency),
        StepView(
            label=_("Phát hành"),
            state=_at(document, S.SEALED, (S.PUBLISHED,)),
            note=datetime_vi(document.published_at) if document.published_at else "",
        ),
    ]


def _author_label(document: DocumentDetail) -> str:
    return str(_("Làm bản sao") if is_copy(document.type_code) else _("Soạn và trình"))


def _author_state(document: DocumentDetail) -> str:
    if document.status is S.WITHDRAWN:
        return "failed"
    copied = is_copy(document.type_code)
    return "done" if copied or document.status in _SUBMITTED else "current"


def _person(document: DocumentDetail, step: StepRow, people: Sequence[StepRow], stage: int) -> StepView:
    together = sum(other.stage == step.stage for other in people) > 1
    label = _label(document, step)
    return StepView(
        label=str(_("%(step)s (cùng lúc)", step=label)) if together else label,
        state=_state(document, step, stage),
        note=_who(step),
        detail=step.on_behalf_of and str(_("Thay cho %(principal)s", principal=step.on_behalf_of)),
    )


def _label(document: DocumentDetail, step: StepRow) -> str:
    if step.kind is StepKind.INITIALS:
        return str(_("Ký nháy"))
    if step.account_id == document.signer_id:
        return str(_("Người có thẩm quyền ký"))
    return str(_("Người cùng ký"))


def _state(document: DocumentDetail, step: StepRow, stage: int) -> str:
    if step.status is StepStatus.DONE:
        return "done"
    if step.status is StepStatus.REJECTED:
        return "failed" if step.reason else "todo"
    return "current" if document.status is S.AWAITING_SIGNATURE and step.stage == stage else "todo"


def _who(step: StepRow) -> str:
    """Name, capacity and title, and when or why it ended."""
    office = " ".join(part for part in (step.capacity.value, step.title) if part)
    named = ", ".join(part for part in (step.who, office) if part)
    if step.status is StepStatus.REJECTED and step.reason:
        return f"{named}: {step.reason}"
    if step.done_at is None or step.status is not StepStatus.DONE:
        return named
    how = "" if step.signed or step.kind is not StepKind.INITIALS else str(_("duyệt trong hệ thống"))
    return ", ".join(part for part in (named, how, datetime_vi(step.done_at)) if part)


def _number(document: DocumentDetail) -> StepView:
    before = S.DRAFT if is_copy(document.type_code) else S.SIGNED
    return StepView(
        label=_("Cấp số, vào sổ"),
        state=_at(document, before, _NUMBERED),
        note=f"{document.notation}, {date_vi(document.issued_on)}" if document.notation else "",
    )


def _seal(document: DocumentDetail, step: StepRow | None) -> StepView:
    return StepView(
        label=_("Ký số của cơ quan") if is_copy(document.type_code) else _("Đóng dấu"),
        state=_at(document, S.NUMBERED, (S.SEALED, S.PUBLISHED)),
        note=_who(step) if step else "",
    )


def _at(document: DocumentDetail, before: DocumentStatus, after: Sequence[DocumentStatus]) -> str:
    if document.status in after:
        return "done"
    return "current" if document.status is before else "todo"
