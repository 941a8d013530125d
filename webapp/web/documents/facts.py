"""What every form about a document offers, and what was chosen in it."""

from uuid import UUID

from flask_babel import gettext as _

from webapp.core.documents import SigningCapacity
from webapp.queries.document_choices import departments, document_types, possible_signers
from webapp.services.documents import DocumentFacts
from webapp.web.documents.forms import FactsForm
from webapp.web.documents.workflow_forms import signer_choices
from webapp.web.extensions import db
from webapp.web.shared.identity import current_account, current_actor
from webapp.web.shared.labels import label


def offer(form: FactsForm) -> None:
    """Fill in the choices; the drafting person's own department comes first."""
    actor, account = current_actor(), current_account()
    if "type_code" in form:
        types = [(choice.value, choice.text) for choice in document_types(db.session)]
        form.type_code.choices = [("", _("(chọn loại văn bản)")), *types]
    units = [(choice.value, choice.text) for choice in departments(db.session, actor.ward_id)]
    form.department_id.choices = [("", _("(không ghi)")), *units]
    form.signer_id.choices = signer_choices(possible_signers(db.session, actor.ward_id), _("(chọn người ký)"))
    form.capacity.choices = [(member.value, label(member)) for member in SigningCapacity]
    if not form.is_submitted() and form.department_id.data in {None, "None"} and account and account.department_id:
        form.department_id.data = str(account.department_id)


def facts_of(form: FactsForm, type_code: str) -> DocumentFacts:
    """Give what was chosen; an empty title is the signer's own."""
    titles = {str(s.account_id): s.title for s in possible_signers(db.session, current_actor().ward_id)}
    return DocumentFacts(
        type_code=type_code,
        abstract=form.abstract.data,
        signer_id=UUID(form.signer_id.data),
        signer_title=form.signer_title.data or titles.get(form.signer_id.data, ""),
        capacity=SigningCapacity(form.capacity.data),
        recipients=form.recipients.data or "",
        department_id=UUID(form.department_id.data) if form.department_id.data else None,
    )
