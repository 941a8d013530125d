"""The register of residents' requests about their personal data, with the days that the law gives."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.core.access import Permission
from webapp.core.personal_data import RequestKind, RequestStatus
from webapp.queries.personal_data import RequestRow, get_request, list_requests
from webapp.queries.places import list_groups
from webapp.services.erase_household import destroy_keys, erase_household
from webapp.services.subject_requests import (
    DecideRequest,
    answer_request,
    decide_request,
    extend_request,
    record_request,
)
from webapp.web.extensions import db
from webapp.web.registers.blueprint import bp
from webapp.web.registers.requests_forms import DecideForm, ExtendForm, RequestForm
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock

STATUS_BADGES = {
    RequestStatus.RECEIVED: "warn",
    RequestStatus.ANSWERED: "info",
    RequestStatus.DONE: "ok",
    RequestStatus.REFUSED: "neutral",
}


@bp.get("/requests")
@requires(Permission.PERSONAL_DATA_VIEW)
def requests() -> ResponseReturnValue:
    """List requests, what is due first on top."""
    page = max(1, request.args.get("page", 1, int))
    lines, more = list_requests(db.session, current_actor().ward_id, page=page)
    return render_template(
        "registers/requests.html",
        lines=lines,
        today=clock().today(),
        badges=STATUS_BADGES,
        prev_href=url_for(".requests", page=page - 1) if page > 1 else None,
        next_href=url_for(".requests", page=page + 1) if more else None,
        may_handle=current_actor().can(Permission.PERSONAL_DATA_HANDLE),
    )


@bp.route("/requests/new", methods=["GET", "POST"])
@requires(Permission.PERSONAL_DATA_HANDLE)
@commits
def request_new() -> ResponseReturnValue:
    """Enter a request."""
    form = RequestForm(received_on=clock().today())
    form.offer(list_groups(db.session, current_actor().ward_id))
    if form.validate_on_submit():
        with problems_on(form):
            made = record_request(db.session, form.command(), actor=current_actor(), cipher=cipher(), clock=clock())
            flash(_("Đã ghi vào sổ yêu cầu."), "ok")
            return redirect(url_for(".request_shown", request_id=made), 303)
    return render_template("registers/request_new.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/requests/<uuid:request_id>")
@requires(Permission.PERSONAL_DATA_VIEW)
def request_shown(request_id: UUID) -> ResponseReturnValue:
    """Show a request with what can be done next."""
    return _page(request_id)


@bp.post("/requests/<uuid:request_id>/answer")
@requires(Permission.PERSONAL_DATA_HANDLE)
@commits
def request_answer(request_id: UUID) -> ResponseReturnValue:
    """Note the first answer."""
    answer_request(db.session, request_id, actor=current_actor(), clock=clock())
    flash(_("Đã ghi là đã phản hồi người yêu cầu."), "ok")
    return redirect(url_for(".request_shown", request_id=request_id), 303)


@bp.post("/requests/<uuid:request_id>/extend")
@requires(Permission.PERSONAL_DATA_HANDLE)
@commits
def request_extend(request_id: UUID) -> ResponseReturnValue:
    """Prolong once."""
    form = ExtendForm()
    if form.validate_on_submit():
        with problems_on(form):
            extend_request(db.session, request_id, form.reason.data or "", actor=current_actor(), clock=clock())
            flash(_("Đã gia hạn. Hãy báo lý do cho người yêu cầu."), "ok")
            return redirect(url_for(".request_shown", request_id=request_id), 303)
    return _page(request_id, extend=form), 422


@bp.post("/requests/<uuid:request_id>/decide")
@requires(Permission.PERSONAL_DATA_HANDLE)
@commits
def request_decide(request_id: UUID) -> ResponseReturnValue:
    """Close a request."""
    form = DecideForm()
    status = RequestStatus.REFUSED if request.form.get("status") == RequestStatus.REFUSED else RequestStatus.DONE
    if form.validate_on_submit():
        with problems_on(form):
            command = DecideRequest(request_id=request_id, status=status, decision=form.decision.data or "")
            decide_request(db.session, command, actor=current_actor(), clock=clock())
            flash(_("Đã đóng yêu cầu."), "ok")
            return redirect(url_for(".request_shown", request_id=request_id), 303)
    return _page(request_id, decide=form), 422


@bp.route("/requests/<uuid:request_id>/erase", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_ERASE)
@commits
def request_erase(request_id: UUID) -> ResponseReturnValue:
    """Delete the household's name and address for good, after a page that says so and the password."""
    if step_up_needed():
        return ask_step_up(url_for(".request_erase", request_id=request_id))
    actor = current_actor()
    if request.method == "POST":
        erase_household(db.session, request_id, actor=actor, clock=clock())
        db.session.commit()  # only what is committed may lose its key
        destroy_keys(db.session, actor=actor, cipher=cipher())
        flash(_("Đã xóa vĩnh viễn họ tên và địa chỉ của hộ."), "ok")
        return redirect(url_for(".request_shown", request_id=request_id), 303)
    return render_template("registers/request_erase.html", found=_found(request_id))


def _found(request_id: UUID) -> RequestRow:
    return get_request(db.session, current_actor().ward_id, request_id, cipher=cipher())


def _page(request_id: UUID, *, extend: FlaskForm | None = None, decide: FlaskForm | None = None) -> str:
    found, actor = _found(request_id), current_actor()
    handles = actor.can(Permission.PERSONAL_DATA_HANDLE) and found.line.is_open
    erasable = found.line.kind is RequestKind.DELETE and found.household_id is not None and found.erased_at is None
    return render_template(
        "registers/request.html",
        found=found,
        line=found.line,
        late=found.line.is_late(clock().today()),
        badges=STATUS_BADGES,
        extend=extend or ExtendForm(formdata=None),
        decide=decide or DecideForm(formdata=None),
        wrong=extend or decide,
        handles=handles,
        may_erase=handles and erasable and actor.can(Permission.HOUSEHOLD_ERASE),
    )
