"""How far each group is in a round, what waits there, and whether it keeps up with the days."""

from dataclasses import dataclass
from uuid import UUID

from webapp.core.access import Actor, Permission
from webapp.core.pace import Pace
from webapp.core.rounds import group_moves, standing
from webapp.core.surveys import RoundStatus
from webapp.queries.surveys import GroupProgress, RoundRow, group_progress, review_counts
from webapp.web.extensions import db
from webapp.web.shared.wiring import clock


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A group in a round; `behind` counts households short of an even pace, `waiting` visits to look over."""

    progress: GroupProgress
    status: RoundStatus
    moves: list[RoundStatus]
    waiting: int
    behind: int


def round_lines(survey_round: RoundRow, actor: Actor) -> list[GroupLine]:
    """Give the groups the person sees, those furthest behind first. Three statements, whatever the households."""
    groups = group_progress(db.session, actor.ward_id, survey_round.round_id, actor.group_scope(Permission.ROUND_VIEW))
    return _lines(survey_round, groups, actor)


def group_line(survey_round: RoundRow, group_id: UUID, actor: Actor) -> GroupLine | None:
    """Give one group in a round; None when it is not the person's. Three statements."""
    scope = actor.group_scope(Permission.ROUND_VIEW)
    if scope is not None and group_id not in scope:
        return None
    found = group_progress(db.session, actor.ward_id, survey_round.round_id, {group_id})
    return next(iter(_lines(survey_round, found, actor)), None)


def _lines(survey_round: RoundRow, groups: list[GroupProgress], actor: Actor) -> list[GroupLine]:
    waiting = review_counts(db.session, actor.ward_id, survey_round.round_id, [group.group_id for group in groups])
    pace = Pace(survey_round.starts_on, survey_round.ends_on, clock().today())
    lines = []
    for group in groups:
        status = standing(survey_round.status, group.own_status)
        line = GroupLine(
            progress=group,
            status=status,
            moves=sorted(group_moves(survey_round.status, group.own_status)),
            waiting=waiting.get(group.group_id, 0),
            behind=pace.behind(group.known, group.visited) if status is RoundStatus.OPEN else 0,
        )
        lines.append(line)
    return sorted(lines, key=lambda line: -line.behind)
