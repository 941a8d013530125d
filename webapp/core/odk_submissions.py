"""Where a form that ODK Collect sent stands."""

from enum import StrEnum


class OdkStatus(StrEnum):
    """Stored as a visit; kept because something in it cannot be true; thrown away; or taken over by an edit."""

    STORED = "stored"
    HAS_ISSUE = "has_issue"
    DISCARDED = "discarded"
    REPLACED = "replaced"
