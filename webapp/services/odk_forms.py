"""The form of a round for ODK Collect: made once per version, the household list for each head."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.analytics.xlsforms import Say, xform_bytes, xlsform_sheets
from webapp.core.access import Actor, Permission
from webapp.core.errors import NotFound
from webapp.core.odk_instance import form_id_of
from webapp.core.ports import PersonalDataCipher
from webapp.core.survey_form import survey_form
from webapp.queries.extra_forms import active_form
from webapp.queries.odk_forms import Door, list_doors
from webapp.queries.surveys import RoundRow, get_round, list_rounds


@dataclass(frozen=True, slots=True)
class OdkForm:
    """A form on the list of a phone."""

    round_id: UUID
    form_id: str
    name: str
    version: str
    xform: bytes


def list_forms(session: Session, actor: Actor, say: Say) -> list[OdkForm]:
    """Give the forms of the rounds that take visits now. One statement, and one for each round."""
    return [_form(session, actor, found, say) for found in list_rounds(session, actor.ward_id) if found.is_open]


def find_form(session: Session, actor: Actor, round_id: UUID, say: Say) -> OdkForm:
    """Give the form of one round. Raises NotFound unless it takes visits."""
    found = get_round(session, actor.ward_id, round_id)
    if found is None or not found.is_open:
        raise NotFound
    return _form(session, actor, found, say)


def _form(session: Session, actor: Actor, found: RoundRow, say: Say) -> OdkForm:
    extra = active_form(session, actor.ward_id, found.round_id)
    form_id = form_id_of(found.round_id)
    key = (form_id, found.name, extra.version)
    if key not in _xforms:  # versions never change, so a form is converted once per process
        if len(_xforms) >= _KEPT_MAX:
            _xforms.clear()
        _xforms[key] = xform_bytes(xlsform_sheets(survey_form(form_id, found.name, extra), say))
    return OdkForm(found.round_id, form_id, found.name, extra.version, _xforms[key])


_KEPT_MAX: Final = 64
_xforms: dict[tuple[str, str, str], bytes] = {}


def household_csv(session: Session, actor: Actor, *, cipher: PersonalDataCipher) -> bytes:
    """Write the households of the person's own groups as Collect's choice file: `name,label`, no names of people."""
    scope = actor.group_scope(Permission.VISIT_SUBMIT)
    return _csv(list_doors(session, actor.ward_id, scope, cipher=cipher))


def _csv(doors: Sequence[Door]) -> bytes:
    several = len({door.group_name for door in doors}) > 1
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "label"])
    for door in doors:
        place = f"{door.number} · {door.address}"
        writer.writerow([door.household_id.hex, f"{door.group_name} · {place}" if several else place])
    return text.getvalue().encode()
