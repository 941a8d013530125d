"""What the benchmarks of the API need before their clock runs: a ward whose heads have phones, and their visits."""

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from seeds.demo.answers import invent_answers, levels_of
from seeds.demo.homes import invent_home
from seeds.demo.levels import GroupTraits
from seeds.demo.loading import load_demo
from seeds.demo.scene import DemoPorts, DemoSize
from webapp.core.access import Role
from webapp.core.ids import new_id
from webapp.core.surveys import RoundStatus
from webapp.factory import build_wiring
from webapp.models import schema
from webapp.models.accounts import Account, RoleGrant
from webapp.models.database import make_engine, make_sessions
from webapp.models.devices import Device
from webapp.models.households import Household
from webapp.models.surveys import SurveyRound
from webapp.queries.accounts import token_hash
from webapp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone with its token and the bodies that wait in its outbox."""

    token: str
    bodies: list[bytes]

    @property
    def headers(self) -> dict[str, str]:
        """What each of its requests carries."""
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}


def ward_of_phones(settings: Settings, *, phones: int, visits: int) -> list[Phone]:
    """Load a demo ward into an empty database: each group's head has a phone with `visits` visits to send."""
    engine = make_engine(settings.url)
    schema.upgrade(engine)
    sessions = make_sessions(engine)
    wiring = build_wiring(settings, sessions)
    ports = DemoPorts(
        settings=settings, sessions=sessions, clock=wiring.clock, cipher=wiring.cipher, files=wiring.files
    )
    load_demo(ports, DemoSize(households=phones * 60, groups=phones, documents=False))
    with sessions.begin() as session:
        round_id = session.scalars(select(SurveyRound.id).where(SurveyRound.status == RoundStatus.OPEN)).one()
        heads = session.scalars(
            select(RoleGrant).where(RoleGrant.role == Role.GROUP_HEAD, RoleGrant.group_id.is_not(None))
        ).all()
        session.execute(update(Account).values(must_change_password=False, last_seen_at=wiring.clock.now()))
        made = [
            Phone(token=_let_in(session, head, wiring.clock.now()), bodies=_outbox(session, head, round_id, visits))
            for head in heads
        ]
    engine.dispose()
    return made[:phones]


def _let_in(session: Session, head: RoleGrant, now: dt.datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        Device(
            ward_id=head.ward_id,
            account_id=head.account_id,
            token_sha256=token_hash(token),
            created_at=now,
            last_contact_at=now,
        )
    )
    return token


def _outbox(session: Session, head: RoleGrant, round_id: UUID, visits: int) -> list[bytes]:
    dice, at = Random(1), levels_of(GroupTraits(pull=0, fibre_pull=0, pace=(1, 1, 1)), 2)
    homes = session.scalars(select(Household.id).where(Household.group_id == head.group_id)).all()
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=7))).date()
    return [
        json.dumps(
            {
                "visit_id": str(new_id()),
                "round_id": str(round_id),
                "household_id": str(household_id),
                "outcome": "interviewed",
                "visited_on": today.isoformat(),
                "answers": invent_answers(invent_home(dice), at, 2, dice).to_json(),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        for household_id in islice(cycle(homes), visits)
    ]
