"""Taking a form: asked about first (HEAD), then sent with its files in one or several posts."""

from typing import Final

from flask import Response, request
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.odk_instance import Malformed, read_instance
from webapp.services.odk_submissions import Received, keep_attachments, receive_form
from webapp.web.extensions import db
from webapp.web.openrosa.blueprint import bp
from webapp.web.openrosa.door import admitted, current_sender
from webapp.web.openrosa.replies import ACCEPTED, reply, with_headers
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import cipher, clock, files

XML_PART: Final = "xml_submission_file"
INCOMPLETE: Final = "*isIncomplete*"
FILES_MAX: Final = 101  # Collect begins a new post after 101
# Collect counts the files alone against the size that we told; boundaries and headings come on top.
HEADINGS: Final = 1024 * 1024
NAME_MAX: Final = 200


@bp.before_request
def limit_size() -> None:
    """Read what the protocol's answers promise to take, and no more."""
    request.max_content_length = ACCEPTED + HEADINGS


@bp.route("/submission", methods=["HEAD"])
@admitted(Permission.VISIT_SUBMIT)
def ask() -> ResponseReturnValue:
    """Tell Collect that it may send here and how much at once."""
    return with_headers(Response(status=204))


@bp.post("/submission")
@admitted(Permission.VISIT_SUBMIT)
@commits
def submit() -> ResponseReturnValue:
    """Take a form with its files; 201 when it is new, 202 when the ward had it."""
    if request.headers.get("X-OpenRosa-Version") != "1.0":
        raise Malformed("Yêu cầu thiếu X-OpenRosa-Version: 1.0.")
    part = request.files.get(XML_PART)
    if part is None:
        raise Malformed("Yêu cầu thiếu phần xml_submission_file.")
    raw, attachments = part.read(), _attachments()
    instance, actor = read_instance(raw), current_sender()
    received = receive_form(db.session, raw, instance, actor=actor, clock=clock())
    keep_attachments(db.session, instance.instance_id, attachments, actor=actor, files=files(), cipher=cipher())
    return reply(201 if received.new else 202, _told(received))


def _attachments() -> dict[str, bytes]:
    """Read the other parts; `*isIncomplete*` only says that more will come with the same form."""
    named = {name: file for name, file in request.files.items() if name not in {XML_PART, INCOMPLETE}}
    if len(named) > FILES_MAX or any(len(name) > NAME_MAX for name in named):
        raise Malformed("Phiếu kèm quá nhiều tệp hoặc tên tệp quá dài.")
    return {name: file.read() for name, file in named.items()}


def _told(received: Received) -> str:
    if received.has_issue:
        return "Phường đã nhận phiếu. Có chỗ cần xem lại, phường sẽ liên hệ."
    return "Phường đã nhận phiếu." if received.new else "Phường đã có phiếu này từ trước."
