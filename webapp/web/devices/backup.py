"""Taking in a phone's backup file when the phone itself cannot send: record by record, and again without harm."""

from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from webapp.core.access import Permission
from webapp.core.errors import DomainError, InvalidInput, NotFound, RoundShut
from webapp.queries.households import HouseholdRow, name_households
from webapp.services.backups import take_record
from webapp.web.devices.backup_file import FILE_MAX, BackupFile, ReadRecord, read_file, read_record
from webapp.web.devices.blueprint import bp
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import problems_on, say
from webapp.web.shared.forms import PageForm
from webapp.web.shared.identity import current_actor
from webapp.web.shared.refusals import note_refusal
from webapp.web.shared.visit_body import VisitBody
from webapp.web.shared.wiring import cipher, clock


class BackupForm(PageForm):
    """The file."""

    file = FileField(_l("Tệp sao lưu"), [FileRequired(_l("Hãy chọn một tệp."))])


class Outcome(StrEnum):
    """What became of a record, in the order in which the page counts them."""

    TAKEN = "taken"
    KNOWN = "known"
    DRAFT = "draft"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record and what became of it."""

    outcome: Outcome
    household_id: UUID | None = None
    code: str = ""
    reason: str = ""


@bp.get("/surveys/phone/backup")
@requires(Permission.VISIT_SUBMIT)
def backup() -> ResponseReturnValue:
    """Ask for the file."""
    return _page(BackupForm())


@bp.post("/surveys/phone/backup")
@requires(Permission.VISIT_SUBMIT)
def import_backup() -> ResponseReturnValue:
    """Take in what can be taken, and say of each record what became of it."""
    form = BackupForm()
    if form.validate_on_submit():
        with problems_on(form):
            file = _read(form)
            db.session.rollback()  # each record has its own transaction, and SQLite has one writer
            lines = [_take(read_record(record)) for record in file.records]
            return _result(file, lines)
    return _page(form, 422)


def _page(form: BackupForm, status: int = 200) -> ResponseReturnValue:
    return render_template("devices/backup.html", form=form, max_bytes=FILE_MAX), status


def _read(form: BackupForm) -> BackupFile:
    with closing(form.file.data) as uploaded:
        content = uploaded.read(FILE_MAX + 1)
    try:
        if len(content) > FILE_MAX:
            raise InvalidInput(_("Tệp lớn quá %(size)s MB.", size=FILE_MAX // 1024 // 1024))
        return read_file(content)
    except InvalidInput as error:
        for problem in error.problems:
            form.file.errors = [*form.file.errors, problem.message]
        raise InvalidInput([]) from error


def _take(read: ReadRecord) -> Line:
    if read.body is None:
        return Line(outcome=Outcome.DRAFT if read.is_draft else Outcome.REFUSED, reason=read.problem)
    try:
        return _store(read.body)
    except NotFound:
        reason = _("Phiếu của hộ hoặc đợt khảo sát không thuộc phần bạn phụ trách.")
    except RoundShut as error:
        note_refusal(error, current_actor())
        reason = say(error)
    except DomainError as error:
        reason = say(error)
    return Line(outcome=Outcome.REFUSED, household_id=read.body.household_id, reason=reason)


def _store(body: VisitBody) -> Line:
    with db.new_session() as own:
        receipt = take_record(own, body.command(), actor=current_actor(), clock=clock())
        own.commit()
    outcome = Outcome.KNOWN if receipt.repeated else Outcome.TAKEN
    return Line(outcome=outcome, household_id=body.household_id, code=receipt.code)


def _result(file: BackupFile, lines: list[Line]) -> ResponseReturnValue:
    actor = current_actor()
    scope = actor.group_scope(Permission.VISIT_SUBMIT)
    wanted = {line.household_id for line in lines if line.household_id}
    named = name_households(db.session, actor.ward_id, wanted, cipher=cipher())
    homes: dict[UUID | None, HouseholdRow] = {
        home.household_id: home for home in named.values() if scope is None or home.group_id in scope
    }
    counts = {outcome.value: sum(line.outcome is outcome for line in lines) for outcome in Outcome}
    return render_template("devices/backup_result.html", file=file, lines=lines, homes=homes, counts=counts)
