"""What the parts of the demo hand each other: size, ports, a clock that can be set, and who lives where."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, sessionmaker

from seeds.demo.homes import Home
from seeds.demo.levels import GroupTraits
from webapp.core.access import Actor, Role
from webapp.core.ports import Clock, FileStore, PersonalDataCipher
from webapp.settings import Settings

WARD_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSize:
    """How much to invent. The same seed gives the same people and answers; days are counted back from today.

    Without `documents` neither keys nor signed documents are made, which is all that takes time in a small ward.
    """

    households: int = 12_000
    groups: int = 60
    seed: int = 30
    documents: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPorts:
    """The outside world that the demo writes to."""

    settings: Settings
    sessions: sessionmaker[Session]
    clock: Clock
    cipher: PersonalDataCipher
    files: FileStore


class DemoClock:
    """A clock that stands where it is set: the demo's past is made through the same services as everything else."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        """Give the moment it was set to."""
        return self.moment

    def go_to(self, moment: dt.datetime) -> None:
        """Go forward to a moment; never back, so that logs run in the order of time."""
        self.moment = max(self.moment, moment)

    def today(self) -> dt.date:
        """Give the day in the ward."""
        return self.moment.astimezone(WARD_ZONE).date()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days and moments counted back from now."""

    now: dt.datetime
    today: dt.date

    def day(self, ago: int) -> dt.date:
        """Give the day so many days ago."""
        return self.today - dt.timedelta(days=ago)

    def at(self, day: dt.date, hour: float) -> dt.datetime:
        """Give the moment of a day in the ward, never later than now."""
        midnight = dt.datetime.combine(day, dt.time(), WARD_ZONE)
        return min((midnight + dt.timedelta(hours=hour)).astimezone(dt.UTC), self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An invented household on a group's list."""

    household_id: UUID
    home: Home
    registered_on: dt.date


@dataclass(slots=True, kw_only=True)
class DemoGroup:
    """An invented group, its head and its households."""

    id: UUID
    number: int
    traits: GroupTraits
    head_id: UUID
    homes: list[Listed] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is printed for one account. `pin` opens the person's key, `agency_pin` the agency's."""

    role: str
    username: str
    name: str
    password: str = field(repr=False)
    pin: str = field(default="", repr=False)


@dataclass(slots=True, kw_only=True)
class Scene:
    """The demo ward while it is being made."""

    ward_id: UUID
    size: DemoSize
    ports: DemoPorts
    calendar: Calendar
    clock: DemoClock
    groups: list[DemoGroup]
    staff: dict[str, UUID]
    departments: Mapping[str, UUID]

    def dice(self, part: str) -> Random:
        """Give the dice of one part: parts do not disturb each other's luck."""
        return Random(f"{self.size.seed}|{part}")

    def actor(self, slug: str, role: Role) -> Actor:
        """Give a member of staff acting in a role."""
        return Actor(account_id=self.staff[slug], ward_id=self.ward_id, roles=frozenset({role}))


def invent_id(dice: Random, moment: dt.datetime) -> UUID:
    """Make a UUID version 7 from a moment and the dice, so that the same seed and day give the same rows."""
    value = int(moment.timestamp() * 1000) << 80 | dice.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
