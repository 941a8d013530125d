"""`phs import-households`: a workbook of households and visits from the command line, all or nothing."""

import datetime as dt
import hashlib
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast
from uuid import UUID

import click
from sqlalchemy.orm import Session

from webapp.analytics.import_reports import problem_line
from webapp.cli.edge import Program, fail, load_program, told
from webapp.core.access import Actor, Permission, require
from webapp.core.errors import NotFound, RoundShut
from webapp.core.import_columns import BY_KEY
from webapp.core.import_headings import guess_heading, heading_key
from webapp.core.import_layout import Sheet
from webapp.core.ports import FileStore
from webapp.models.database import bind_ward, unit_of_work
from webapp.queries.imports import find_actor, importers
from webapp.queries.surveys import RoundRow, current_round, list_rounds
from webapp.services.import_check import ImportCheck, check_import, summary
from webapp.services.import_mapping import default_day, suggest_columns
from webapp.services.import_store import NotReady, store_import
from webapp.services.imports import (
    DecideColumns,
    ReceiveWorkbook,
    decide_columns,
    group_index,
    load_batch,
    load_sheets,
    open_round,
    receive_workbook,
)
from webapp.services.refusals import record_refusal

IGNORE = "-"


@click.command("import-households")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as", "username", default="", help="Tài khoản đứng tên nhập; bỏ trống khi phường chỉ có một người được nhập."
)
@click.option("--ward", "ward_code", default="", help="Mã phường, khi tài khoản làm việc ở nhiều phường.")
@click.option("--round", "round_name", default="", help="Tên đợt khảo sát; bỏ trống: đợt đang mở.")
@click.option("--sheet", default="", help="Tên trang tính; “*”: mọi trang; bỏ trống: tự nhận.")
@click.option("--group", "group_code", default="", help="Mã hoặc tên tổ cho các dòng không ghi tổ.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Ngày khảo sát cho các dòng không ghi ngày.")
@click.option("--map", "maps", multiple=True, metavar='"TIÊU ĐỀ=CỘT"', help="Ghép cột bằng tay; CỘT là “-”: bỏ qua.")
@click.option("--blank-is-no", multiple=True, metavar="CỘT", help="Cột đánh dấu x: ô trống nghĩa là “không”.")
@click.option("--blank-is-unknown", multiple=True, metavar="CỘT", help="… ô trống nghĩa là “không biết”.")
@click.option("--skip-visited", is_flag=True, help="Bỏ qua các hộ đã có phiếu trong đợt.")
@click.option("--accept-difference", is_flag=True, help="Vẫn nhập khi dòng tổng cộng của tệp không khớp.")
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không lưu.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@told
def import_households(file: Path, username: str, ward_code: str, **options: Any) -> None:  # noqa: ANN401 - see above
    """Nhập hộ và phiếu từ tệp Excel (.xlsx) hoặc CSV (UTF-8): lưu tất cả hoặc không lưu gì."""
    program = load_program()
    with unit_of_work(program.sessions) as session:
        actor = find_actor(session, username or _only_importer(session, ward_code), ward_code)
        if actor is None:
            fail("không tìm thấy tài khoản này trong phường (tài khoản ở nhiều phường thì thêm --ward)")
        bind_ward(session, actor.ward_id)
        require(actor, Permission.HOUSEHOLD_IMPORT)
        files = _Aside() if options["dry_run"] else program.wiring.files
        run = _Run(session, program, actor, files, options)
        try:
            result = run.go(file)
        except NotReady as refused:
            _refuse(refused.check, as_json=options["as_json"])
        except RoundShut as shut:
            session.rollback()  # nothing is kept but the trace of the refusal
            record_refusal(session, shut, path="import-households", actor=actor, clock=program.wiring.clock)
            session.commit()
            raise
        if options["dry_run"]:
            session.rollback()
    _tell(result, as_json=options["as_json"])


def _only_importer(session: Session, ward_code: str) -> str:
    """Give the one person who may import. With several, the audit log must say who it was: `--as` is asked for."""
    names = importers(session, ward_code)
    if len(names) != 1:
        fail("hãy thêm --as TÀI_KHOẢN: " + (", ".join(names) or "chưa có tài khoản nào được nhập dữ liệu"), 2)
    return names[0]


