"""What the pages of a visit need beside the form: household, round, last round's answers."""

from dataclasses import dataclass
from uuid import UUID

from webapp.core.access import Permission
from webapp.core.errors import N_, NotFound, WrongState
from webapp.core.extra_questions import ExtraForm, ExtraQuestion
from webapp.core.survey_checks import RoundDays
from webapp.core.surveys import Answers, RoundStatus
from webapp.queries.extra_forms import active_form, list_versions
from webapp.queries.households import HouseholdRow, ListedVisit, get_household, latest_visits
from webapp.queries.surveys import RoundRow, get_round, get_round_for
from webapp.queries.visits import VisitRow, get_visit, previous_answers
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import cipher, clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything about the door one stands at. `visit`: the household's newest visit in this round, if any.

    The round's status is the one that holds for the household's group.
    """

    household: HouseholdRow
    round: RoundRow
    previous: Answers | None
    visit: ListedVisit | None
    extra: ExtraForm

    @property
    def days(self) -> RoundDays:
        """Give the days on which the visit may be dated."""
        return RoundDays(self.round.starts_on, self.round.ends_on, clock().today())

    @property
    def closed_message(self) -> str:
        """Say why the round takes no visit; empty when it does."""
        if self.round.status is RoundStatus.OPEN:
            return ""
        return N_("Đợt khảo sát này không mở nên không nhận phiếu. Dữ liệu bạn nhập vẫn còn trên trang.")


def find_household(household_id: UUID, permission: Permission) -> HouseholdRow:
    """Find a household that the person may see with `permission`. Raises NotFound otherwise."""
    actor = current_actor()
    scope = actor.group_scope(permission)
    found = get_household(db.session, actor.ward_id, household_id, scope=scope, cipher=cipher())
    if found is None:
        raise NotFound
    return found


def find_round(round_id: UUID) -> RoundRow:
    """Find a round of the ward. Raises NotFound."""
    found = get_round(db.session, current_actor().ward_id, round_id)
    if found is None:
        raise NotFound
    return found


def find_visit(visit_id: UUID, permission: Permission) -> VisitRow:
    """Find a visit in the groups of the person. Raises NotFound otherwise."""
    actor = current_actor()
    found = get_visit(db.session, actor.ward_id, visit_id)
    scope = actor.group_scope(permission)
    if found is None or (scope is not None and found.group_id not in scope):
        raise NotFound
    return found


def questions_of(visit: VisitRow) -> list[ExtraQuestion]:
    """Give the extra questions a visit may have answered, of all versions of its round, the newest wording first."""
    versions = list_versions(db.session, current_actor().ward_id, visit.content.round_id)
    known = {question.name: question for version in reversed(versions) for question in version.form.questions}
    return list(known.values())


def sit_down(round_id: UUID, household_id: UUID) -> Desk:
    """Load what the form needs: five or six statements. Raises NotFound for what is not the person's."""
    actor = current_actor()
    household = find_household(household_id, Permission.VISIT_SUBMIT)
    visits = latest_visits(db.session, actor.ward_id, [household_id], round_id=round_id)
    return Desk(
        household=household,
        round=_round_for(round_id, household.group_id),
        previous=previous_answers(db.session, actor.ward_id, household_id, round_id=round_id),
        visit=visits.get(household_id),
        extra=active_form(db.session, actor.ward_id, round_id),
    )


def _round_for(round_id: UUID, group_id: UUID) -> RoundRow:
    found = get_round_for(db.session, current_actor().ward_id, round_id, group_id)
    if found is None:
        raise NotFound
    return found


def refuse_if_closed(desk: Desk) -> None:
    """Refuse to open a form that could not be sent. Raises WrongState."""
    if desk.round.status is not RoundStatus.OPEN:
        raise WrongState(N_("Đợt khảo sát này không mở nên chưa ghi phiếu được."))
