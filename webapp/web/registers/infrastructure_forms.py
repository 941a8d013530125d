"""Forms of the infrastructure registers: one answer for each listed thing, or two counts for the ward."""

from collections.abc import Sequence
from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.core.adoption import IndicatorSource, IndicatorUnit
from webapp.core.errors import N_, InvalidInput, Problem
from webapp.queries.indicators import IndicatorRow
from webapp.queries.infrastructure import Found, Subject
from webapp.services.infrastructure import LISTED, AddItem, Finding, RecordFindings
from webapp.web.shared.errors import say_problem
from webapp.web.shared.forms import BuiltInMessages, PageForm

BY_RESIDENTS: Final = "population_5g"
_MESSAGES = BuiltInMessages()


class SubjectForm(Form):  # type: ignore[misc]  # wtforms ships no types
    """What was found for one group or listed thing."""

    class Meta:
        """Texts of the program instead of WTForms' own."""

        def get_translations(self, _form: Form) -> BuiltInMessages:
            """Use our texts."""
            return _MESSAGES

    subject_id = HiddenField()
    state = RadioField(
        choices=[
            SelectChoice("yes", _l("Có")),
            SelectChoice("no", _l("Không")),
            SelectChoice("unknown", _l("Chưa biết")),
        ],
        default="unknown",
    )
    residents = IntegerField(_l("Số dân của tổ"), validators=[Optional(), NumberRange(min=0, max=1_000_000)])
    evidence = StringField(_l("Minh chứng, ghi chú"), validators=[Optional(), Length(max=500)])


class FindingsForm(PageForm):
    """Answers for everything that an indicator's register lists."""

    observed_on = DateField(_l("Ngày ghi nhận"), validators=[InputRequired()])
    subjects = FieldList(FormField(SubjectForm))

    def name_fields(self, listed: Sequence[Subject]) -> None:
        """Put the names of groups and things where the labels stand."""
        names = {str(subject.id): subject.name for subject in listed}
        for entry in self.subjects:
            entry.form.state.label.text = names.get(entry.form.subject_id.data, "")

    def command(self, indicator: IndicatorRow, listed: Sequence[Subject]) -> RecordFindings:
        """Give the order: only what differs from what is known. Raises InvalidInput."""
        known = {str(subject.id): subject for subject in listed}
        findings = []
        for number, entry in enumerate(self.subjects):
            subject = known.get(entry.form.subject_id.data)
            if subject is not None:
                finding = _finding(indicator, subject, entry.form, number)
                if not _same(finding, subject.found):
                    findings.append(finding)
        return RecordFindings(code=indicator.code, observed_on=self.observed_on.data, findings=findings)


class CountsForm(PageForm):
    """Two counts of the ward as a whole."""

    observed_on = DateField(_l("Ngày ghi nhận"), validators=[InputRequired()])
    numerator = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=10_000_000)])
    denominator = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=10_000_000)])
    evidence = StringField(_l("Minh chứng, ghi chú"), validators=[Optional(), Length(max=500)])

    def name_fields(self, indicator: IndicatorRow) -> None:
        """Name the counts as the indicator defines them; things that only add to a numerator need no second count."""
        self.numerator.label.text = indicator.numerator_vi[:1].upper() + indicator.numerator_vi[1:]
        self.denominator.label.text = indicator.denominator_vi[:1].upper() + indicator.denominator_vi[1:]
        if indicator.unit is IndicatorUnit.PER_RESIDENT:
            self.numerator.label.text = _l("Số kết nối do phường quản lý (camera, đèn, cảm biến …)")
            del self.denominator

    def command(self, indicator: IndicatorRow) -> RecordFindings:
        """Give the order."""
        finding = Finding(
            numerator=self.numerator.data,
            denominator=self.denominator.data if "denominator" in self else 0,
            evidence=self.evidence.data or "",
            field="numerator",
        )
        return RecordFindings(code=indicator.code, observed_on=self.observed_on.data, findings=[finding])


class ItemForm(PageForm):
    """A new thing on the list."""

    name = StringField(_l("Tên"), validators=[InputRequired(), Length(max=300)])
    detail = StringField(_l("Mô tả"), validators=[Optional(), Length(max=300)])
    plan_section = StringField(_l("Mục của kế hoạch"), validators=[Optional(), Length(max=20)])

    def command(self, code: str) -> AddItem:
        """Give the order."""
        return AddItem(
            code=code,
            name=self.name.data,
            detail=self.detail.data or "",
            plan_section=self.plan_section.data or "",
        )


def is_listed(indicator: IndicatorRow) -> bool:
    """Tell whether the register answers for single things rather than by counts."""
    return indicator.source is IndicatorSource.GROUP or indicator.source in LISTED


def subject_data(subject: Subject) -> dict[str, object]:
    """Give what a subject's fields show before anything is typed."""
    found = subject.found
    state = "unknown" if found is None or found.state is None else "yes" if found.state else "no"
    return {
        "subject_id": str(subject.id),
        "state": state,
        "residents": found.denominator if found and found.denominator else subject.population,
        "evidence": found.evidence if found else "",
    }


def put_problems(form: FindingsForm, error: InvalidInput) -> None:
    """Put each problem beside the thing it is about (`3.evidence`), the rest on the form."""
    for problem in error.problems:
        number, _dot, name = problem.field.partition(".")
        if name and number.isdigit():
            field = form.subjects[int(number)].form[name]
            field.errors = [*field.errors, say_problem(problem)]
        elif problem.field in form:
            form[problem.field].errors = [*form[problem.field].errors, say_problem(problem)]
        else:
            form.form_errors.append(say_problem(problem))


def _finding(indicator: IndicatorRow, subject: Subject, form: SubjectForm, number: int) -> Finding:
    is_group = indicator.source is IndicatorSource.GROUP
    size = 1
    if indicator.code == BY_RESIDENTS and form.state.data != "unknown":
        size = form.residents.data or 0
        if not size:
            raise InvalidInput(Problem(f"{number}.residents", N_("Hãy ghi số dân của tổ để tính được tỷ lệ.")))
    return Finding(
        numerator=size if form.state.data == "yes" else 0,
        denominator=0 if form.state.data == "unknown" else size,
        group_id=subject.id if is_group else None,
        item_id=None if is_group else subject.id,
        evidence=form.evidence.data or "",
        field=f"{number}.evidence",
    )


def _same(finding: Finding, found: Found | None) -> bool:
    if found is None:
        return not finding.denominator and not finding.evidence.strip()
    before = found.numerator, found.denominator, found.evidence
    return before == (finding.numerator, finding.denominator, finding.evidence.strip())
