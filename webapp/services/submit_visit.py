"""Taking a household visit, and its corrections: lean, because a whole ward sends at the same hour."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Row, Table, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, VisitClash
from webapp.core.events import AuditTag
from webapp.core.extra_questions import ExtraForm
from webapp.core.facts import CountedVisit
from webapp.core.ports import Clock
from webapp.core.rounds import check_accepts
from webapp.core.survey_checks import RoundDays, hard_problems, odd_letters
from webapp.core.surveys import COUNTED, Answers, HouseholdStatus, VisitOutcome, VisitStatus, check_visit_move
from webapp.core.visit_content import Receipt, VisitContent
from webapp.models.database import connection_of
from webapp.models.pipeline import pipelined
from webapp.models.prepared import Prepared
from webapp.models.surveys import RoundGroup, SurveyRound
from webapp.queries.indicators import AGES_AS_JSON
from webapp.services.audit import Happened, record_all
from webapp.services.extra_answers import extra_form_of, problems_of_extra
from webapp.services.fact_rows import hold_facts, measures_from_json
from webapp.services.facts import VisitChange, visits_changed
from webapp.services.household_rows import HOUSEHOLD
from webapp.services.household_twins import survivor_of
from webapp.services.round_locks import check_places_unlocked
from webapp.services.visit_rows import (
    ADULT,
    REVISION,
    VISIT,
    RevisionFacts,
    VisitRows,
    visit_rows,
)

REASON_MAX = 500
PHONES = frozenset({"phone", "backup", "openrosa"})  # sources whose clock may be a day wrong
OTHER_CONTENT: Final = N_("Phiếu này đã được nộp với nội dung khác. Hãy mở phiếu đã nộp và bấm “Sửa phiếu”.")
STALE_BASE: Final = N_("Có người vừa sửa phiếu này trước bạn. Hãy mở bản mới nhất và xem lại.")
OTHER_COLUMNS = ("id", "round_id", "group_id", "household_id", "visited_on", "submitted_at", "measures")
_OTHER_LABELS = tuple(f"other_{name}" for name in OTHER_COLUMNS)
ROUND = cast("Table", SurveyRound.__table__)
ROUND_GROUP = cast("Table", RoundGroup.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitVisit:
    """A visit as the form sends it. `base_revision` is None for a new visit, else the revision that was corrected.

    `started_at`, `finished_at`: when the form was opened and finished (aware), by the clock of the device, which may
    be wrong; None where nobody measured it. `extra`, `form_version`: answers to the round's extra questions and the
    version that asked them; both empty where they were not asked (imports, the grid).
    """

    visit_id: UUID
    round_id: UUID
    household_id: UUID
    outcome: VisitOutcome
    visited_on: dt.date
    answers: Answers | None
    confirmed: Sequence[Mapping[str, Any]] = ()
    base_revision: int | None = None
    reason: str = ""
    source: str = "form"
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    form_version: str = ""
    sent_as: UUID | None = None

    @property
    def content(self) -> VisitContent:
        """Give what is hashed."""
        return VisitContent(
            visit_id=self.visit_id,
            round_id=self.round_id,
            household_id=self.sent_as or self.household_id,
            outcome=self.outcome,
            visited_on=self.visited_on,
            answers=self.answers,
            extra=self.extra,
        )


# Statements are made once, of tables: a submission spends its time on the database, not on building them.
_OTHER: Final = VISIT.alias("other")
_DOOR: Final = (
    select(
        HOUSEHOLD.c.ward_id,
        HOUSEHOLD.c.group_id,
        HOUSEHOLD.c.status.label("household_status"),
        ROUND.c.status.label("round_status"),
        ROUND_GROUP.c.status.label("group_status"),
        ROUND.c.starts_on,
        ROUND.c.ends_on,
        VISIT.c.round_id,
        VISIT.c.household_id,
        VISIT.c.id.label("visit_id"),
        VISIT.c.group_id.label("visit_group_id"),
        VISIT.c.status,
        VISIT.c.revision,
        VISIT.c.visited_on,
        VISIT.c.submitted_at,
        VISIT.c.measures,
        REVISION.c.sha256,
        REVISION.c.made_at,
        *(_OTHER.c[name].label(f"other_{name}") for name in OTHER_COLUMNS),
    )
    .join(ROUND, and_(ROUND.c.ward_id == HOUSEHOLD.c.ward_id, ROUND.c.id == bindparam("round")))
    .outerjoin(VISIT, and_(VISIT.c.ward_id == HOUSEHOLD.c.ward_id, VISIT.c.id == bindparam("visit")))
    .outerjoin(
        ROUND_GROUP,  # of the group that the visit counts for: a household may have moved since
        and_(
            ROUND_GROUP.c.ward_id == HOUSEHOLD.c.ward_id,
            ROUND_GROUP.c.round_id == bindparam("round"),
            ROUND_GROUP.c.group_id == func.coalesce(VISIT.c.group_id, HOUSEHOLD.c.group_id),
        ),
    )
    .outerjoin(
        REVISION,
        and_(
            REVISION.c.ward_id == VISIT.c.ward_id,
            REVISION.c.visit_id == VISIT.c.id,
            REVISION.c.number == VISIT.c.revision,
        ),
    )
    .outerjoin(
        _OTHER,
        and_(
            _OTHER.c.ward_id == HOUSEHOLD.c.ward_id,
            _OTHER.c.household_id == HOUSEHOLD.c.id,
            _OTHER.c.id != bindparam("visit"),
            or_(*(_OTHER.c.status == status for status in sorted(COUNTED))),
        ),
    )
    .where(HOUSEHOLD.c.ward_id == bindparam("ward"), HOUSEHOLD.c.id == bindparam("household"))
)
_DOORS: Final = Prepared({dialect: _DOOR.add_columns(ages.label("ages")) for dialect, ages in AGES_AS_JSON.items()})
_INSERT: Final = Prepared(insert(VISIT))
_INSERT_REVISION: Final = Prepared(insert(REVISION))
_INSERT_ADULT: Final = Prepared(insert(ADULT))


def submit_visit(session: Session, command: SubmitVisit, *, actor: Actor, clock: Clock) -> Receipt:
    """Store a visit, or a correction of one, once: the same visit sent again gives the same receipt.

    Raises NotFound (unknown, or another group's household), RoundShut (round or group not open), WrongState (visit
    approved), Conflict (other content under the same identifier, or somebody corrected it first) and InvalidInput.
    """
    require(actor, Permission.VISIT_SUBMIT)
    with pipelined(connection_of(session)):
        hold_facts(session, actor.ward_id, household_id=command.household_id, visit_id=command.visit_id)
        taken = take_visit(session, command, actor=actor, clock=clock)
        count_visits(session, [taken], actor=actor, clock=clock)
    return taken.receipt


class TakenVisit(NamedTuple):
    """A visit whose rows are written: its receipt, and what is still to be counted and told (None: it was known)."""

    receipt: Receipt
    change: VisitChange | None = None
    event: Happened | None = None


def count_visits(session: Session, taken: Sequence[TakenVisit], *, actor: Actor, clock: Clock) -> None:
    """Count what visits changed, and write the audit events last: everybody waits for their chain."""
    visits_changed(session, actor.ward_id, [one.change for one in taken if one.change])
    record_all(session, [one.event for one in taken if one.event], actor=actor, clock=clock)


def take_visit(session: Session, command: SubmitVisit, *, actor: Actor, clock: Clock) -> TakenVisit:
    """Write a visit's rows, under the locks of hold_facts; `count_visits` ends the work. Raises as submit_visit.

    A refusal comes before anything is written.
    """
    door, others = _read_door(session, command, actor)
    if door.household_status is HouseholdStatus.VACATED:
        survivor = survivor_of(session, actor.ward_id, command.household_id)
        if survivor is not None:  # a phone that does not know of the merging; its receipt stands for what it sent
            command = replace(command, household_id=survivor, sent_as=command.household_id)
            hold_facts(session, actor.ward_id, household_id=survivor, visit_id=command.visit_id)
            door, others = _read_door(session, command, actor)
    extra_form = extra_form_of(
        session, actor.ward_id, command.round_id, version=command.form_version, extra=command.extra
    )
    rows = _rows(command, door, extra_form, actor=actor, clock=clock)
    repeated = _repeated(session, command, door, rows)
    if repeated is not None:
        return TakenVisit(repeated)
    require(actor, Permission.VISIT_SUBMIT, group_id=door.group_id)
    _check_place(command, door)
    check_accepts(door.round_status, door.group_status, subject=command.visit_id)
    _check_unmoved(session, command, door, others)
    days = RoundDays(door.starts_on, door.ends_on, clock.today())
    _check(command, days.of_a_phone() if command.source in PHONES else days, extra_form)
    connection = connection_of(session)
    if command.base_revision is None:
        _INSERT.send(connection, rows.visit)
    else:
        _replace_visit(session, command, door, rows)
    _INSERT_REVISION.send(connection, rows.revision)
    if rows.adults:
        _INSERT_ADULT.send(connection, *rows.adults)
    tag = AuditTag.VISIT_SUBMIT if command.base_revision is None else AuditTag.VISIT_CORRECT
    return TakenVisit(
        _receipt(rows),
        VisitChange(_counted_before(door), rows.counted, others),
        Happened(tag, command.visit_id, {"sha256": rows.sha256, "revision": _number(command)}),
    )


def _read_door(
    session: Session, command: SubmitVisit, actor: Actor
) -> tuple[Row[*tuple[Any, ...]], list[CountedVisit]]:
    """Read household, round, what is stored under the visit's id, ages, and the household's other counted visits.

    One statement, under the lock of facts: a row for each other visit, the rest the same in all of them.

    Whoever closes or locks a round holds that lock alone: no round closes between our look and our insert. Nor does
    anybody store a visit under this identifier meanwhile, so the insert needs no look at what it met.
    """
    door, found = _DOORS.one_and_parts(
        connection_of(session),
        {
            "ward": actor.ward_id,
            "household": command.household_id,
            "round": command.round_id,
            "visit": command.visit_id,
        },
        _OTHER_LABELS,
    )
    if door is None:
        raise NotFound
    return door, [_other(*cells) for cells in found if cells[0] is not None]


def _number(command: SubmitVisit) -> int:
    return (command.base_revision or 0) + 1


def _rows(
    command: SubmitVisit, door: Row[*tuple[Any, ...]], extra_form: ExtraForm, *, actor: Actor, clock: Clock
) -> VisitRows:
    facts = RevisionFacts(
        ward_id=actor.ward_id,
        group_id=door.visit_group_id or door.group_id,
        made_at=clock.now(),
        made_by=actor.account_id,
        number=_number(command),
        reason=command.reason,
        source=command.source,
        confirmed=command.confirmed,
        started_at=command.started_at,
        finished_at=command.finished_at,
        extra_form=extra_form.number,
    )
    return visit_rows(command.content, facts, door.ages or {}, household_id=command.household_id)


def _repeated(session: Session, command: SubmitVisit, door: Row[*tuple[Any, ...]], rows: VisitRows) -> Receipt | None:
    """Give the receipt again for what is stored already (lost answer, second press), also when it was corrected since.

    Asked before the group is: who sends the same content again knows it, and gets the receipt also after the round
    closed or the group was given to somebody else.
    """
    number = _number(command)
    if door.visit_id is None or door.revision < number:
        return None
    if door.revision > number:
        return _stored_receipt(session, rows)
    if door.sha256 != rows.sha256:
        return None
    return Receipt(
        visit_id=command.visit_id, revision=number, sha256=door.sha256, submitted_at=door.made_at, repeated=True
    )


def _stored_receipt(session: Session, rows: VisitRows) -> Receipt | None:
    """Give the receipt of the revision with the number and the content of `rows`; None when there is none."""
    key = (rows.visit["ward_id"], rows.visit["id"], rows.visit["revision"])
    made_at = session.execute(
        select(REVISION.c.made_at).where(
            REVISION.c.ward_id == key[0],
            REVISION.c.visit_id == key[1],
            REVISION.c.number == key[2],
            REVISION.c.sha256 == rows.sha256,
        )
    ).scalar()
    if made_at is None:
        return None
    return Receipt(visit_id=key[1], revision=key[2], sha256=rows.sha256, submitted_at=made_at, repeated=True)


def _check_place(command: SubmitVisit, door: Row[*tuple[Any, ...]]) -> None:
    """Tell new work and a correction of the newest revision from a clash. Raises VisitClash, NotFound."""
    if door.visit_id is None:
        if command.base_revision is not None:
            raise NotFound
        return
    if command.base_revision is None:
        raise VisitClash("other-content", OTHER_CONTENT, revision=door.revision, sha256=door.sha256)
    if (door.round_id, door.household_id) != (command.round_id, command.household_id):
        raise NotFound
    if door.revision != command.base_revision:
        raise VisitClash("stale-base", STALE_BASE, revision=door.revision, sha256=door.sha256)


def _check(command: SubmitVisit, days: RoundDays, extra_form: ExtraForm) -> None:
    problems = hard_problems(command.outcome, command.visited_on, command.answers, days)
    problems += problems_of_extra(extra_form, command.outcome, command.extra)
    if command.base_revision is not None and not command.reason.strip():
        problems.append(Problem("reason", N_("Hãy ghi lý do sửa phiếu.")))
    if len(command.reason) > REASON_MAX:
        problems.append(Problem("reason", N_("Lý do dài quá %(most)s chữ."), {"most": REASON_MAX}))
    problems += odd_letters("reason", command.reason)
    if problems:
        raise InvalidInput(problems)


def _check_unmoved(
    session: Session, command: SubmitVisit, door: Row[*tuple[Any, ...]], others: Sequence[CountedVisit]
) -> None:
    """Refuse to take the place of a visit that a locked group counts: the household came from there in this round."""
    mine = door.visit_group_id or door.group_id
    left = {other.group_id for other in others if other.round_id == command.round_id} - {mine}
    if left:
        check_places_unlocked(
            session, door.ward_id, [(command.round_id, group_id) for group_id in left], subject=command.visit_id
        )


def _replace_visit(session: Session, command: SubmitVisit, door: Row[*tuple[Any, ...]], rows: VisitRows) -> None:
    check_visit_move(door.status, VisitStatus.SUBMITTED)
    done = session.execute(
        update(VISIT)
        .where(
            VISIT.c.ward_id == rows.visit["ward_id"],
            VISIT.c.id == command.visit_id,
            VISIT.c.revision == command.base_revision,
            VISIT.c.status == door.status,
        )
        .values({name: rows.visit[name] for name in CHANGING})
    )
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise VisitClash("stale-base", STALE_BASE, revision=door.revision, sha256=door.sha256)


CHANGING = ("status", "revision", "outcome", "visited_on", "submitted_at", "measures", "return_reason", "return_field")


def _counted_before(door: Row[*tuple[Any, ...]]) -> CountedVisit | None:
    if door.visit_id is None or door.status not in COUNTED:
        return None
    return CountedVisit(
        visit_id=door.visit_id,
        round_id=door.round_id,
        group_id=door.visit_group_id,
        household_id=door.household_id,
        visited_on=door.visited_on,
        submitted_at=door.submitted_at,
        measures=measures_from_json(door.measures),
    )


def _other(
    visit_id: UUID,
    round_id: UUID,
    group_id: UUID,
    household_id: UUID,
    visited_on: dt.date,
    submitted_at: dt.datetime,
    measures: Mapping[str, Any],
) -> CountedVisit:
    return CountedVisit(
        visit_id=visit_id,
        round_id=round_id,
        group_id=group_id,
        household_id=household_id,
        visited_on=visited_on,
        submitted_at=submitted_at,
        measures=measures_from_json(measures),
    )


def _receipt(rows: VisitRows) -> Receipt:
    revision = rows.revision
    return Receipt(
        visit_id=revision["visit_id"],
        revision=revision["number"],
        sha256=revision["sha256"],
        submitted_at=revision["made_at"],
    )
