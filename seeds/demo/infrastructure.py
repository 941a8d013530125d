"""What officers recorded of the ward's networks, platforms and machines: two looks, half a year apart."""

import datetime as dt
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from seeds.demo.scene import DemoGroup, Scene, invent_id
from webapp.core.facts import Reading
from webapp.models.adoption import RegisterEntry, RegisterItem
from webapp.services.facts import add_many

LOOKS_AGO: Final = (290, 60)
SITES: Final = (
    "Trạm y tế phường", "Chợ Bến Mẫu", "Trường tiểu học Hoa Sen", "Bến xe Bến Mẫu", "Trạm quan trắc nước cầu Bến Mẫu",
    "Trạm quan trắc không khí đường Hoa Sữa",
)  # fmt: skip
# Share of groups, sites and platforms that had it at each look.
MOBILE: Final = (0.95, 0.985)
FIBRE: Final = (0.92, 0.97)
COVERED_5G: Final = (0.62, 0.78)
SITES_5G: Final = (0.5, 0.8)
PLATFORMS: Final = (0.35, 0.6)
# Of the whole ward at each look: with it, of how many.
COUNTS: Final = {
    "ipv6_connections": ((6_120, 9_480), (7_730, 9_910)),
    "machines_antimalware": ((39, 46), (47, 48)),
    "systems_monitored": ((4, 6), (6, 6)),
    "ready_6g": ((0, 1), (0, 1)),
}


def fill_registers(session: Session, scene: Scene) -> None:
    """Write the entries and count them."""
    _add_sites(session, scene)
    keeper = _Keeper(session, scene)
    for look, ago in enumerate(LOOKS_AGO):
        keeper.look_around(look, scene.calendar.day(ago))
    session.execute(insert(RegisterEntry), keeper.rows)
    add_many(session, scene.ward_id, readings=keeper.readings, nothing_before=True)


def _add_sites(session: Session, scene: Scene) -> None:
    for name in SITES:
        session.add(RegisterItem(ward_id=scene.ward_id, indicator_code="sites_5g", name=name, plan_section="III.1"))
    session.flush()


class _Keeper:
    def __init__(self, session: Session, scene: Scene) -> None:
        self.scene, self.dice = scene, scene.dice("registers")
        item = RegisterItem
        found = session.execute(
            select(item.indicator_code, item.id).where(item.ward_id == scene.ward_id).order_by(item.name)
        )
        self.items = [(row.indicator_code, row.id) for row in found]
        self.luck: dict[object, float] = {}
        self.rows: list[dict[str, object]] = []
        self.readings: list[Reading] = []

    def look_around(self, look: int, day: dt.date) -> None:
        """Record everything once."""
        for group in self.scene.groups:
            self._look_at_group(group, look, day)
        for code, item_id in self.items:
            share = {"sites_5g": SITES_5G, "platforms_received": PLATFORMS}.get(code)
            if share:
                self._enter(code, day, (int(self._has(item_id, share[look])), 1), item_id=item_id)
        for code, counts in COUNTS.items():
            item_id = next((identifier for listed, identifier in self.items if listed == code), None)
            self._enter(code, day, counts[look], item_id=item_id)

    def _look_at_group(self, group: DemoGroup, look: int, day: dt.date) -> None:
        people = sum(len(x.home.adults) + len(x.home.minors) for x in group.homes)
        for code, share in (("groups_mobile_broadband", MOBILE), ("groups_fibre", FIBRE)):
            self._enter(code, day, (int(self._has((code, group.id), share[look])), 1), group_id=group.id)
        covered = self._has(("5g", group.id), COVERED_5G[look])
        self._enter("population_5g", day, (people if covered else 0, people), group_id=group.id)

    def _has(self, thing: object, share: float) -> bool:
        """Keep each thing's luck, so that what was there at the first look is there at the second."""
        return self.luck.setdefault(thing, self.dice.random()) < share

    def _enter(
        self,
        code: str,
        day: dt.date,
        counts: tuple[int, int],
        *,
        item_id: UUID | None = None,
        group_id: UUID | None = None,
    ) -> None:
        moment = self.scene.calendar.at(day, self.dice.uniform(8, 16))
        entry_id = invent_id(self.dice, moment)
        place = {"indicator_code": code, "item_id": item_id, "group_id": group_id, "observed_on": day}
        self.rows.append(
            place
            | {
                "ward_id": self.scene.ward_id,
                "id": entry_id,
                "numerator": counts[0],
                "denominator": counts[1],
                "evidence": "Biên bản rà soát hạ tầng số (dữ liệu mẫu)",
                "recorded_at": moment,
                "recorded_by": self.scene.staff["cong-chuc-2"],
            }
        )
        self.readings.append(
            Reading(
                entry_id=entry_id,
                indicator_code=code,
                item_id=item_id,
                group_id=group_id,
                observed_on=day,
                recorded_at=moment,
                numerator=counts[0],
                denominator=counts[1],
            )
        )
