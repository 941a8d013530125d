"""Filled forms as ODK Collect writes them."""

from typing import Any
from uuid import UUID, uuid4

from tests.world import World
from webapp.core.odk_instance import form_id_of

ADULT = {
    "sex": "female",
    "age_band": "30-44",
    "smartphone": "yes",
    "digital_id": "yes",
    "vneid_level": "2",
    "digital_signature": "no",
    "e_signature": "yes",
    "barrier": "",
}
MINORS = ("m0_5", "m6_13", "m14", "m15_17")
HOUSE = {
    "fibre_connected": "yes",
    "fibre_speed": "below_1g",
    "iot_connections_known": "known",
    "iot_connections": "2",
    "payment_accounts": "",
}


def _tag(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>" if text else f"<{name}/>"


def _tags(values: dict[str, str]) -> str:
    return "".join(_tag(name, text) for name, text in values.items())


def filled(world: World, **changes: Any) -> bytes:
    """A form of an interview with two adults and no minors.

    Changes: `instance`, `deprecated` (UUIDs), `household`, `version`, `form_id`, `visited_on`, `outcome`, `adults`
    (list of changes), `adult_count`, `house`, `people`, `extra` (dicts), `note`.
    """
    household = changes.get("household", world.households[world.group_ids[0]][0])
    lines = [{**ADULT, **line} for line in changes.get("adults", [{}, {"smartphone": "unknown", "vneid_level": "0"}])]
    people = {"adult_count": str(len(lines)), **{f"{part}_count": "0" for part in MINORS}, **changes.get("people", {})}
    adults = "".join(f"<adults>{_tags(line)}</adults>" for line in lines)
    answers = (
        f"<answers><mode>lines</mode><people>{_tags(people)}{adults}</people>"
        f"<house>{_tags({**HOUSE, **changes.get('house', {})})}</house></answers>"
    )
    outcome = changes.get("outcome", "interviewed")
    extra = f"<extra>{_tags(changes['extra'])}</extra>" if "extra" in changes else ""
    deprecated: UUID | None = changes.get("deprecated")
    meta = f"<orx:instanceID>uuid:{changes.get('instance', uuid4())}</orx:instanceID>"
    meta += f"<orx:deprecatedID>uuid:{deprecated}</orx:deprecatedID>" if deprecated else ""
    return (
        "<?xml version='1.0' ?>"
        f'<data id="{changes.get("form_id", form_id_of(world.round_id))}"'
        f' version="{changes.get("version", "2026112200")}"'
        ' xmlns:ev="http://www.w3.org/2001/xml-events" xmlns:orx="http://openrosa.org/xforms"'
        ' xmlns:odk="http://www.opendatakit.org/xforms">'
        "<started_at>2026-11-22T08:40:00.000+07:00</started_at><finished_at>2026-11-22T08:44:10.000+07:00</finished_at>"
        f"<household>{household.hex if isinstance(household, UUID) else household}</household>"
        f"<visited_on>{changes.get('visited_on', '2026-11-22')}</visited_on><outcome>{outcome}</outcome>"
        f"{answers if outcome == 'interviewed' else ''}{extra}{_tag('note', changes.get('note', ''))}"
        f"<orx:meta>{meta}</orx:meta></data>"
    ).encode()
