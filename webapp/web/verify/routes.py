"""Checking a document without an account: a file in hand, or the code on the paper. Nothing is kept of an upload."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import DomainError, NotFound
from webapp.core.ids import SHORT_CODE_ALPHABET, SHORT_CODE_LENGTH
from webapp.queries.companions import companions_of, find_attachment
from webapp.queries.published import PublishedDocument, find_by_code, find_by_file
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import public
from webapp.web.shared.downloads import stored
from webapp.web.shared.verdicts import ended_by, signature_hashes, verdict_view
from webapp.web.shared.wiring import files, settings, signing
from webapp.web.verify.blueprint import bp
from webapp.web.verify.forms import VerifyForm


@bp.route("/kiem-tra", methods=["GET", "POST"])
@public
@limiter.limit("20 per minute;200 per hour", methods=["POST"])
def upload() -> ResponseReturnValue:
    """Examine a file and say what it is; also whether the ward published it. A typed code leads to its page."""
    if typed := request.args.get("code", "")[:40]:
        return redirect(url_for(".by_code", code=_letters(typed) or "0"), 303)
    form = VerifyForm()
    if not form.validate_on_submit():
        page = render_template("verify/upload.html", form=form, max_mb=settings().max_upload_mb)
        return page, 422 if form.is_submitted() else 200
    # The examination takes a second or more: the session must not hold a transaction meanwhile.
    db.session.rollback()
    report = signing().verify(form.content.data.read(), ward_id=None)
    with db.new_session(reading=True) as session:
        origin = find_by_file(session, report["sha256"], signature_hashes(report))
    return render_template("verify/result.html", verdict=verdict_view(report), origin=origin)


@bp.get("/v/<code>")
@public
@limiter.limit("60 per minute")
def by_code(code: str) -> ResponseReturnValue:
    """Show a published document and examine its stored file again."""
    document = _published(code)
    beside = companions_of(db.session, document.ward_id, document.document_id, public=True)
    shown = {"document": document, "beside": beside, "ended_by": ended_by(beside)}
    try:
        content = files().get(document.sha256)
    except DomainError:
        # Missing or altered on our own disk: the page must say so and must not offer it.
        return render_template("verify/document.html", verdict=None, whole=False, **shown)
    report = signing().verify(content, ward_id=document.ward_id)
    whole = document.agrees_with_ledger(content)
    return render_template("verify/document.html", verdict=verdict_view(report), whole=whole, **shown)


@bp.get("/v/<code>/tai-ve")
@public
@limiter.limit("60 per minute")
def download(code: str) -> Response:
    """Give the published file."""
    document = _published(code)
    name = f"{document.notation.replace('/', '-')}.pdf" if document.notation else document.filename
    return stored(document.sha256, name=name)


@bp.get("/v/<code>/phu-luc/<int:number>")
@public
@limiter.limit("60 per minute")
def attachment(code: str, number: int) -> Response:
    """Give a sealed attachment of a published document."""
    document = _published(code)
    found = find_attachment(db.session, document.ward_id, document.document_id, number)
    return stored(found.sha256, name=found.filename)


def _published(code: str) -> PublishedDocument:
    """Find the document; people type codes from paper, with blanks and in small letters. Raises NotFound."""
    typed = _letters(code)
    document = find_by_code(db.session, typed) if len(typed) == SHORT_CODE_LENGTH else None
    if document is None:
        raise NotFound
    return document


def _letters(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter in SHORT_CODE_ALPHABET)
