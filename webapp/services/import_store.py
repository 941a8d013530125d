"""Storing a checked workbook: all of it in one transaction, read back and held against the file, or nothing."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, Conflict, DomainError
from webapp.core.events import AuditTag
from webapp.core.facts import CountedVisit
from webapp.core.ids import new_id
from webapp.core.import_columns import SUMMED
from webapp.core.ports import Clock, FileStore, PersonalDataCipher
from webapp.core.rounds import check_accepts
from webapp.core.visit_content import VisitContent
from webapp.models.households import ImportBatch
from webapp.models.places import ResidentialGroup
from webapp.models.surveys import SurveyRound
from webapp.queries.imports import BatchRow, read_back
from webapp.queries.surveys import RoundRow
from webapp.services.audit import record
from webapp.services.facts import add_many, adult_ages
from webapp.services.household_rows import NewHousehold, household_rows, insert_households
from webapp.services.import_check import ImportCheck, check_import, summary, sums
from webapp.services.import_match import ReadyLine
from webapp.services.import_tokens import TokenMemory
from webapp.services.imports import load_batch, load_sheets, open_round
from webapp.services.round_locks import check_groups_accept
from webapp.services.visit_rows import RevisionFacts, VisitRows, insert_visits, visit_rows

SOURCE: Final = "import"
_CHUNK: Final = 2_000


class NotReady(DomainError):
    """The file still has problems; `check` says which. Nothing was stored."""

    message = N_("Tệp còn lỗi nên chưa lưu gì. Hãy sửa tệp rồi tải lại.")

    def __init__(self, check: ImportCheck) -> None:
        super().__init__()
        self.check = check


def store_import(
    session: Session,
    batch_id: UUID,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    cipher: PersonalDataCipher,
    max_rows: int,
) -> dict[str, Any]:
    """Store the whole file and give the reconciled result.

    Raises NotReady with the check when anything is wrong, WrongState when the round is not open or the file was stored
    already, Conflict when what was read back differs from what was meant.
    """
    require(actor, Permission.HOUSEHOLD_IMPORT)
    _lock(session, actor, batch_id)
    batch = load_batch(session, batch_id, actor=actor)
    survey_round = open_round(session, actor, batch.round_id)
    sheets = load_sheets(batch, files=files, cipher=cipher)
    check = check_import(
        session,
        batch,
        sheets,
        survey_round=survey_round,
        actor=actor,
        cipher=cipher,
        clock=clock,
        max_rows=max_rows,
    )
    if not check.may_store:
        raise NotReady(check)
    groups = {item.line.group_id for item in check.ready}
    check_groups_accept(session, actor.ward_id, survey_round.round_id, groups, subject=batch_id)
    _insert_households(session, check.ready, actor=actor, cipher=TokenMemory(cipher))
    visits = _insert_visits(session, check.ready, survey_round, actor=actor, clock=clock)
    _count(session, check.ready, visits, actor)
    result = _result(batch, check, _stored_sums(session, actor.ward_id, visits, check))
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.ward_id == actor.ward_id, ImportBatch.id == batch_id)
        .values(stored_at=clock.now(), row_count=check.rows, result=result)
    )
    record(
        session,
        AuditTag.HOUSEHOLD_IMPORT,
        actor=actor,
        clock=clock,
        subject=batch_id,
        round=str(survey_round.round_id),
        file_sha256=result["content_sha256"],
        rows=check.rows,
        visits=len(visits),
        new_households=check.new_households,
    )
    return result


def _lock(session: Session, actor: Actor, batch_id: UUID) -> None:
    """Hold round, groups and batch: no second import, registration or closing of the round comes between.

    Not against foreign keys: submissions hold the facts, which come later here, when they refer to round and group.
    """
    batch = session.execute(
        select(ImportBatch.round_id)
        .where(ImportBatch.ward_id == actor.ward_id, ImportBatch.id == batch_id)
        .with_for_update()
    ).one_or_none()
    if batch is None:
        return
    status = session.scalar(
        select(SurveyRound.status)
        .where(SurveyRound.ward_id == actor.ward_id, SurveyRound.id == batch.round_id)
        .with_for_update(key_share=True)
    )
    if status is not None:
        check_accepts(status, None, subject=batch_id)
    groups = select(ResidentialGroup.id).where(ResidentialGroup.ward_id == actor.ward_id)
    session.execute(groups.order_by(ResidentialGroup.id).with_for_update(key_share=True)).all()


def _insert_households(session: Session, ready: list[ReadyLine], *, actor: Actor, cipher: PersonalDataCipher) -> None:
    # Registered on the day of the visit: a backlog must not have visits of households that were not known yet.
    for chunk in _chunks([item for item in ready if item.is_new]):
        insert_households(
            session,
            [
                household_rows(
                    actor.ward_id,
                    NewHousehold(
                        household_id=item.household_id,
                        group_id=item.line.group_id,
                        number=item.number or 0,
                        head_name=item.line.head_name,
                        address=item.line.address,
                        registered_on=item.line.visited_on,
                    ),
                    cipher=cipher,
                )
                for item in chunk
            ],
        )


def _insert_visits(
    session: Session, ready: list[ReadyLine], survey_round: RoundRow, *, actor: Actor, clock: Clock
) -> list[CountedVisit]:
    """Store the visits and give what facts count of them."""
    ages, now = adult_ages(session, actor.ward_id), clock.now()
    counted: list[CountedVisit] = []
    for chunk in _chunks(ready):
        rows = [_visit(item, survey_round.round_id, actor, now, ages) for item in chunk]
        insert_visits(session, rows)
        counted += [row.counted for row in rows]
    return counted


def _chunks(items: list[ReadyLine]) -> Iterator[list[ReadyLine]]:
    """Cut the work, so that a large file does not stand in memory as rows of five tables at once."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _visit(item: ReadyLine, round_id: UUID, actor: Actor, now: dt.datetime, ages: Mapping[str, int]) -> VisitRows:
    content = VisitContent(
        visit_id=new_id(),
        round_id=round_id,
        household_id=item.household_id,
        outcome=item.line.outcome,
        visited_on=item.line.visited_on,
        answers=item.line.answers,
    )
    facts = RevisionFacts(
        ward_id=actor.ward_id,
        group_id=item.line.group_id,
        made_at=now,
        made_by=actor.account_id,
        source=SOURCE,
        confirmed=[question.to_json() for question in item.questions],
    )
    return visit_rows(content, facts, ages)


