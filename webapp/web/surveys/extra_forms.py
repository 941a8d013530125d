"""Staff page of the forms: the round's form as XLSForm, extra questions in versions, and what ODK needs."""

from contextlib import closing
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from webapp.core.access import Permission
from webapp.core.errors import N_, InvalidInput, NotFound, Problem
from webapp.core.import_rows import RowProblem
from webapp.core.surveys import RoundStatus
from webapp.queries.extra_forms import ExtraFormVersion, list_versions
from webapp.queries.odk_issues import count_issues
from webapp.queries.surveys import current_round, list_rounds
from webapp.services.extra_forms import draft_form, retire_form, use_form
from webapp.services.extra_sheets import questions_sheet, read_questions, round_sheet
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock
from webapp.web.surveys.blueprint import bp
from webapp.web.surveys.desk import find_round
from webapp.web.surveys.extra_part import ExtraPart
from webapp.web.surveys.visit_fields import Fields

FILE_MAX = 2 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class QuestionsForm(PageForm):
    """A workbook with extra questions."""

    file = FileField(_l("Tệp câu hỏi thêm (.xlsx)"), [FileRequired(_l("Hãy chọn một tệp."))])


@bp.get("/forms")
@requires(Permission.ROUND_MANAGE)
def form_list() -> ResponseReturnValue:
    """Show the rounds whose form can still change, what waits from ODK, and how a phone is connected."""
    actor = current_actor()
    rounds = list_rounds(db.session, actor.ward_id)
    return render_template(
        "surveys/forms.html",
        rounds=[found for found in rounds if found.status in {RoundStatus.PLANNED, RoundStatus.OPEN}],
        now=current_round([found for found in rounds if found.is_open], clock().today()),
        waiting=count_issues(db.session, actor.ward_id, actor.group_scope(Permission.VISIT_REVIEW)),
    )


@bp.route("/rounds/<uuid:round_id>/form", methods=["GET", "POST"])
@requires(Permission.ROUND_MANAGE)
@commits
def round_form(round_id: UUID) -> ResponseReturnValue:
    """Show the round's extra questions in all versions; take a workbook as the next one."""
    form, problems = QuestionsForm(), []
    if form.validate_on_submit():
        with problems_on(form), closing(form.file.data) as uploaded:
            found = read_questions(_content(uploaded.read(FILE_MAX + 1)))
            problems = found.problems
            if not problems:
                made = draft_form(db.session, round_id, found.questions, actor=current_actor(), clock=clock())
                flash(
                    _("Đã đọc %(count)s câu hỏi. Xem thử rồi bấm “Dùng cho đợt này”.", count=len(found.questions)), "ok"
                )
                return redirect(url_for(".extra_form", form_id=made, round_id=round_id), 303)
    return _round_page(round_id, form, problems)


def _content(content: bytes) -> bytes:
    if len(content) > FILE_MAX:
        raise InvalidInput(Problem("file", N_("Tệp lớn quá %(size)s MB."), {"size": FILE_MAX // 1024 // 1024}))
    return content


def _round_page(round_id: UUID, form: QuestionsForm, problems: list[RowProblem]) -> ResponseReturnValue:
    found = find_round(round_id)
    page = render_template(
        "surveys/round_form.html",
        round=found,
        form=form,
        problems=problems,
        versions=list_versions(db.session, current_actor().ward_id, round_id),
        may_change=found.status in {RoundStatus.PLANNED, RoundStatus.OPEN},
        max_bytes=FILE_MAX,
        has_errors=bool(problems),
    )
    return page, 422 if problems or form.errors or form.form_errors else 200


@bp.get("/rounds/<uuid:round_id>/form/<uuid:form_id>")
@requires(Permission.ROUND_MANAGE)
def extra_form(round_id: UUID, form_id: UUID) -> ResponseReturnValue:
    """Show a version as the head will see it."""
    return _version_page(_find(round_id, form_id))


def _find(round_id: UUID, form_id: UUID) -> ExtraFormVersion:
    find_round(round_id)
    versions = list_versions(db.session, current_actor().ward_id, round_id)
    found = next((version for version in versions if version.form_id == form_id), None)
    if found is None:
        raise NotFound
    return found


def _version_page(version: ExtraFormVersion, error: InvalidInput | None = None) -> ResponseReturnValue:
    round_id = version.round_id
    page = render_template(
        "surveys/extra_form.html",
        version=version,
        round=find_round(round_id),
        asked=ExtraPart(version.form, Fields()).all_asked,
        problems=error.problems if error else [],
        has_errors=error is not None,
    )
    return page, 422 if error else 200


@bp.post("/rounds/<uuid:round_id>/form/<uuid:form_id>/use")
@requires(Permission.ROUND_MANAGE)
@commits
def use_extra_form(round_id: UUID, form_id: UUID) -> ResponseReturnValue:
    """Ask these questions from now on, unless visits of the round would not fit any more."""
    try:
        use_form(db.session, form_id, actor=current_actor(), clock=clock())
    except InvalidInput as error:
        db.session.rollback()
        return _version_page(_find(round_id, form_id), error)
    flash(_("Từ nay phiếu của đợt này có các câu hỏi thêm."), "ok")
    return redirect(url_for(".round_form", round_id=round_id), 303)


@bp.post("/rounds/<uuid:round_id>/form/<uuid:form_id>/retire")
@requires(Permission.ROUND_MANAGE)
@commits
def retire_extra_form(round_id: UUID, form_id: UUID) -> ResponseReturnValue:
    """Ask these questions no more, or throw a draft away."""
    retire_form(db.session, form_id, actor=current_actor(), clock=clock())
    flash(_("Đã thôi hỏi. Câu trả lời đã nộp vẫn còn."), "ok")
    return redirect(url_for(".round_form", round_id=round_id), 303)


@bp.get("/rounds/<uuid:round_id>/form.xlsx")
@requires(Permission.ROUND_MANAGE)
def round_form_sheet(round_id: UUID) -> ResponseReturnValue:
    """Give the whole form as an XLSForm."""
    found = find_round(round_id)
    return _xlsx(round_sheet(db.session, current_actor(), found, say_in), f"phieu-{round_id.hex[:8]}")


@bp.get("/rounds/<uuid:round_id>/questions.xlsx")
@requires(Permission.ROUND_MANAGE)
def questions_template(round_id: UUID) -> ResponseReturnValue:
    """Give the extra questions in use, or examples, as a workbook to write in."""
    found = find_round(round_id)
    return _xlsx(questions_sheet(db.session, current_actor(), found, say_in), f"cau-hoi-them-{round_id.hex[:8]}")


def _xlsx(content: bytes, name: str) -> Response:
    response = Response(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def say_in(message: str, language: str) -> str:
    """Give a catalogue text in a language."""
    with force_locale(language):
        return str(_(message))
