"""What waits for a person today, by what their roles let them do, in the order of the day."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from webapp.core.access import Permission, Role
from webapp.queries import home, surveys
from webapp.queries.device_list import count_silent
from webapp.queries.incoming import incoming_work
from webapp.queries.ledger_checks import last_check
from webapp.queries.personal_data import open_requests
from webapp.queries.prepared_signings import count_stamp_alarms
from webapp.queries.returned import returned_visits
from webapp.queries.staff import StaffFilter, count_attention
from webapp.queries.webhooks import count_failing
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.return_fields import return_anchor, return_label
from webapp.web.shared.wiring import cipher, clock, settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One line of the list; see components/cards.html todo_list."""

    count: int
    label: str
    href: str
    kind: str = "neutral"
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundState:
    """The round that is going on, for this person's groups. Shares are 0–1; None without households."""

    row: surveys.RoundRow
    groups: list[surveys.GroupProgress]
    known: int
    visited: int
    to_correct: int

    @property
    def left(self) -> int:
        """Households still without a visit."""
        return max(0, self.known - self.visited - self.to_correct)

    @property
    def share(self) -> float | None:
        """Visited ÷ known."""
        return min(1.0, self.visited / self.known) if self.known else None

    @property
    def behind(self) -> list[surveys.GroupProgress]:
        """The five groups that are furthest behind, worst first."""
        open_groups = [group for group in self.groups if group.share is not None and group.share < 1]
        return sorted(open_groups, key=lambda group: group.share or 0)[:5]


