"""One document: its page, its files, its pages as pictures."""

from io import BytesIO
from uuid import UUID

from flask import render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.documents import DocumentStatus
from webapp.core.relations import RelationKind
from webapp.queries.companions import companions_of
from webapp.queries.documents import DocumentDetail, find_version, get_document
from webapp.queries.letters import find_text
from webapp.queries.prepared_signings import waiting_stamp
from webapp.queries.signing_people import coming_steps
from webapp.queries.word_files import list_sources
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import BaseForm
from webapp.web.documents.presenters import STATUS_BADGES, ending, facts, may_relate, moves_of, page_images
from webapp.web.documents.timeline import SIDE_BY_SIDE, workflow
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.downloads import stored
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import files, settings, signing

PAGE_WIDTH = 1000
THUMBNAIL_WIDTH = 420


@bp.get("/<uuid:document_id>")
@requires(Permission.DOCUMENT_VIEW)
def document(document_id: UUID) -> ResponseReturnValue:
    """Show where the document stands, what it looks like, and what I can do."""
    found = get_document(db.session, current_actor(), document_id)
    published = found.status is DocumentStatus.PUBLISHED
    steps = workflow(found, found.attempt or coming_steps(db.session, current_actor().ward_id, found))
    beside = companions_of(db.session, current_actor().ward_id, document_id)
    ended_by = ending(beside)
    stamp = waiting_stamp(db.session, current_actor().ward_id, document_id)
    moves = moves_of(found, current_actor())
    sources = list_sources(db.session, current_actor().ward_id, document_id)
    unresolved = sources[0] if sources and sources[0].unresolved else None
    if unresolved or not found.versions:
        moves = moves.while_converting()
    return render_template(
        "documents/document.html",
        document=found,
        steps=steps,
        across=len(steps) <= SIDE_BY_SIDE,
        facts=facts(found, beside.copy),
        moves=moves.while_unstamped() if stamp else moves,
        stamp=stamp,
        written=find_text(db.session, current_actor().ward_id, document_id),
        may_draft=current_actor().can(Permission.DOCUMENT_DRAFT),
        sources=sources,
        unresolved=unresolved,
        base=_shown(found),
        pages=page_images(found, count_pages(found)) if found.versions else [],
        badges=STATUS_BADGES,
        beside=beside,
        ended_by=ended_by,
        relations=list(RelationKind) if may_relate(found, current_actor()) and ended_by is None else [],
        public_url=settings().base_url.rstrip("/") + url_for("verify.by_code", code=found.short_code)
        if published
        else "",
    )


def _shown(found: DocumentDetail) -> BaseForm:
    return BaseForm(data={"version": found.current.number, "sha256": found.current.sha256} if found.versions else {})


@bp.get("/<uuid:document_id>/versions/<int:number>/file")
@requires(Permission.DOCUMENT_VIEW)
def version_file(document_id: UUID, number: int) -> ResponseReturnValue:
    """Give the file of a version, as a download."""
    version = find_version(db.session, current_actor(), document_id, number)
    return stored(version.sha256, name=version.filename)


@bp.get("/<uuid:document_id>/versions/<int:number>/pages/<int:page>.png")
@requires(Permission.DOCUMENT_VIEW)
def page_image(document_id: UUID, number: int, page: int) -> ResponseReturnValue:
    """Give the picture of a page (from 1): it matters that people see what they sign."""
    version = find_version(db.session, current_actor(), document_id, number)
    image = signing().page_image(files().get(version.sha256), page - 1, width=PAGE_WIDTH)
    return send_file(BytesIO(image), mimetype="image/png")


@bp.get("/<uuid:document_id>/versions/<int:number>/thumbnail.png")
@requires(Permission.DOCUMENT_VIEW)
def thumbnail(document_id: UUID, number: int) -> ResponseReturnValue:
    """Give a small picture of the first page."""
    version = find_version(db.session, current_actor(), document_id, number)
    image = signing().page_image(files().get(version.sha256), 0, width=THUMBNAIL_WIDTH)
    return send_file(BytesIO(image), mimetype="image/png")


def count_pages(found: DocumentDetail) -> int:
    """Count the pages of the newest version."""
    return signing().count_pages(files().get(found.current.sha256))
