"""Where on the form a returned visit is to be mended, and how the field is called."""

from typing import Final

from flask_babel import gettext

from webapp.core.return_fields import ON_FIRST_PAGE, RETURN_FIELDS

# Name → the id of its first control, where every adult has a line and where only totals are known.
_ANCHORS: Final = {
    "outcome": ("outcome-0", "outcome-0"),
    "visited_on": ("visited_on", "visited_on"),
    "adults": ("adults-0", "totals-adults"),
    "minors": ("minors_0_5-count", "totals-residents"),
    "totals": ("adults-0", "totals-residents"),
    "smartphone": ("adults-0-smartphone-0", "totals-smartphone_adults"),
    "digital_id": ("adults-0-digital_id-0", "totals-digital_id_residents"),
    "vneid_level": ("adults-0-vneid_level-0", "totals-vneid_l2"),
    "signature": ("adults-0-digital_signature-0", "totals-esignature_adults"),
    "fibre": ("fibre_connected-0", "fibre_connected-0"),
    "iot_connections": ("iot_connections", "iot_connections"),
    "payment_accounts": ("payment_accounts", "payment_accounts"),
    "note": ("note", "note"),
}


def return_label(field: str) -> str:
    """Give the field's name in the reader's language; empty for the visit as a whole or an unknown name."""
    return gettext(RETURN_FIELDS[field]) if field and field in RETURN_FIELDS else ""


def return_anchor(field: str, *, by_totals: bool = False) -> str | None:
    """Give the id of the control to mend; None for the visit as a whole."""
    return _ANCHORS[field][by_totals] if field in _ANCHORS else None


def on_first_page(field: str, *, by_totals: bool) -> bool:
    """Tell whether the first page of the form asks it; the number of minors stands there too."""
    return field in ON_FIRST_PAGE or (field == "minors" and not by_totals)
