"""Importing a workbook, step by step: receive it, decide what its columns mean, check it, store it as a whole."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.analytics.workbooks import read_workbook
from webapp.core.access import Actor, Permission, require
from webapp.core.errors import N_, InvalidInput, NotFound, Problem, WrongState
from webapp.core.ids import new_id
from webapp.core.import_columns import BY_KEY, REQUIRED
from webapp.core.import_headings import heading_keys
from webapp.core.import_layout import Layout, Sheet, find_layout, layout_at
from webapp.core.import_rows import GroupIndex, ImportPlan
from webapp.core.import_sheet import only_marks, places_of
from webapp.core.ports import Clock, FileStore, PersonalDataCipher
from webapp.core.rounds import check_accepts
from webapp.core.text import clean
from webapp.models.households import ImportBatch
from webapp.queries.imports import BatchRow, get_batch, group_names
from webapp.queries.surveys import RoundRow, get_round

ALL_SHEETS = "*"
NO_TABLE = N_(
    "Không tìm thấy dòng tiêu đề cột (như “Họ tên chủ hộ”, “Số nhân khẩu”). Hãy chọn trang hoặc dòng tiêu đề khác."
)
BLANK_UNSETTLED = N_(
    "Cột “%(heading)s” chỉ có dấu x. Hãy chọn ô trống trong cột này nghĩa là “không” hay “không biết”."
)
STORED_ALREADY = N_("Tệp này đã được nhập xong.")
FILE_GONE = N_("Tệp này tải lên đã quá 30 ngày nên đã được xóa. Hãy tải lên lại.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveWorkbook:
    """Order to take an upload for a round."""

    content: bytes
    filename: str
    round_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideColumns:
    """What the person decided. `columns`: heading key → column key, "" for a heading that is not taken.

    `sheet` is a sheet's name, or ALL_SHEETS for every visible sheet; `header` and `height` are its header rows, from 0.
    """

    batch_id: UUID
    sheet: str
    header: int
    height: int
    columns: Mapping[str, str]
    visited_on: dt.date
    group_id: UUID | None = None
    blank_is_no: frozenset[str] = frozenset()
    blank_is_unknown: frozenset[str] = frozenset()
    skip_visited: bool = False
    accept_difference: bool = False


def receive_workbook(
    session: Session,
    command: ReceiveWorkbook,
    *,
    actor: Actor,
    clock: Clock,
    files: FileStore,
    cipher: PersonalDataCipher,
) -> UUID:
    """Look at an upload and keep it, encrypted, until it is stored. Raises InvalidInput, NotFound, WrongState."""
    require(actor, Permission.HOUSEHOLD_IMPORT)
    open_round(session, actor, command.round_id)
    sheets = read_workbook(command.content)
    batch = ImportBatch(
        ward_id=actor.ward_id,
        id=new_id(),
        round_id=command.round_id,
        file_sha256=files.put(cipher.seal(command.content)),
        filename=clean(command.filename.replace("\x00", ""))[-200:],
        row_count=max(len(sheet.rows) for sheet in sheets),
        mapping={},
        result={"content_sha256": hashlib.sha256(command.content).hexdigest()},
        created_at=clock.now(),
        created_by=actor.account_id,
    )
    session.add(batch)
    session.flush()
    return batch.id


def open_round(session: Session, actor: Actor, round_id: UUID | None) -> RoundRow:
    """Give the round that will take the visits. Raises NotFound, and WrongState when it is not open."""
    found = get_round(session, actor.ward_id, round_id) if round_id else None
    if found is None:
        raise NotFound
    check_accepts(found.status, None)
    return found


def load_batch(session: Session, batch_id: UUID, *, actor: Actor) -> BatchRow:
    """Give a batch that is still on its way. Raises NotFound, and WrongState when it was stored."""
    require(actor, Permission.HOUSEHOLD_IMPORT)
    batch = get_batch(session, actor.ward_id, batch_id)
    if batch is None:
        raise NotFound
    if batch.stored_at is not None:
        raise WrongState(STORED_ALREADY)
    return batch


def load_sheets(batch: BatchRow, *, files: FileStore, cipher: PersonalDataCipher) -> list[Sheet]:
    """Read the kept workbook again. Raises WrongState when it was deleted after its time (services.retention)."""
    if not batch.file_sha256:
        raise WrongState(FILE_GONE)
    return read_workbook(cipher.unseal(files.get(batch.file_sha256)))


def decide_columns(session: Session, command: DecideColumns, *, actor: Actor, sheets: list[Sheet]) -> None:
    """Keep the mapping. Raises InvalidInput when a column is taken twice or a needed one is missing.

    `sheets` are the batch's own, as load_sheets gave them.
    """
    batch = load_batch(session, command.batch_id, actor=actor)
    layout = main_layout(sheets, command)
    keys = heading_keys(layout.headings)
    taken = {key: command.columns[key] for key in keys if key and command.columns.get(key) in BY_KEY}
    problems = column_problems(taken)
    sheet = chosen_sheets(sheets, command.sheet)[0]
    settled = command.blank_is_no | command.blank_is_unknown
    problems += [
        Problem(f"blank_{place.column.key}", BLANK_UNSETTLED, {"heading": place.heading})
        for place in places_of(layout, taken)
        if place.column.key not in settled and needs_blank(place.column.key, taken.values())
        if only_marks(sheet, layout, place.index)
    ]
    if command.group_id is not None and command.group_id not in group_names(session, actor.ward_id):
        problems.append(Problem("group_id", N_("Chọn một tổ trong danh sách.")))
    if problems:
        raise InvalidInput(problems)
    mapping = {
        "headings": [key for key in keys if key],
        "columns": taken,
        "sheet": command.sheet,
        "header": command.header,
        "height": command.height,
        "visited_on": command.visited_on.isoformat(),
        "group_id": str(command.group_id) if command.group_id else "",
        "blank_is_no": sorted(command.blank_is_no),
        "skip_visited": command.skip_visited,
        "accept_difference": command.accept_difference,
    }
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.ward_id == actor.ward_id, ImportBatch.id == batch.batch_id)
        .values(mapping=mapping, sheet=command.sheet[:100], header_row=command.header + 1)
    )


def column_problems(taken: Mapping[str, str]) -> list[Problem]:
    """Give what is wrong with a mapping of heading keys to column keys."""
    chosen = list(taken.values())
    problems = [
        Problem(
            "columns", N_("Cột “%(column)s” được chọn cho hai cột của tệp. Bỏ bớt một cột."), {"column": column.label}
        )
        for key, column in BY_KEY.items()
        if chosen.count(key) > 1
    ]
    problems += [
        Problem("columns", N_("Chưa chọn cột nào của tệp là “%(column)s”."), {"column": BY_KEY[key].label})
        for key in REQUIRED
        if key not in chosen
    ]
    return problems


def needs_blank(key: str, taken: Collection[str]) -> bool:
    """Tell whether what an empty cell of a tick column means must be said: a “Không” column beside it would say it."""
    return BY_KEY[key].kind == "yes_no" and not key.endswith("_no") and f"{key}_no" not in taken


def chosen_sheets(sheets: list[Sheet], wanted: str) -> list[Sheet]:
    """Give the sheet of a name, or all visible ones. Raises NotFound."""
    found = [sheet for sheet in sheets if sheet.name == wanted or (wanted == ALL_SHEETS and not sheet.hidden)]
    if not found:
        raise NotFound
    return found


def main_layout(sheets: list[Sheet], command: DecideColumns) -> Layout:
    """Give the table of the first chosen sheet with the header rows that were decided. Raises InvalidInput."""
    sheet = chosen_sheets(sheets, command.sheet)[0]
    if not (0 <= command.header < len(sheet.rows) and 1 <= command.height <= 3):
        raise InvalidInput(Problem("header", NO_TABLE))
    return layout_at(sheet, command.header, command.height)


def best_sheet(sheets: list[Sheet], groups: GroupIndex) -> str:
    """Guess what to import: all sheets when several are named after groups, else the longest table."""
    visible = [sheet for sheet in sheets if not sheet.hidden] or sheets
    if len(visible) > 1 and all(groups.find(sheet.name) and find_layout(sheet) for sheet in visible):
        return ALL_SHEETS
    return max(visible, key=lambda sheet: len(sheet.rows) if find_layout(sheet) else 0).name


def plan_of(batch: BatchRow) -> ImportPlan:
    """Read the decided mapping back. Raises WrongState when nothing was decided yet."""
    kept = batch.mapping
    if not kept:
        raise WrongState(N_("Hãy ghép cột trước khi kiểm tra."))
    return ImportPlan(
        columns=kept["columns"],
        visited_on=dt.date.fromisoformat(kept["visited_on"]),
        group_id=UUID(kept["group_id"]) if kept["group_id"] else None,
        blank_is_no=frozenset(kept["blank_is_no"]),
        skip_visited=kept["skip_visited"],
        accept_difference=kept["accept_difference"],
    )


def group_index(session: Session, actor: Actor) -> GroupIndex:
    """Give the ward's groups by every form of their names."""
    return GroupIndex(group_names(session, actor.ward_id))


def choose(
    session: Session, batch_id: UUID, *, actor: Actor, skip_visited: bool | None = None, accept: bool | None = None
) -> None:
    """Change what the check page asks about: households visited already, and a total row that does not agree."""
    answers = {"skip_visited": skip_visited, "accept_difference": accept}
    given = {key: value for key, value in answers.items() if value is not None}
    mapping = load_batch(session, batch_id, actor=actor).mapping | given
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.ward_id == actor.ward_id, ImportBatch.id == batch_id)
        .values(mapping=mapping)
    )
