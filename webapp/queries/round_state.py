"""The round that is going on, as one person sees it."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.queries import surveys


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


def round_state(session: Session, actor: Actor, today: dt.date) -> RoundState | None:
    """Give the state of the round for whoever visits households or reviews visits. Three statements."""
    if not (actor.can(Permission.HOUSEHOLD_VIEW) or actor.can(Permission.VISIT_REVIEW)):
        return None
    row = surveys.current_round(surveys.list_rounds(session, actor.ward_id), today)
    if row is None:
        return None
    groups = surveys.group_progress(session, actor.ward_id, row.round_id, actor.group_scope(Permission.HOUSEHOLD_VIEW))
    return RoundState(
        row=row,
        groups=groups,
        known=sum(group.known for group in groups),
        visited=sum(group.visited for group in groups),
        to_correct=sum(group.to_correct for group in groups),
    )
