"""What Collect loads: the list of forms, the form, its manifest and the head's household list."""

import hashlib
from uuid import UUID
from xml.sax.saxutils import escape

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from webapp.core.access import Permission
from webapp.core.survey_form_rows import HOUSEHOLD_FILE
from webapp.services.odk_forms import OdkForm, find_form, household_csv, list_forms
from webapp.web.extensions import db
from webapp.web.openrosa.blueprint import bp
from webapp.web.openrosa.door import admitted, current_sender
from webapp.web.openrosa.replies import with_headers, xml
from webapp.web.shared.wiring import cipher


@bp.get("/formList")
@admitted(Permission.VISIT_SUBMIT)
def form_list() -> ResponseReturnValue:
    """List the forms of the open rounds; `formID` asks for one."""
    wanted = request.args.get("formID")
    forms = [form for form in list_forms(db.session, current_sender(), say_in) if wanted in {None, form.form_id}]
    items = "".join(map(_item, forms))
    return xml(f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{items}</xforms>')


def _item(form: OdkForm) -> str:
    values = {
        "formID": form.form_id,
        "name": form.name,
        "version": form.version,
        "hash": f"md5:{md5(form.xform)}",
        "downloadUrl": url_for(".form", round_id=form.round_id, _external=True),
        "manifestUrl": url_for(".manifest", round_id=form.round_id, _external=True),
    }
    return f"<xform>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in values.items())}</xform>"


@bp.get("/forms/<uuid:round_id>.xml")
@admitted(Permission.VISIT_SUBMIT)
def form(round_id: UUID) -> ResponseReturnValue:
    """Give the XForm of a round."""
    found = find_form(db.session, current_sender(), round_id, say_in)
    return with_headers(Response(found.xform, content_type="text/xml; charset=utf-8"))


@bp.get("/forms/<uuid:round_id>/manifest")
@admitted(Permission.VISIT_SUBMIT)
def manifest(round_id: UUID) -> ResponseReturnValue:
    """Name the one file that the form needs; its hash changes with the head's list."""
    find_form(db.session, current_sender(), round_id, say_in)
    content = household_csv(db.session, current_sender(), cipher=cipher())
    address = url_for(".households", round_id=round_id, _external=True)
    return xml(
        '<manifest xmlns="http://openrosa.org/xforms/xformsManifest"><mediaFile>'
        f"<filename>{HOUSEHOLD_FILE}</filename><hash>md5:{md5(content)}</hash>"
        f"<downloadUrl>{escape(address)}</downloadUrl></mediaFile></manifest>"
    )


@bp.get(f"/forms/<uuid:round_id>/{HOUSEHOLD_FILE}")
@admitted(Permission.VISIT_SUBMIT)
def households(round_id: UUID) -> ResponseReturnValue:
    """Give the doors of the head's own groups."""
    find_form(db.session, current_sender(), round_id, say_in)
    content = household_csv(db.session, current_sender(), cipher=cipher())
    return with_headers(Response(content, content_type="text/csv; charset=utf-8"))


def say_in(message: str, language: str) -> str:
    """Give a catalogue text in a language."""
    with force_locale(language):
        return str(gettext(message))


def md5(content: bytes) -> str:
    """Give the hash that the protocol asks for, to notice a change, not to prove anything."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
