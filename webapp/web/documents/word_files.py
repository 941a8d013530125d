"""Word files of a document: taken like a PDF, downloaded to be corrected."""

from uuid import UUID

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.word_files import is_word_name
from webapp.queries.word_files import find_source
from webapp.services.documents import ReviseDocument, UploadDocument, revise_document, upload_document
from webapp.services.word_files import revise_word, upload_word
from webapp.web.documents.blueprint import bp
from webapp.web.documents.letters import DOCX
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.downloads import stored
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import clock, files, signing, word


def uploaded(command: UploadDocument) -> UUID:
    """Keep a new document, from PDF or Word, and say what comes next. Raises as the services do."""
    actor = current_actor()
    if is_word_name(command.filename):
        made = upload_word(db.session, command, actor=actor, clock=clock(), files=files(), word=word())
        flash(_("Đã lưu dự thảo. Tệp Word đang được chuyển thành PDF."), "ok")
        return made
    made = upload_document(db.session, command, actor=actor, clock=clock(), files=files(), signing=signing())
    flash(_("Đã lưu dự thảo. Hãy xem lại rồi bấm “Trình ký”."), "ok")
    return made


def revised(command: ReviseDocument) -> None:
    """Keep what was changed, and another file if there is one. Raises as the services do."""
    actor = current_actor()
    if is_word_name(command.filename):
        revise_word(db.session, command, actor=actor, clock=clock(), files=files(), word=word())
        flash(_("Đã lưu thay đổi. Tệp Word đang được chuyển thành PDF."), "ok")
        return
    revise_document(db.session, command, actor=actor, clock=clock(), files=files(), signing=signing())
    flash(_("Đã lưu thay đổi."), "ok")


@bp.get("/<uuid:document_id>/word/<int:number>/file")
@requires(Permission.DOCUMENT_DRAFT)
def source_file(document_id: UUID, number: int) -> ResponseReturnValue:
    """Give a Word file as it was brought. It may hold more than its page shows, so only who drafts gets it."""
    source = find_source(db.session, current_actor().ward_id, document_id, number)
    return stored(source.sha256, name=source.filename, mimetype=DOCX)