class _Aside:
    """Keeps the file of a dry run in memory, so that nothing of it stays behind."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        self._kept[name] = content
        return name

    def get(self, sha256: str) -> bytes:
        if sha256 not in self._kept:
            raise NotFound
        return self._kept[sha256]

    def open(self, sha256: str) -> BinaryIO:
        return io.BytesIO(self.get(sha256))

    def exists(self, sha256: str) -> bool:
        return sha256 in self._kept

    def delete(self, sha256: str) -> None:
        self._kept.pop(sha256, None)

    def sweep(self, kept: Collection[str], *, before: dt.datetime) -> int:  # noqa: ARG002 - port
        return 0


@dataclass(frozen=True, slots=True)
class _Run:
    """One import: what it works with, and the options given."""

    session: Session
    program: Program
    actor: Actor
    files: FileStore
    options: Mapping[str, Any]

    def go(self, file: Path) -> dict[str, Any]:
        limit = self.program.settings.max_upload_mb
        if file.stat().st_size > limit * 1024 * 1024:
            fail(f"tệp lớn hơn {limit} MB")
        ports, survey_round = self.program.wiring, self._round()
        order = ReceiveWorkbook(content=file.read_bytes(), filename=file.name, round_id=survey_round.round_id)
        batch_id = receive_workbook(
            self.session, order, actor=self.actor, clock=ports.clock, files=self.files, cipher=ports.cipher
        )
        sheets = self._sheets(batch_id)
        command = self._decide(batch_id, survey_round, sheets)
        decide_columns(self.session, command, actor=self.actor, sheets=sheets)
        if self.options["dry_run"]:
            return self._check(batch_id, survey_round)
        return store_import(
            self.session,
            batch_id,
            actor=self.actor,
            clock=ports.clock,
            files=self.files,
            cipher=ports.cipher,
            max_rows=self.program.settings.import_max_rows,
        )

    def _round(self) -> RoundRow:
        rounds, name = list_rounds(self.session, self.actor.ward_id), self.options["round_name"]
        named = next((found for found in rounds if found.name == name), None)
        chosen = named if name else current_round(rounds, self.program.wiring.clock.today())
        if chosen is None:
            fail("không có đợt khảo sát tên này" if name else "phường chưa có đợt khảo sát nào")
        return open_round(self.session, self.actor, chosen.round_id)

    def _sheets(self, batch_id: UUID) -> list[Sheet]:
        batch = load_batch(self.session, batch_id, actor=self.actor)
        return load_sheets(batch, files=self.files, cipher=self.program.wiring.cipher)

    def _decide(self, batch_id: UUID, survey_round: RoundRow, sheets: list[Sheet]) -> DecideColumns:
        """Make the decisions of the mapping screen from guesses and options."""
        options = self.options
        offered = suggest_columns(self.session, sheets, actor=self.actor, sheet=options["sheet"])
        if offered.layout is None:
            fail("không tìm thấy dòng tiêu đề cột; thử trang khác bằng --sheet")
        day = options["day"]
        return DecideColumns(
            batch_id=batch_id,
            sheet=offered.sheet,
            header=offered.layout.header,
            height=offered.layout.height,
            columns={choice.key: choice.column for choice in offered.headings} | _mapped(options["maps"]),
            visited_on=day.date() if day else default_day(survey_round, self.program.wiring.clock.today()),
            group_id=self._group() or offered.group_by_sheet,
            blank_is_no=frozenset(_column_key(name) for name in options["blank_is_no"]),
            blank_is_unknown=frozenset(_column_key(name) for name in options["blank_is_unknown"]),
            skip_visited=options["skip_visited"],
            accept_difference=options["accept_difference"],
        )

    def _group(self) -> UUID | None:
        if not self.options["group_code"]:
            return None
        found = group_index(self.session, self.actor).find(self.options["group_code"])
        if found is None:
            fail("không có tổ này trong danh sách tổ của phường (--group)")
        return found

    def _check(self, batch_id: UUID, survey_round: RoundRow) -> dict[str, Any]:
        ports = self.program.wiring
        check = check_import(
            self.session,
            load_batch(self.session, batch_id, actor=self.actor),
            self._sheets(batch_id),
            survey_round=survey_round,
            actor=self.actor,
            cipher=ports.cipher,
            clock=ports.clock,
            max_rows=self.program.settings.import_max_rows,
        )
        if not check.may_store:
            raise NotReady(check)
        return {"dry_run": True, **summary(check)}


def _mapped(maps: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for item in maps:
        heading, sign, name = item.rpartition("=")
        if not sign or not heading.strip():
            fail(f"--map cần dạng “TIÊU ĐỀ=CỘT”: {item}", 2)
        found[heading_key(heading)] = "" if name.strip() == IGNORE else _column_key(name.strip())
    return found


def _column_key(name: str) -> str:
    """Take a column by its key (`residents`) or by any name that is understood as a heading."""
    key = name if name in BY_KEY else guess_heading(name).key
    if not key:
        fail(f"không có cột “{name}”; các cột: {', '.join(BY_KEY)}", 2)
    return key


def _say(message: str, params: Mapping[str, object]) -> str:
    return message % params if params else message


def _refuse(check: ImportCheck, *, as_json: bool) -> NoReturn:
    lines = [problem_line(problem, _say) for problem in check.problems]
    lines += [
        f"dòng {total.row}: dòng tổng cộng ghi {total.stated} ở cột “{BY_KEY[total.key].label}”, "
        f"cộng các dòng được {total.counted} (thêm --accept-difference nếu vẫn nhập)"
        for total in check.differences
        if not check.accept_difference
    ]
    if not check.rows:
        lines.append("tệp không có dòng hộ nào dưới dòng tiêu đề")
    elif not check.ready and not lines:
        lines.append("mọi hộ trong tệp đã có phiếu trong đợt này")
    if as_json:
        errors = [
            {
                "sheet": item.sheet,
                "row": item.row,
                "column": item.column,
                "heading": item.heading,
                "message": _say(item.message, item.params),
            }
            for item in check.problems
        ]
        click.echo(
            json.dumps({"stored": 0, "rows": check.rows, "errors": errors, "messages": lines}, ensure_ascii=False)
        )
    else:
        for line in lines:
            click.echo(line, err=True)
    fail(f"{len(lines)} lỗi trong tệp; chưa lưu gì")


def _tell(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
        return
    done = "Kiểm tra xong, chưa lưu gì (--dry-run)" if result.get("dry_run") else "Đã nhập"
    click.echo(f"{done}: {result['to_store']} phiếu trong {result['rows']} dòng của tệp")
    click.echo(f"  hộ mới {result['new_households']}, hộ đã có {result['matched_households']}")
    click.echo(f"  bỏ qua vì đã có phiếu {result['already_visited']}; dòng không phải hộ {result['not_households']}")
    for line in cast("list[dict[str, Any]]", result["sums"]):
        stated = "" if line["stated"] is None else f", dòng tổng cộng ghi {line['stated']}"
        stored = line.get("stored", line["to_store"])
        click.echo(f"  {BY_KEY[line['column']].label}: tệp {line['file']}, lưu {stored}{stated}")
