"""What waits for a person today: where each line of the first page leads, and how pressing it looks."""

from dataclasses import dataclass
from typing import Any, Final

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webapp.core.access import Permission
from webapp.core.waiting import WaitingKind as K
from webapp.queries.returned import returned_visits
from webapp.queries.round_state import RoundState
from webapp.queries.waiting import When, find_waiting
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.labels import label
from webapp.web.shared.return_fields import return_anchor, return_label
from webapp.web.shared.wiring import cipher, clock, settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One line of the list; see components/cards.html todo_list."""

    count: int
    label: str
    href: str
    kind: str
    word: str


PLACES: Final[dict[K, tuple[str, dict[str, Any]]]] = {
    K.VISITS_TO_CORRECT: ("surveys.household_list", {"tab": "to_correct"}),
    K.HOUSEHOLDS_LEFT: ("surveys.household_list", {"tab": "left"}),
    K.DEVICES_SILENT: ("devices.device_list", {}),
    K.TO_SIGN: ("documents.document_list", {"tab": "cho-toi"}),
    K.SENT_BACK: ("documents.document_list", {"tab": "cho-toi"}),
    K.TO_NUMBER: ("documents.document_list", {"tab": "cho-so"}),
    K.TO_SEAL: ("documents.document_list", {"tab": "cho-dau"}),
    K.TO_PUBLISH: ("documents.document_list", {"tab": "cho-toi"}),
    K.DRAFTS: ("documents.document_list", {"tab": "du-thao"}),
    K.INCOMING_LATE: ("registers.incoming", {"xem": "cua-toi"}),
    K.INCOMING_SOON: ("registers.incoming", {"xem": "cua-toi"}),
    K.INCOMING_MINE: ("registers.incoming", {"xem": "cua-toi"}),
    K.INCOMING_TO_REGISTER: ("registers.incoming", {}),
    K.INCOMING_TO_HAND_ON: ("registers.incoming", {"xem": "dang-giai-quyet"}),
    K.DELEGATIONS_ENDING: ("documents.delegations", {}),
    K.REQUESTS_LATE: ("registers.requests", {}),
    K.REQUESTS: ("registers.requests", {}),
    K.LEDGER_FINDINGS: ("registers.signatures", {}),
    K.LEDGER_LATE: ("registers.signatures", {}),
    K.STAMPS_MISSING: ("admin.accounts", {}),
    K.NOT_PRESERVED: ("documents.archive", {}),
    K.WEBHOOKS_FAILING: ("admin.webhooks", {}),
    K.LETTERS_FAILING: ("admin.accounts", {}),
    K.ACCOUNTS_LOCKED: ("admin.accounts", {}),
    K.FIRST_LOGINS: ("admin.accounts", {}),
    K.GROUPS_WITHOUT_HEAD: ("admin.groups", {}),
}
LOOKS: Final[dict[K, tuple[str, LazyString]]] = {
    K.VISITS_TO_CORRECT: ("danger", _l("Cần sửa")),
    K.DEVICES_SILENT: ("danger", _l("Im lặng")),
    K.TO_SIGN: ("warn", _l("Chờ ký")),
    K.SENT_BACK: ("danger", _l("Bị trả lại")),
    K.INCOMING_LATE: ("danger", _l("Quá hạn")),
    K.INCOMING_SOON: ("warn", _l("Sắp đến hạn")),
    K.DELEGATIONS_ENDING: ("warn", _l("Sắp hết hạn")),
    K.REQUESTS_LATE: ("danger", _l("Quá hạn")),
    K.LEDGER_FINDINGS: ("danger", _l("Kiểm tra ngay")),
    K.LEDGER_LATE: ("warn", _l("Trễ")),
    K.STAMPS_MISSING: ("danger", _l("Báo động")),
    K.NOT_PRESERVED: ("danger", _l("Báo động")),
    K.WEBHOOKS_FAILING: ("danger", _l("Kiểm tra")),
    K.LETTERS_FAILING: ("danger", _l("Kiểm tra")),
    K.ACCOUNTS_LOCKED: ("warn", _l("Cần mở")),
}


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
    when = When(now=clock().now(), today=clock().today(), idle_days=settings().account_idle_days)
    found = find_waiting(db.session, current_actor(), state, when)
    return [_task(one.kind, one.count, state) for one in found]


def _task(kind: K, count: int, state: RoundState | None) -> Task:
    look, word = LOOKS.get(kind, ("neutral", ""))
    return Task(count=count, label=label(kind), href=_href(kind, state), kind=look, word=str(word))


def _href(kind: K, state: RoundState | None) -> str:
    if kind is K.VISITS_TO_REVIEW and state is not None:
        return url_for("surveys.review_round", round_id=state.row.round_id)
    endpoint, values = PLACES[kind]
    return url_for(endpoint, **values)
