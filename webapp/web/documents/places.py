"""Where a signature stands: the page for dragging it, which without scripts offers a page and a preset."""

import math
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.access import Permission
from webapp.core.documents import DocumentStatus, KeystoreOwner
from webapp.core.errors import NotFound, SigningRefused
from webapp.core.signature_places import PlacePreset, PlacingFacts, SeenPlace, preset_place
from webapp.queries.documents import DocumentDetail, get_document
from webapp.queries.keystores import key_in_use
from webapp.queries.signature_places import PlacedSigner, signers_of
from webapp.services.signature_places import ChoosePlace, choose_place, may_place
from webapp.web.documents.blueprint import bp
from webapp.web.documents.forms import PlaceForm
from webapp.web.extensions import db
from webapp.web.shared.access import requires
from webapp.web.shared.errors import say
from webapp.web.shared.identity import current_actor
from webapp.web.shared.labels import label
from webapp.web.shared.transactions import commits
from webapp.web.shared.wiring import clock, files, signing

AUTHORS = frozenset({DocumentStatus.DRAFT, DocumentStatus.REJECTED})


@bp.route("/<uuid:document_id>/places/<uuid:signer_id>", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_VIEW)
@commits
def place(document_id: UUID, signer_id: UUID) -> ResponseReturnValue:
    """Choose where somebody's signature stands."""
    actor = current_actor()
    document = get_document(db.session, actor, document_id)
    signers = signers_of(db.session, actor, document_id)
    signer = next((one for one in signers if one.account_id == signer_id), None)
    if signer is None:
        raise NotFound
    if not may_place(db.session, document_id, signer_id, actor):
        return redirect(url_for(".document", document_id=document_id), 303)
    looked = signing().placing(files().get(document.current.sha256), signer.name)
    form = PlaceForm()
    form.preset.choices = [(preset.value, label(preset)) for preset in PlacePreset]
    if form.validate_on_submit() and _kept(document_id, signer_id, form, looked):
        flash(_("Đã lưu chỗ đặt chữ ký."), "ok")
        return redirect(_back(document), 303)
    if not form.is_submitted():
        _fill(form, document, signer.place, looked)
    page = render_template("documents/place.html", form=form, document=document, **_words(signer, signers, looked))
    return page, 422 if form.is_submitted() else 200


def _kept(document_id: UUID, signer_id: UUID, form: PlaceForm, looked: PlacingFacts) -> bool:
    try:
        chosen = _chosen(form, looked)
        command = ChoosePlace(document_id=document_id, signer_id=signer_id, base=form.base(), place=chosen)
        choose_place(db.session, command, actor=current_actor(), clock=clock(), files=files(), signing=signing())
    except SigningRefused as error:
        db.session.rollback()
        form.preset.errors = [*form.preset.errors, say(error)]
        return False
    return True


def _chosen(form: PlaceForm, looked: PlacingFacts) -> SeenPlace | None:
    """Give the place that the form asks for; None leaves it to the text. Raises SigningRefused for no real place."""
    preset, page = PlacePreset(form.preset.data), form.page.data - 1
    if preset is PlacePreset.NAME:
        return None
    if page >= len(looked.sizes):
        raise SigningRefused("bad_placement", _("Văn bản chỉ có %(count)s trang.", count=len(looked.sizes)))
    if preset is not PlacePreset.EXACT:
        return preset_place(preset, page, looked.sizes[page])
    values = [form.x.data, form.y.data, form.width.data, form.height.data]
    if any(value is None or not math.isfinite(value) for value in values):
        raise SigningRefused("bad_placement", _("Hãy kéo chữ ký đến chỗ cần đặt trên trang."))
    x, y, width, height = values
    return SeenPlace(page=page, x=x, y=y, width=width, height=height)


def _fill(form: PlaceForm, document: DocumentDetail, chosen: SeenPlace | None, looked: PlacingFacts) -> None:
    shown = chosen or looked.suggested
    form.version.data, form.sha256.data = document.current.number, document.current.sha256
    form.preset.data = PlacePreset.EXACT.value if chosen else PlacePreset.NAME.value
    form.page.data = shown.page + 1
    form.x.data, form.y.data, form.width.data, form.height.data = shown.x, shown.y, shown.width, shown.height


def _words(signer: PlacedSigner, signers: list[PlacedSigner], looked: PlacingFacts) -> dict[str, Any]:
    """Give what the template and its script need."""
    actor = current_actor()
    mine = signer.account_id == actor.account_id
    key = key_in_use(db.session, actor.ward_id, KeystoreOwner.PERSON, account_id=actor.account_id) if mine else None
    others = [one.place for one in signers if one.place and one.account_id != signer.account_id]
    return {
        "signer": signer,
        "signers": signers,
        "looked": looked,
        "taken": [_plain(one) for one in (*looked.taken, *others)],
        "suggested": _plain(looked.suggested),
        # A picture of somebody's hand is shown to nobody else.
        "picture": url_for(".my_picture_image") if key and key.picture_sha256 else "",
        "mine": mine,
    }


def _plain(seen: SeenPlace) -> dict[str, float]:
    return {"page": seen.page, "x": seen.x, "y": seen.y, "width": seen.width, "height": seen.height}


def _back(document: DocumentDetail) -> str:
    name = ".document" if document.status in AUTHORS else ".sign"
    return url_for(name, document_id=document.id)
