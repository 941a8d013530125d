"""Forms of the indicator settings."""

from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, IntegerField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length

from webapp.core.adoption import ADULT_AGES, IndicatorUnit, TargetOperator
from webapp.queries.indicators import IndicatorRow
from webapp.services.indicators import SetAdultAge, SetTarget
from webapp.web.shared.forms import PageForm


class CommaDecimalField(DecimalField):  # type: ignore[misc]  # wtforms ships no types
    """A number with a decimal comma or point, as people here write it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read 99,5 and 99.5 alike."""
        super().process_formdata([text.strip().replace(",", ".").removesuffix("%").strip() for text in valuelist])


class AgeForm(PageForm):
    """From which age people count."""

    adult_age = RadioField(
        _l("Tính người từ"), choices=[SelectChoice(str(age), _l("%(age)s tuổi", age=age)) for age in sorted(ADULT_AGES)]
    )

    def command(self, code: str) -> SetAdultAge:
        """Give the order."""
        return SetAdultAge(code=code, adult_age=int(self.adult_age.data))


class TargetForm(PageForm):
    """A target of the plan. Percentages are typed as people say them: 50 for 50 %."""

    year = IntegerField(_l("Năm"), validators=[InputRequired()])
    operator = RadioField(
        _l("Cách so sánh"),
        choices=[
            SelectChoice(TargetOperator.AT_LEAST.value, _l("Đạt mức này")),
            SelectChoice(TargetOperator.MORE_THAN.value, _l("Trên mức này")),
        ],
        default=TargetOperator.AT_LEAST.value,
    )
    value = CommaDecimalField(_l("Mức chỉ tiêu"), validators=[InputRequired()])
    plan_section = StringField(_l("Mục của kế hoạch"), validators=[InputRequired(), Length(max=20)])

    def command(self, indicator: IndicatorRow) -> SetTarget:
        """Give the order; the value becomes a ratio."""
        scale = 1 if indicator.unit is IndicatorUnit.PER_RESIDENT else 100
        return SetTarget(
            code=indicator.code,
            year=self.year.data,
            operator=TargetOperator(self.operator.data),
            value=float(self.value.data) / scale,
            plan_section=self.plan_section.data or "",
        )
