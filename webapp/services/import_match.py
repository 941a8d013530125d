"""Finding the household that each row of a workbook is about: by name and address, then by number and name."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.errors import N_
from webapp.core.ids import new_id
from webapp.core.import_rows import HouseholdLine
from webapp.core.ports import PersonalDataCipher
from webapp.core.survey_questions import Question, soft_questions
from webapp.core.surveys import Answers
from webapp.core.text import fold
from webapp.queries.households import name_households
from webapp.queries.imports import KnownHousehold, known_households, visited_households
from webapp.queries.previous_answers import previous_answers_of
from webapp.services.household_rows import identity_token

TWICE: Final = N_(
    "hộ này đã có ở dòng %(row)s của trang “%(sheet)s” (cùng họ tên, địa chỉ); xóa một dòng hoặc ghi rõ địa chỉ"
)
NUMBER_TWICE: Final = N_("số hộ này đã dùng ở dòng %(row)s của trang “%(sheet)s” cho hộ khác cùng tổ")
NUMBER_TAKEN: Final = N_("số này đang là của hộ khác trong tổ; sửa lại số, hoặc bỏ qua cột số thứ tự ở bước ghép cột")
VISITED: Final = N_("hộ này đã có phiếu trong đợt; xóa dòng này, hoặc chọn “Bỏ qua các hộ đã có phiếu”")
VACATED: Final = N_("hộ này đã được đưa ra khỏi danh sách của tổ")
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyLine:
    """A row with the household it is about; `number` is set for a new one."""

    line: HouseholdLine
    household_id: UUID
    number: int | None
    questions: tuple[Question, ...] = ()

    @property
    def is_new(self) -> bool:
        """Tell whether the household must be registered."""
        return self.number is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a row cannot be matched. `key`: "number", "visited" or "household"."""

    key: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


class Matcher:
    """Knows the households of the groups at hand, and the rows matched so far."""

    def __init__(
        self,
        session: Session,
        round_id: UUID,
        group_ids: Collection[UUID],
        *,
        actor: Actor,
        cipher: PersonalDataCipher,
    ) -> None:
        """Read what is known: three statements at most, and a few for names behind numbers."""
        self._session, self._cipher, self._ward_id, self._round_id = session, cipher, actor.ward_id, round_id
        known = known_households(session, actor.ward_id, group_ids)
        self._by_number = {(item.group_id, item.number): item for item in known}
        ordered = sorted(known, key=lambda item: item.is_active)
        self._by_identity = {(item.group_id, item.identity_token): item for item in ordered}
        self._visited = visited_households(session, actor.ward_id, round_id, group_ids)
        self._used: dict[UUID | tuple[UUID, bytes], HouseholdLine] = {}
        self._numbers: dict[tuple[UUID, int], HouseholdLine] = {}
        self._last = Counter[UUID]()
        for item in known:
            self._last[item.group_id] = max(self._last[item.group_id], item.number)

    def match(self, lines: list[HouseholdLine]) -> Iterator[tuple[HouseholdLine, ReadyLine | Trouble]]:
        """Give each row with its household, or with what is wrong."""
        names = self._names_behind_numbers(lines)
        for line in lines:
            if line.number is not None:
                self._last[line.group_id] = max(self._last[line.group_id], line.number)
        found = [(line, self._one(line, names)) for line in lines]
        ready = [item for _line, item in found if isinstance(item, ReadyLine)]
        known = [item.household_id for item in ready if not item.is_new]
        before = previous_answers_of(self._session, self._ward_id, known, round_id=self._round_id)
        for line, item in found:
            yield line, _asked(item, before) if isinstance(item, ReadyLine) else item

    def _one(self, line: HouseholdLine, names: Mapping[UUID, str]) -> ReadyLine | Trouble:
        token = identity_token(self._cipher, self._ward_id, line.head_name, line.address)
        found = self._by_identity.get((line.group_id, token))
        if found is None and line.number is not None:
            found = self._by_number.get((line.group_id, line.number))
            if found is not None and names.get(found.household_id) != fold(line.head_name):
                return Trouble(key="number", message=NUMBER_TAKEN)
        trouble = self._used_before(line, found, token)
        if trouble is not None:
            return trouble
        if found is None:
            return self._new(line)
        if not found.is_active:
            return Trouble(key="household", message=VACATED)
        if found.household_id in self._visited:
            return Trouble(key="visited", message=VISITED)
        return ReadyLine(line=line, household_id=found.household_id, number=None)

    def _used_before(self, line: HouseholdLine, found: KnownHousehold | None, token: bytes) -> Trouble | None:
        earlier = self._used.setdefault(found.household_id if found else (line.group_id, token), line)
        if earlier is not line:
            return Trouble(key="household", message=TWICE, params={"row": earlier.row, "sheet": earlier.sheet})
        if found is None and line.number is not None:
            earlier = self._numbers.setdefault((line.group_id, line.number), line)
            if earlier is not line:
                return Trouble(key="number", message=NUMBER_TWICE, params={"row": earlier.row, "sheet": earlier.sheet})
        return None

    def _new(self, line: HouseholdLine) -> ReadyLine:
        number = line.number
        if number is None:
            self._last[line.group_id] += 1
            number = self._last[line.group_id]
        return ReadyLine(line=line, household_id=new_id(), number=number)

    def _names_behind_numbers(self, lines: list[HouseholdLine]) -> dict[UUID, str]:
        """Decrypt the names of households whose number a row uses while its name or address is another."""
        wanted = {
            item.household_id
            for line in lines
            if line.number is not None and (item := self._by_number.get((line.group_id, line.number)))
        }
        ids = list(wanted)
        names: dict[UUID, str] = {}
        for start in range(0, len(ids), _CHUNK):
            rows = name_households(self._session, self._ward_id, ids[start : start + _CHUNK], cipher=self._cipher)
            names.update({household_id: fold(row.head_name) for household_id, row in rows.items()})
        return names


def _asked(item: ReadyLine, before: Mapping[UUID, Answers]) -> ReadyLine:
    """Ask what is unlikely, also against what the household answered in another round."""
    asked = soft_questions(item.line.answers, before.get(item.household_id))
    return replace(item, questions=tuple(asked)) if asked else item