def round_state() -> RoundState | None:
    """Give the state of the round for whoever visits households or reviews visits. Three statements."""
    actor = current_actor()
    if not (actor.can(Permission.HOUSEHOLD_VIEW) or actor.can(Permission.VISIT_REVIEW)):
        return None
    row = surveys.current_round(surveys.list_rounds(db.session, actor.ward_id), clock().today())
    if row is None:
        return None
    groups = surveys.group_progress(
        db.session, actor.ward_id, row.round_id, actor.group_scope(Permission.HOUSEHOLD_VIEW)
    )
    return RoundState(
        row=row,
        groups=groups,
        known=sum(group.known for group in groups),
        visited=sum(group.visited for group in groups),
        to_correct=sum(group.to_correct for group in groups),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A visit to mend: whose, what about, why, and the link that opens the form there."""

    number: int
    head_name: str
    field: str
    reason: str
    href: str


def returned_to_me() -> list[Returned]:
    """Give the visits that came back to a head; staff see them in the lists. One statement."""
    actor = current_actor()
    scope = actor.group_scope(Permission.VISIT_SUBMIT)
    if not scope:
        return []
    return [
        Returned(
            number=visit.number,
            head_name=visit.head_name,
            field=return_label(visit.field),
            reason=visit.reason,
            href=url_for("surveys.correct_visit", visit_id=visit.visit_id, _anchor=return_anchor(visit.field)),
        )
        for visit in returned_visits(db.session, actor.ward_id, scope, cipher=cipher())
    ]


def tasks(state: RoundState | None) -> list[Task]:
    """Give the lines with something to do; nothing to do gives []."""
    found = [
        *_survey_tasks(state),
        *_device_tasks(),
        *_document_tasks(),
        *_incoming_tasks(),
        *_request_tasks(),
        *_ledger_tasks(),
        *_admin_tasks(),
    ]
    return [task for task in found if task.count]


def _survey_tasks(state: RoundState | None) -> list[Task]:
    actor = current_actor()
    if state is None:
        return []
    found = []
    if actor.can(Permission.VISIT_SUBMIT) and state.row.is_open:
        found = [
            Task(
                count=state.to_correct,
                label=_("phiếu cần sửa"),
                href=url_for("surveys.household_list", tab="to_correct"),
                kind="danger",
                word=_("Cần sửa"),
            ),
            Task(
                count=state.left,
                label=_("hộ chưa khảo sát trong đợt này"),
                href=url_for("surveys.household_list", tab="left"),
            ),
        ]
    if actor.can(Permission.VISIT_REVIEW):
        waiting = home.visits_to_review(db.session, actor.ward_id, state.row.round_id)
        href = url_for("surveys.review_round", round_id=state.row.round_id)
        found.append(Task(count=waiting, label=_("phiếu chờ duyệt"), href=href))
    return found


def _device_tasks() -> list[Task]:
    actor = current_actor()
    if not actor.can(Permission.DEVICE_MANAGE):
        return []
    silent = count_silent(db.session, actor.ward_id, now=clock().now())
    label, href = _("điện thoại của tổ trưởng không liên lạc quá 3 ngày"), url_for("devices.device_list")
    return [Task(count=silent, label=label, href=href, kind="danger", word=_("Im lặng"))]


def _document_tasks() -> list[Task]:
    actor = current_actor()
    if not actor.can(Permission.DOCUMENT_VIEW):
        return []
    work = home.document_work(db.session, actor.ward_id, actor.account_id)

    def task(count: int, label: str, tab: str, kind: str = "neutral", word: str = "") -> Task:
        return Task(count=count, label=label, href=url_for("documents.document_list", tab=tab), kind=kind, word=word)

    found = [
        (Permission.DOCUMENT_DRAFT, task(work.to_sign, _("văn bản chờ bạn ký"), "cho-toi", "warn", _("Chờ ký"))),
        (
            Permission.DOCUMENT_DRAFT,
            task(work.sent_back, _("văn bản bị trả lại"), "cho-toi", "danger", _("Bị trả lại")),
        ),
        (Permission.DOCUMENT_NUMBER, task(work.to_number, _("văn bản chờ cấp số"), "cho-so")),
        (Permission.DOCUMENT_SEAL, task(work.to_seal, _("văn bản chờ đóng dấu"), "cho-dau")),
        (Permission.DOCUMENT_PUBLISH, task(work.to_publish, _("văn bản chờ phát hành"), "cho-toi")),
        (Permission.DOCUMENT_DRAFT, task(work.drafts, _("dự thảo của bạn chưa trình ký"), "du-thao")),
    ]
    return [task for permission, task in found if actor.can(permission)]


def _request_tasks() -> list[Task]:
    actor = current_actor()
    if not actor.can(Permission.PERSONAL_DATA_HANDLE):
        return []
    waiting, late = open_requests(db.session, actor.ward_id, clock().today())
    return [
        Task(
            count=waiting,
            label=_("yêu cầu về dữ liệu cá nhân"),
            href=url_for("registers.requests"),
            kind="danger" if late else "neutral",
            word=_("Quá hạn") if late else "",
        )
    ]


def _incoming_tasks() -> list[Task]:
    actor = current_actor()
    if not actor.can(Permission.INCOMING_HANDLE):
        return []
    work = incoming_work(db.session, actor.ward_id, actor.account_id, clock().today())
    kind, word = ("danger", _("Quá hạn")) if work.late else ("neutral", "")
    mine, label = url_for("registers.incoming", xem="cua-toi"), _("văn bản đến giao cho bạn")
    given = url_for("registers.incoming", xem="dang-giai-quyet")
    found = [
        (Permission.INCOMING_HANDLE, Task(count=work.mine, label=label, href=mine, kind=kind, word=word)),
        (
            Permission.INCOMING_REGISTER,
            Task(count=work.to_register, label=_("văn bản đến chờ vào sổ"), href=url_for("registers.incoming")),
        ),
        (Permission.INCOMING_ASSIGN, Task(count=work.to_hand_on, label=_("văn bản đến chờ giao"), href=given)),
    ]
    return [task for permission, task in found if actor.can(permission)]


def _ledger_tasks() -> list[Task]:
    actor = current_actor()
    if not actor.roles & {Role.ADMIN, Role.AUDITOR}:
        return []
    check = last_check(db.session, actor.ward_id, most=0)
    if check is None:
        return []
    href = url_for("registers.signatures")
    label, late = _("chỗ sổ chữ ký số và tệp không khớp"), _("lần đối chiếu sổ chữ ký số bị trễ")
    return [
        Task(count=check.findings, label=label, href=href, kind="danger", word=_("Kiểm tra ngay")),
        Task(count=int(check.is_late(clock().now())), label=late, href=href, kind="warn", word=_("Trễ")),
    ]


def _admin_tasks() -> list[Task]:
    actor = current_actor()
    if Role.ADMIN not in actor.roles:
        return []
    wanted = StaffFilter(now=clock().now(), idle_days=settings().account_idle_days)
    stuck, first = count_attention(db.session, actor.ward_id, wanted)
    href = url_for("admin.accounts")
    unstamped = count_stamp_alarms(db.session, actor.ward_id)
    return [
        Task(
            count=unstamped,
            label=_("chữ ký không xin được dấu thời gian: hãy kiểm tra dịch vụ (PHS_TSA_URL)"),
            href=href,
            kind="danger",
            word=_("Báo động"),
        ),
        Task(
            count=count_failing(db.session, actor.ward_id),
            label=_("phần mềm không nhận được tin"),
            href=url_for("admin.webhooks"),
            kind="danger",
            word=_("Kiểm tra"),
        ),
        Task(count=stuck, label=_("tài khoản đang bị khóa"), href=href, kind="warn", word=_("Cần mở")),
        Task(count=first, label=_("người chưa đăng nhập lần đầu"), href=href),
        Task(
            count=home.groups_without_head(db.session, actor.ward_id),
            label=_("tổ chưa có tài khoản tổ trưởng"),
            href=url_for("admin.groups"),
        ),
    ]
