"""What waits for a person, counted: by what their roles let them do, in the order of the day."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, Role
from webapp.core.waiting import Waiting
from webapp.core.waiting import WaitingKind as K
from webapp.queries import home
from webapp.queries.device_list import count_silent
from webapp.queries.incoming_work import incoming_work
from webapp.queries.ledger_checks import last_check
from webapp.queries.personal_data import open_requests
from webapp.queries.prepared_signings import count_stamp_alarms
from webapp.queries.preservation import count_not_preserved
from webapp.queries.reminders import count_letters_failing
from webapp.queries.round_state import RoundState
from webapp.queries.staff import StaffFilter, count_attention
from webapp.queries.webhooks import count_failing

P = Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The moment of asking, the ward's day, and after how many days an unused account is stopped."""

    now: dt.datetime
    today: dt.date
    idle_days: int


Counts = Iterator[tuple[K, int]]


def find_waiting(session: Session, actor: Actor, state: RoundState | None, when: When) -> list[Waiting]:
    """Give the kinds with something to do; nothing to do gives []. `state` is the round as this person sees it."""
    found = (
        *_survey(session, actor, state),
        *_devices(session, actor, when),
        *_documents(session, actor, when),
        *_incoming(session, actor, when),
        *_requests(session, actor, when),
        *_ledger(session, actor, when),
        *_admin(session, actor, when),
    )
    return [Waiting(kind=kind, count=count) for kind, count in found if count]


def _survey(session: Session, actor: Actor, state: RoundState | None) -> Counts:
    if state is None:
        return
    if actor.can(P.VISIT_SUBMIT) and state.row.is_open:
        yield K.VISITS_TO_CORRECT, state.to_correct
        yield K.HOUSEHOLDS_LEFT, state.left
    if actor.can(P.VISIT_REVIEW):
        yield K.VISITS_TO_REVIEW, home.visits_to_review(session, actor.ward_id, state.row.round_id)


def _devices(session: Session, actor: Actor, when: When) -> Counts:
    if actor.can(P.DEVICE_MANAGE):
        yield K.DEVICES_SILENT, count_silent(session, actor.ward_id, now=when.now)


def _documents(session: Session, actor: Actor, when: When) -> Counts:
    if not actor.can(P.DOCUMENT_VIEW):
        return
    work = home.document_work(session, actor, when.today)
    found = (
        (P.DOCUMENT_DRAFT, K.TO_SIGN, work.to_sign),
        (P.DOCUMENT_DRAFT, K.SENT_BACK, work.sent_back),
        (P.DOCUMENT_NUMBER, K.TO_NUMBER, work.to_number),
        (P.DOCUMENT_SEAL, K.TO_SEAL, work.to_seal),
        (P.DOCUMENT_PUBLISH, K.TO_PUBLISH, work.to_publish),
        (P.DOCUMENT_DRAFT, K.DRAFTS, work.drafts),
        (P.DOCUMENT_DRAFT, K.DELEGATIONS_ENDING, work.delegations_ending),
    )
    yield from ((kind, count) for permission, kind, count in found if actor.can(permission))


def _incoming(session: Session, actor: Actor, when: When) -> Counts:
    if not actor.can(P.INCOMING_HANDLE):
        return
    work = incoming_work(session, actor.ward_id, actor.account_id, when.today)
    yield K.INCOMING_LATE, work.late
    yield K.INCOMING_SOON, work.soon
    yield K.INCOMING_MINE, work.mine
    if actor.can(P.INCOMING_REGISTER):
        yield K.INCOMING_TO_REGISTER, work.to_register
    if actor.can(P.INCOMING_ASSIGN):
        yield K.INCOMING_TO_HAND_ON, work.to_hand_on


def _requests(session: Session, actor: Actor, when: When) -> Counts:
    if actor.can(P.PERSONAL_DATA_HANDLE):
        waiting, late = open_requests(session, actor.ward_id, when.today)
        yield K.REQUESTS_LATE, late
        yield K.REQUESTS, waiting - late


def _ledger(session: Session, actor: Actor, when: When) -> Counts:
    if not actor.roles & {Role.ADMIN, Role.AUDITOR}:
        return
    check = last_check(session, actor.ward_id, most=0)
    if check is not None:
        yield K.LEDGER_FINDINGS, check.findings
        yield K.LEDGER_LATE, int(check.is_late(when.now))


def _admin(session: Session, actor: Actor, when: When) -> Counts:
    if Role.ADMIN not in actor.roles:
        return
    stuck, first = count_attention(session, actor.ward_id, StaffFilter(now=when.now, idle_days=when.idle_days))
    yield K.STAMPS_MISSING, count_stamp_alarms(session, actor.ward_id)
    yield K.NOT_PRESERVED, count_not_preserved(session, actor.ward_id)
    yield K.WEBHOOKS_FAILING, count_failing(session, actor.ward_id)
    yield K.LETTERS_FAILING, count_letters_failing(session, actor.ward_id)
    yield K.ACCOUNTS_LOCKED, stuck
    yield K.FIRST_LOGINS, first
    yield K.GROUPS_WITHOUT_HEAD, home.groups_without_head(session, actor.ward_id)
