"""The lists of households: groups of unequal size, people drawn into houses, names and addresses encrypted."""

import datetime as dt
from random import Random
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from seeds.demo.homes import invent_home
from seeds.demo.people import Addresses, invent_name
from seeds.demo.scene import DemoGroup, Listed, Scene, invent_id
from webapp.models.places import ResidentialGroup, Ward
from webapp.services.facts import add_many
from webapp.services.household_rows import HouseholdRows, NewHousehold, household_rows, insert_households

LISTED_AGO: Final = 420
# Households that came later: after the first round, after the second.
LATER_AGO: Final = (300, 100)
LATER_SHARE: Final = 0.03


def fill_lists(session: Session, scene: Scene) -> None:
    """Put every household on its group's list and count them."""
    dice = scene.dice("lists")
    residents = 0
    for group, count in zip(scene.groups, _sizes(scene, dice), strict=True):
        residents += _fill(session, scene, group, count, dice)
    ward = session.get_one(Ward, scene.ward_id)
    ward.population = residents
    session.flush()


def _sizes(scene: Scene, dice: Random) -> list[int]:
    """Share the households out: some groups are three times as large as others; the sum is exact."""
    wanted = scene.size.households
    weights = [dice.lognormvariate(0, 0.38) for _ in scene.groups]
    total = sum(weights)
    edges = [round(wanted * sum(weights[: place + 1]) / total) for place in range(len(weights))]
    return [edge - before for before, edge in zip([0, *edges], edges, strict=False)]


def _fill(session: Session, scene: Scene, group: DemoGroup, count: int, dice: Random) -> int:
    addresses = Addresses(dice)
    rows: list[HouseholdRows] = []
    days: list[dt.date] = []
    for number in range(1, count + 1):
        day = scene.calendar.day(_listed_ago(number, count, dice))
        new = NewHousehold(
            household_id=invent_id(dice, scene.calendar.at(day, 9)),
            group_id=group.id,
            number=number,
            head_name=invent_name(dice),
            address=addresses.draw(),
            registered_on=day,
        )
        rows.append(household_rows(scene.ward_id, new, cipher=scene.ports.cipher))
        days.append(day)
        group.homes.append(Listed(household_id=new.household_id, home=invent_home(dice), registered_on=day))
    insert_households(session, rows)
    add_many(session, scene.ward_id, households=[(group.id, day) for day in days], nothing_before=True)
    people = sum(len(listed.home.adults) + len(listed.home.minors) for listed in group.homes)
    session.execute(
        update(ResidentialGroup)
        .where(ResidentialGroup.ward_id == scene.ward_id, ResidentialGroup.id == group.id)
        .values(population=people)
    )
    return people


def _listed_ago(number: int, count: int, dice: Random) -> int:
    """Give how long ago a household was listed: the last numbers of a list are those that came later."""
    if number <= count * (1 - LATER_SHARE):
        return LISTED_AGO
    return dice.choice(LATER_AGO)
