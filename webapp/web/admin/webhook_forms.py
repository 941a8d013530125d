"""Forms of webhooks: an address, and what it is told of."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.webhooks import CHOICES, URL_MOST, WebhookEvent
from webapp.web.shared.forms import PageForm
from webapp.web.shared.labels import label


def _events() -> list[tuple[str, str]]:
    return [(event.value, label(event)) for event in CHOICES]


class EventsForm(PageForm):
    """The events that an address is told of."""

    events = SelectMultipleField(
        _l("Báo khi"),
        choices=_events,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def chosen(self) -> list[WebhookEvent]:
        """Give them; what no box offers does not count."""
        return [event for event in CHOICES if event.value in (self.events.data or ())]


class WebhookForm(EventsForm):
    """A new address."""

    url = StringField(_l("Địa chỉ nhận tin"), [InputRequired(), Length(max=URL_MOST)])
