"""The form of a document that is composed here; every box is read line by line."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from webapp.core.letters import LetterTemplate, LetterText, letter_problems, lines_of
from webapp.core.letters_about import LetterStart
from webapp.queries.documents import DocumentDetail
from webapp.web.documents.forms import FactsForm
from webapp.web.shared.errors import say_problem

MOST_LETTERS = 120_000


class LetterForm(FactsForm):
    """The parts that the author writes; the template says which of them a type has."""

    addressees = TextAreaField(_l("Kính gửi"), [Optional(), Length(max=4_000)])
    bases = TextAreaField(_l("Căn cứ ban hành"), [Optional(), Length(max=40_000)])
    paragraphs = TextAreaField(_l("Nội dung"), [Length(max=MOST_LETTERS)])
    principal = StringField(_l("Ký thay chức vụ"), [Optional(), Length(max=120)])

    def only(self, template: LetterTemplate) -> None:
        """Leave out what the type does not have; core.letters refuses what must be there and is not."""
        self._template = template
        for name, asked in (("addressees", template.addressed), ("bases", template.based)):
            if asked is False:
                del self[name]
            else:
                self[name].flags.optional = not asked

    def validate(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """Say what the type needs together with what the boxes themselves refuse."""
        fine: bool = super().validate(extra_validators)
        problems = letter_problems(self._template, self.text())
        for problem in problems:
            self[problem.field].errors = [*self[problem.field].errors, say_problem(problem)]
        return fine and not problems

    def begin(self, template: LetterTemplate) -> None:
        """Start with the frame of the type."""
        self.paragraphs.data, self.recipients.data = template.body, template.recipients
        self.principal.data = "Chủ tịch"

    def begin_about(self, start: LetterStart) -> None:
        """Start with the words of a document about an earlier one."""
        self.abstract.data, self.principal.data = start.abstract, "Chủ tịch"
        for name in ("paragraphs", "recipients", "addressees", "bases"):
            if name in self:
                self[name].data = _box(getattr(start, name))

    def show(self, document: DocumentDetail, text: LetterText) -> None:
        """Show what was written before."""
        self.process(obj=document)
        self.department_id.data = str(document.department_id or "")
        self.signer_id.data = str(document.signer_id or "")
        self.paragraphs.data, self.recipients.data = _box(text.paragraphs), _box(text.recipients)
        for name, lines in (("addressees", text.addressees), ("bases", text.bases)):
            if name in self:
                self[name].data = _box(lines)
        self.principal.data = text.principal

    def text(self) -> LetterText:
        """Give what was written."""
        return LetterText(
            paragraphs=self._lines("paragraphs"),
            addressees=self._lines("addressees"),
            bases=self._lines("bases"),
            recipients=self._lines("recipients"),
            principal=" ".join(lines_of(self.principal.data or "")),
        )

    def _lines(self, name: str) -> tuple[str, ...]:
        return lines_of(self[name].data or "") if name in self else ()


def _box(lines: Sequence[str]) -> str:
    return "\n".join(lines)
