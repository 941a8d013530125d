"""Making the demo ward: its past in the order in which it happened, then what its households answered."""

import datetime as dt
import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from uuid import UUID

from sqlalchemy.orm import Session

from seeds.demo import rounds
from seeds.demo.companions import scan
from seeds.demo.delegations import fill_delegations
from seeds.demo.documents import Desk
from seeds.demo.infrastructure import fill_registers
from seeds.demo.keys import make_keys, read_pins
from seeds.demo.lists import fill_lists
from seeds.demo.logins import LOADING, READY, mark
from seeds.demo.papers import Paper, draw_attachment, read_papers
from seeds.demo.rounds import ROUNDS, DemoRound, make_visits
from seeds.demo.scene import DemoPorts, DemoSize, Scene
from seeds.demo.ward import make_ward
from webapp.core.surveys import RoundStatus
from webapp.gateways.signing import SigningRoom
from webapp.models.database import unit_of_work

Act = Callable[[Session], None]
# Rounds open in the morning and close in the evening; papers are written in between.
FIRST, BETWEEN, LAST = range(3)
COPIED_AGO = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was made."""

    ward_id: UUID
    households: int
    visits: int
    documents: int


def load_demo(ports: DemoPorts, size: DemoSize, *, say: Callable[[str], None] = lambda _line: None) -> Loaded:
    """Fill an empty, migrated database. Every step commits by itself; the ward is marked ready at the end."""
    shutil.rmtree(ports.settings.data_dir / "pki", ignore_errors=True)
    with unit_of_work(ports.sessions) as session:
        scene = make_ward(ports, size, session)
        mark(session, scene.ward_id, LOADING)
    signing = SigningRoom(ports.settings, ports.sessions, scene.clock)
    say(f"{size.households} hộ ở {size.groups} tổ dân phố …")
    with unit_of_work(ports.sessions, scene.ward_id) as session:
        if size.documents:
            make_keys(session, scene, signing)
            fill_delegations(session, scene, signing)
        with _without_collector():
            fill_lists(session, scene)
        fill_registers(session, scene)
    papers = read_papers(scene.calendar.today.year) if size.documents else []
    past = _Past(scene, signing)
    say(f"{len(ROUNDS)} đợt khảo sát, {len(papers)} văn bản …")
    for act in past.acts(papers):
        with unit_of_work(ports.sessions, scene.ward_id) as session:
            act(session)
    with unit_of_work(ports.sessions, scene.ward_id) as session, _without_collector():
        visits = make_visits(session, scene, [past.round_ids[held.step] for held in ROUNDS])
        mark(session, scene.ward_id, READY)
    return Loaded(
        ward_id=scene.ward_id, households=size.households, visits=visits, documents=len(papers) + bool(papers)
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hundreds of thousands of small rows and not one cycle: looking for cycles costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Past:
    """What happened, each act on its day, so that logs and numbers run in the order of time."""

    def __init__(self, scene: Scene, signing: SigningRoom) -> None:
        self.scene = scene
        self.desk = Desk(scene, signing, read_pins(scene.ports.settings.data_dir / "pki"))
        self.round_ids: dict[int, UUID] = {}

    def acts(self, papers: list[Paper]) -> list[Act]:
        """Give all acts, the oldest first."""
        dated: list[tuple[dt.date, int, Act]] = []
        for held in ROUNDS:
            dated.append((self.scene.calendar.day(held.begins_ago + 6), FIRST, partial(self._plan, held)))
            for day, to in rounds.moves(self.scene, held):
                dated.append((day, FIRST if to is RoundStatus.OPEN else LAST, partial(self._move, held, day, to)))
        for paper in papers:
            day = _working_day(self.scene.calendar.day(paper.ago))
            dated.append((day, BETWEEN, partial(self._lead, paper, day)))
        if papers:
            day = _working_day(self.scene.calendar.day(COPIED_AGO))
            dated.append((day, LAST, partial(self._copy, day)))
        return [act for _day, _hour, act in sorted(dated, key=itemgetter(0, 1))]

    def _plan(self, held: DemoRound, session: Session) -> None:
        self.round_ids[held.step] = rounds.plan(session, self.scene, held)

    def _move(self, held: DemoRound, day: dt.date, to: RoundStatus, session: Session) -> None:
        rounds.move(session, self.scene, self.round_ids[held.step], day, to=to)

    def _lead(self, paper: Paper, day: dt.date, session: Session) -> None:
        self.desk.lead(session, paper, day)

    def _copy(self, day: dt.date, session: Session) -> None:
        paper = scan(draw_attachment("Quyết định 215/QĐ-UBND", moment=self.scene.clock.now()))
        self.desk.copy(session, paper, day)


def _working_day(day: dt.date) -> dt.date:
    """Give the day itself, or the Friday before a weekend."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
