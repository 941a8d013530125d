"""Answers and commands that survey tests share."""

import datetime as dt
from typing import Any
from uuid import UUID

from tests.world import World
from webapp.core.ids import new_id
from webapp.core.surveys import AdultLine, AgeBand, Answers, FibreSpeed, MinorBand, MinorLine, Sex, VisitOutcome
from webapp.services.submit_visit import SubmitVisit

DAY = dt.date(2026, 11, 22)


def adult(**changes: Any) -> AdultLine:
    values: dict[str, Any] = {
        "sex": Sex.FEMALE,
        "age_band": AgeBand.A30_44,
        "smartphone": True,
        "digital_id": True,
        "vneid_level": 2,
        "digital_signature": False,
        "e_signature": True,
    }
    return AdultLine(**{**values, **changes})


def family(**changes: Any) -> Answers:
    values: dict[str, Any] = {
        "adults": (
            adult(),
            adult(sex=Sex.MALE, age_band=AgeBand.A60, smartphone=None, vneid_level=0, e_signature=False),
        ),
        "minors": (
            MinorLine(band=MinorBand.M6_13, count=1, digital_id=1),
            MinorLine(band=MinorBand.M15_17, count=1, digital_id=1, vneid_l2=1, smartphone=1),
        ),
        "fibre_covered": True,
        "fibre_connected": True,
        "fibre_speed": FibreSpeed.BELOW_1G,
        "iot_connections": 2,
        "note": "Gọi trước khi đến",
    }
    return Answers(**{**values, **changes})


def visit_of(world: World, household_id: UUID | None = None, **changes: Any) -> SubmitVisit:
    values: dict[str, Any] = {
        "visit_id": new_id(),
        "round_id": world.round_id,
        "household_id": household_id or world.households[world.group_ids[0]][0],
        "outcome": VisitOutcome.INTERVIEWED,
        "visited_on": DAY,
        "answers": family(),
    }
    return SubmitVisit(**{**values, **changes})
