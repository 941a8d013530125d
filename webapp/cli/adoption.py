"""`phs adoption`: figures of a day for scripts, and the facts behind them."""

import datetime as dt
import json
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from webapp.cli.edge import fail, load_program, told
from webapp.cli.wards import choose_ward
from webapp.core.adoption import IndicatorUnit
from webapp.models.database import unit_of_work
from webapp.queries.adoption import Figure, overview
from webapp.queries.group_adoption import GroupRow, figures_by_group, groups
from webapp.queries.indicators import registry
from webapp.services.facts_rebuild import compare_facts, rebuild_facts


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Ngày tính (mặc định: hôm nay).")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho chương trình khác đọc.")
@click.option("--ward", "ward_code", help="Mã phường (khi máy chủ có nhiều phường).")
@click.option("--group", "group_code", help="Chỉ một tổ dân phố (mã tổ).")
@click.option("--by-group", is_flag=True, help="Mỗi tổ dân phố một dòng.")
@click.option("--rebuild", is_flag=True, help="Tính lại toàn bộ số liệu tổng hợp từ phiếu.")
@click.option("--check", is_flag=True, help="So số liệu tổng hợp với phiếu; khác nhau thì kết thúc với mã 1.")
@told
def adoption(
    as_of: dt.datetime | None,
    *,
    as_json: bool,
    ward_code: str | None,
    group_code: str | None,
    by_group: bool,
    rebuild: bool,
    check: bool,
) -> None:
    """Mức độ phổ cập số theo từng chỉ tiêu, tại một ngày."""
    program = load_program()
    today = program.wiring.clock.today()
    day = as_of.date() if as_of else today
    with program.sessions() as session:
        ward = choose_ward(session, ward_code)
    with unit_of_work(program.sessions, ward.ward_id) as session:
        if rebuild:
            rebuild_facts(session, ward.ward_id)
            click.echo("Đã tính lại số liệu tổng hợp từ phiếu.")
        if check:
            _check(session, ward.ward_id)
        if rebuild or check:
            return
        lines = _lines(session, ward.ward_id, day, today, group_code=group_code, by_group=by_group)
    click.echo(json.dumps(lines, ensure_ascii=False, indent=2) if as_json else _table(lines))


def _check(session: Session, ward_id: UUID) -> None:
    differences, stale = compare_facts(session, ward_id)
    for difference in differences[:20]:
        kind, key, code, group_id = difference.key
        click.echo(f"{kind} {key} {code} {group_id}: {difference.stored} ≠ {difference.counted}", err=True)
    if differences or stale:
        fail(f"{len(differences)} dòng tổng hợp và {stale} phiếu khác với kết quả tính lại; chạy --rebuild để sửa")
    click.echo("Số liệu tổng hợp khớp với phiếu.")


def _lines(
    session: Session, ward_id: UUID, day: dt.date, today: dt.date, *, group_code: str | None, by_group: bool
) -> list[dict[str, Any]]:
    if by_group:
        indicators = registry(session, ward_id)
        return [
            _line(f, row.known_households, day, row.group)
            for row in figures_by_group(session, ward_id, indicators, day=day, today=today)
            if group_code in {None, row.group.code}
            for f in row.figures
        ]
    group = None
    if group_code is not None:
        group = next((g for g in groups(session, ward_id) if g.code == group_code), None)
        if group is None:
            fail(f"không có tổ mã {group_code}")
    found = overview(session, ward_id, day=day, today=today, group_id=group.id if group else None)
    return [_line(f, found.known_households, day, group) for f in found.figures]


def _line(figure: Figure, known_households: int, day: dt.date, group: GroupRow | None) -> dict[str, Any]:
    indicator, measure, target = figure.indicator, figure.measure, figure.target
    return {
        "code": indicator.code,
        "name_vi": indicator.name_vi,
        "name_en": indicator.name_en,
        "group": {"code": group.code, "name": group.name} if group else None,
        "as_of": day.isoformat(),
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "rate": measure.rate,
        "asked": measure.asked,
        "known_households": known_households,
        "coverage": figure.coverage,
        "adult_age": indicator.adult_age,
        "source": indicator.source.value,
        "unit": indicator.unit.value,
        "plan_section": indicator.plan_section,
        "target": {
            "year": target.year,
            "operator": target.operator.value,
            "value": target.value,
            "met": target.met_by(measure.rate),
            "gap": figure.gap,
        }
        if target
        else None,
        "status": figure.status.value,
    }


def _table(lines: list[dict[str, Any]]) -> str:
    rows = [("Chỉ tiêu", "Kết quả", "n/N", "Đã hỏi")]
    for line in lines:
        name = f"{line['group']['name']}: {line['name_vi']}" if line["group"] else line["name_vi"]
        counts = f"{line['numerator']}/{line['denominator']}" if line["denominator"] else "–"
        rows.append((name, _value(line), counts, _percent(line["coverage"])))
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(row[n].rjust(widths[n]) for n in (1, 2, 3))]) for row in rows
    )


def _value(line: dict[str, Any]) -> str:
    if line["unit"] == IndicatorUnit.PER_RESIDENT and line["rate"] is not None:
        return f"{line['rate']:.2f}".replace(".", ",")
    return _percent(line["rate"])


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %".replace(".", ",")
