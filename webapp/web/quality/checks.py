"""The page of data quality, and the visits behind each of its numbers."""

from typing import TypeVar
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core import quality as rules
from webapp.core.access import Permission
from webapp.core.errors import NotFound
from webapp.core.jobs import JobKind
from webapp.core.quality import QualityBy, QualityCheck, QualityQuestion
from webapp.queries.jobs import JobRow, recent_jobs
from webapp.queries.quality import (
    PAGE,
    FindingFilter,
    account_names,
    count_findings,
    latest_run,
    list_findings,
    run_figures,
)
from webapp.queries.surveys import current_round, list_groups, list_rounds
from webapp.services.quality import order_check
from webapp.web.extensions import db
from webapp.web.quality.blueprint import bp
from webapp.web.quality.pages import find_round, page_links
from webapp.web.quality.tables import CHECKS, lines, of_ward
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock

E = TypeVar("E", QualityCheck, QualityQuestion)


@bp.get("/")
@requires(Permission.QUALITY_VIEW)
def index() -> ResponseReturnValue:
    """Lead to the round that is on."""
    now = current_round(list_rounds(db.session, current_actor().ward_id), clock().today())
    if now is None:
        return render_template("quality/empty.html")
    return redirect(url_for(".overview", round_id=now.round_id), 303)


@bp.get("/rounds/<uuid:round_id>")
@requires(Permission.QUALITY_VIEW)
def overview(round_id: UUID) -> ResponseReturnValue:
    """Show what the newest check of the round found, by group and by head."""
    actor = current_actor()
    found = find_round(round_id)
    run = latest_run(db.session, actor.ward_id, round_id)
    figures = run_figures(db.session, actor.ward_id, run.run_id) if run else []
    heads = account_names(db.session, {f.subject_id for f in figures if f.by is QualityBy.HEAD})
    groups = [(group.group_id, group.name) for group in list_groups(db.session, actor.ward_id)]
    order = {check: n for n, check in enumerate(CHECKS)}
    whole = of_ward(figures, round_id, wanted=lambda f: f.question is QualityQuestion.ALL)
    parts = of_ward(figures, round_id, wanted=lambda f: f.question is not QualityQuestion.ALL)
    return render_template(
        "quality/overview.html",
        round=found,
        rounds=list_rounds(db.session, actor.ward_id),
        run=run,
        job=_job(round_id),
        checks=CHECKS,
        whole=sorted(whole, key=lambda pair: order[pair[0].check]),
        parts=sorted(parts, key=lambda pair: (order[pair[0].check], -pair[0].share)),
        groups=lines(figures, QualityBy.GROUP, groups, round_id),
        heads=lines(figures, QualityBy.HEAD, sorted(heads.items(), key=lambda row: row[1]), round_id),
        rules=rules,
    )


def _job(round_id: UUID) -> JobRow | None:
    """Give the round's newest check when it has not come to a good end yet."""
    jobs = recent_jobs(db.session, current_actor().ward_id, JobKind.QUALITY)
    newest = next((job for job in jobs if job.payload.get("round_id") == str(round_id)), None)
    return newest if newest is not None and (newest.unfinished or newest.error) else None


@bp.post("/rounds/<uuid:round_id>/compute")
@requires(Permission.QUALITY_VIEW)
@commits
def compute(round_id: UUID) -> ResponseReturnValue:
    """Check the round anew."""
    order_check(db.session, round_id, actor=current_actor(), clock=clock())
    flash(_("Đang tính lại. Trang tự cập nhật khi xong."), "info")
    return redirect(url_for(".overview", round_id=round_id), 303)


@bp.get("/rounds/<uuid:round_id>/visits")
@requires(Permission.QUALITY_VIEW)
def findings(round_id: UUID) -> ResponseReturnValue:
    """List exactly the visits behind a number."""
    ward_id = current_actor().ward_id
    found = find_round(round_id)
    run = latest_run(db.session, ward_id, round_id)
    wanted = _wanted()
    if run is None:
        raise NotFound
    number = max(1, request.args.get("page", 1, int))
    total = count_findings(db.session, ward_id, run.run_id, wanted)
    rows = list_findings(db.session, ward_id, run.run_id, wanted, page=number)
    links = page_links(number, total, PAGE, ".findings", round_id=round_id)
    people = {wanted.made_by} if wanted.made_by else set()
    name = next(iter(account_names(db.session, people).values()), "")
    if wanted.group_id is not None:
        name = next((g.name for g in list_groups(db.session, ward_id, [wanted.group_id])), "")
    return render_template(
        "quality/findings.html",
        round=found, run=run, wanted=wanted, rows=rows, total=total, links=links, name=name, rules=rules,
    )  # fmt: skip


def _wanted() -> FindingFilter:
    question = request.args.get("question")
    return FindingFilter(
        check=_member(QualityCheck, request.args.get("check", "")),
        question=_member(QualityQuestion, question) if question else None,
        group_id=request.args.get("group", None, UUID),
        made_by=request.args.get("head", None, UUID),
    )


def _member(members: type[E], value: str) -> E:
    try:
        return members(value)
    except ValueError as error:
        raise NotFound from error
