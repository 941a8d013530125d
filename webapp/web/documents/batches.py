"""Many documents at once: choosing them, seeing them, and one entry of the PIN for all."""

import re
from typing import Final
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.access import Permission
from webapp.core.documents import SERVER_KEYS
from webapp.core.errors import SigningRefused
from webapp.core.signing_batches import MOST, BatchKind
from webapp.queries.keystores import KeystoreRow, key_in_use
from webapp.queries.signing_batches import BatchDocument, recent_batches, waiting_documents
from webapp.services.document_versions import BaseVersion
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.signing_batches import OWNERS, BatchItem, Typed, open_for_batch, order_batch
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import BatchForm
from webapp.web.documents.presenters import MOST_PAGES, STATUS_BADGES
from webapp.web.extensions import db, limiter
from webapp.web.shared.access import requires
from webapp.web.shared.identity import current_actor
from webapp.web.shared.step_up import ask_step_up, step_up_needed
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import batches, clock, files, signing

LIMIT = "10 per minute"
SIGN, SEAL = BatchKind.SIGN, BatchKind.SEAL
_ITEM: Final = re.compile(r"([0-9a-f-]{36}):([0-9]{1,6}):([0-9a-f]{64})")


@bp.get("/batch/sign")
@requires(Permission.DOCUMENT_SIGN)
def sign_many() -> ResponseReturnValue:
    """Choose among what waits for my signature."""
    return _choose(SIGN)


@bp.get("/batch/seal")
@requires(Permission.DOCUMENT_SEAL)
def seal_many() -> ResponseReturnValue:
    """Choose among what waits for number and seal."""
    return _choose(SEAL)


@bp.route("/batch/sign/review", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_SIGN)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def review_sign() -> ResponseReturnValue:
    """See what was chosen and sign it."""
    return _review(SIGN)


@bp.route("/batch/seal/review", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_SEAL)
@limiter.limit(LIMIT, methods=["POST"])
@commits
def review_seal() -> ResponseReturnValue:
    """See what was chosen and seal it."""
    return _review(SEAL)


def _choose(kind: BatchKind) -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "documents/batch.html",
        kind=kind.value,
        documents=waiting_documents(db.session, actor, kind),
        batches=recent_batches(db.session, actor, now=clock().now()),
        badges=STATUS_BADGES,
        most=MOST,
        review=url_for(f".review_{kind.value}"),
        many=len(request.args.getlist("d")) > MOST,
    )


def _review(kind: BatchKind) -> ResponseReturnValue:
    actor = current_actor()
    ids = [item.document_id for item in shown_items()] if request.method == "POST" else _asked()
    if not 0 < len(ids) <= MOST:
        return redirect(url_for(f".{kind.value}_many", d=ids[: MOST + 1]), 303)
    if step_up_needed():
        return ask_step_up(url_for(f".review_{kind.value}", d=ids))
    form = BatchForm().asks(key_for(kind))
    if form.validate_on_submit() and (job_id := _started(kind, form)) is not None:
        return redirect(url_for(".batch", job_id=job_id), 303)
    documents = waiting_documents(db.session, actor, kind, ids)
    page = render_template(
        "documents/batch_review.html",
        form=form,
        kind=kind.value,
        missing=len(ids) - len(documents),
        **cards(kind, documents),
    )
    return page, 422 if form.is_submitted() else 200


def _started(kind: BatchKind, form: BatchForm) -> UUID | None:
    """Open the key, write down what is to be signed, and begin; None when the key did not open."""
    actor, items = current_actor(), shown_items()
    key = opened_key(kind, form)
    if key is None:
        return None
    try:
        job_id = order_batch(db.session, kind, items, actor=actor, clock=clock())
        db.session.commit()
    except BaseException:
        key.close()
        raise
    batches().start(job_id, actor=actor, key=key)
    return job_id


def opened_key(kind: BatchKind, form: BatchForm):  # type: ignore[no-untyped-def]  # noqa: ANN201 - an OpenedKey or None
    """Open the key with the PIN; a refusal is said on the form and stays in the audit log."""
    actor = current_actor()
    try:
        return open_for_batch(
            db.session,
            kind,
            Typed(pin=form.typed("pin"), code=form.typed("code")),
            actor=actor,
            clock=clock(),
            files=files(),
            signing=signing(),
            release=db.session.rollback,
        )
    except SigningRefused as error:
        db.session.rollback()
        note_signing_failure(db.session, None, error.code, actor=actor, clock=clock())
        db.session.commit()
        form.refuse(error)
        return None


def shown_items() -> list[BatchItem]:
    """Read the ticked documents with the versions that were shown; a form without them was not ours."""
    found = []
    for value in request.form.getlist("item"):
        parts = _ITEM.fullmatch(value)
        if parts is None:
            abort(400)
        try:
            document_id = UUID(parts[1])
        except ValueError:
            abort(400)
        found.append(BatchItem(document_id=document_id, base=BaseVersion(version=int(parts[2]), sha256=parts[3])))
    return found


def cards(kind: BatchKind, documents: list[BatchDocument]) -> dict[str, object]:
    """Give what the cards of the documents and the form beside them show."""
    key = key_for(kind)
    chosen = set(request.args.getlist("d"))
    return {
        "documents": documents,
        "pages": {document.id: signing().count_pages(files().get(document.sha256)) for document in documents},
        "most_pages": MOST_PAGES,
        "key": key,
        "elsewhere": key is not None and not _reachable(key),
        "now": clock().now(),
        "unticked": {document.id for document in documents if chosen and str(document.id) not in chosen},
    }


def key_for(kind: BatchKind) -> KeystoreRow | None:
    """Give the key that would sign now: the person's own, or the agency's."""
    actor = current_actor()
    own = actor.account_id if kind is SIGN else None
    return key_in_use(db.session, actor.ward_id, OWNERS[kind], account_id=own)


def _reachable(key: KeystoreRow) -> bool:
    return key.kind in SERVER_KEYS


def _asked() -> list[UUID]:
    found = []
    for value in request.args.getlist("d"):
        try:
            found.append(UUID(value))
        except ValueError:
            abort(404)
    return list(dict.fromkeys(found))
