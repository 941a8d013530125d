"""Ordering a quality check of a round and storing what it found."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission, require
from webapp.core.errors import NotFound
from webapp.core.ids import new_id
from webapp.core.jobs import JobKind
from webapp.core.ports import Clock
from webapp.core.quality import Figure, Finding
from webapp.core.surveys import RoundStatus
from webapp.models.quality import QualityFigure, QualityFinding, QualityRun
from webapp.models.surveys import SurveyRound
from webapp.queries.surveys import get_round
from webapp.services.jobs import NewJob, enqueue

CHUNK: Final = 1_000


def order_check(session: Session, round_id: UUID, *, actor: Actor, clock: Clock) -> UUID | None:
    """Queue a check of a round; None when one was asked for within the same minute. Raises NotFound, NotAllowed."""
    require(actor, Permission.QUALITY_VIEW)
    if get_round(session, actor.ward_id, round_id) is None:
        raise NotFound
    minute = f"{clock.now():%Y-%m-%dT%H:%M}"
    order = NewJob(
        kind=JobKind.QUALITY, payload={"round_id": str(round_id)}, dedupe_key=f"quality:{round_id.hex}:{minute}"
    )
    return enqueue(session, order, ward_id=actor.ward_id, created_by=actor.account_id, clock=clock)


def nightly_checks(session: Session, ward_id: UUID, day: str) -> list[NewJob]:
    """Give the checks of one night: every round that can still change."""
    rounds = session.scalars(
        select(SurveyRound.id).where(
            SurveyRound.ward_id == ward_id, SurveyRound.status.in_([RoundStatus.OPEN, RoundStatus.CLOSED])
        )
    )
    return [
        NewJob(kind=JobKind.QUALITY, payload={"round_id": str(found)}, dedupe_key=f"quality:{found.hex}:{day}")
        for found in rounds
    ]


def begin_run(session: Session, ward_id: UUID, round_id: UUID, *, visits: int, clock: Clock) -> UUID:
    """Open a run; nobody sees it before `finish_run`."""
    run_id = new_id()
    values = {"ward_id": ward_id, "id": run_id, "round_id": round_id, "visits": visits, "started_at": clock.now()}
    session.execute(insert(QualityRun), values)
    return run_id


def add_figures(session: Session, ward_id: UUID, run_id: UUID, figures: Sequence[Figure]) -> None:
    """Store figures of a run."""
    if figures:
        session.execute(insert(QualityFigure), [{"ward_id": ward_id, "run_id": run_id, **asdict(f)} for f in figures])


def add_findings(session: Session, ward_id: UUID, run_id: UUID, findings: Sequence[Finding], *, first: int) -> None:
    """Store findings of a run, numbered from `first`."""
    rows = [
        {"ward_id": ward_id, "run_id": run_id, "number": number, **asdict(found)}
        for number, found in enumerate(findings, first)
    ]
    if rows:
        session.execute(insert(QualityFinding), rows)


def finish_run(session: Session, ward_id: UUID, run_id: UUID, *, clock: Clock) -> None:
    """Let the run count."""
    session.execute(
        update(QualityRun).where(QualityRun.ward_id == ward_id, QualityRun.id == run_id).values(finished_at=clock.now())
    )


def other_runs(session: Session, ward_id: UUID, round_id: UUID, run_id: UUID) -> list[UUID]:
    """Give the round's other runs: older ones, and ones that were interrupted."""
    return list(
        session.scalars(
            select(QualityRun.id).where(
                QualityRun.ward_id == ward_id, QualityRun.round_id == round_id, QualityRun.id != run_id
            )
        )
    )


def delete_some(session: Session, ward_id: UUID, run_id: UUID) -> bool:
    """Delete a part of a run (short transactions keep SQLite's writer free); tell whether something was left."""
    top = session.scalar(
        select(QualityFinding.number)
        .where(QualityFinding.ward_id == ward_id, QualityFinding.run_id == run_id)
        .order_by(QualityFinding.number)
        .offset(CHUNK * 5)
        .limit(1)
    )
    part = [QualityFinding.ward_id == ward_id, QualityFinding.run_id == run_id]
    session.execute(delete(QualityFinding).where(*part, *([QualityFinding.number < top] if top is not None else [])))
    if top is not None:
        return True
    session.execute(delete(QualityFigure).where(QualityFigure.ward_id == ward_id, QualityFigure.run_id == run_id))
    session.execute(delete(QualityRun).where(QualityRun.ward_id == ward_id, QualityRun.id == run_id))
    return False