def _count(session: Session, ready: list[ReadyLine], visits: list[CountedVisit], actor: Actor) -> None:
    add_many(
        session,
        actor.ward_id,
        visits=visits,
        households=[(item.line.group_id, item.line.visited_on) for item in ready if item.is_new],
        nothing_before=all(item.is_new for item in ready),
    )


def _stored_sums(session: Session, ward_id: UUID, visits: list[CountedVisit], check: ImportCheck) -> dict[str, int]:
    """Add up what now stands in the database and hold it against what was checked. Raises Conflict."""
    found, added = 0, dict.fromkeys(SUMMED, 0)
    for stored in read_back(session, ward_id, [visit.visit_id for visit in visits]):
        found += 1
        for key, value in (*stored.totals.items(), *stored.rest.items()):
            added[key] += value or 0
    if found != len(check.ready) or any(added[key] != value for key, value in check.sums_ready.items()):
        raise Conflict(N_("Số liệu đọc lại không khớp với tệp nên chưa lưu gì. Hãy báo quản trị."))
    return added


def _result(batch: BatchRow, check: ImportCheck, stored: dict[str, int]) -> dict[str, Any]:
    return {
        "content_sha256": batch.result["content_sha256"],
        **summary(check),
        "stored": len(check.ready),
        "sums": [{**line, "stored": stored[line["column"]]} for line in sums(check)],
        "reconciled": check.rows == len(check.ready) + check.visited,
    }
