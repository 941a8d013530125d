"""Typed tables, a file per aggregate. Importing this package makes the metadata whole."""

from webapp.models import (
    accounts,
    adoption,
    audit,
    back_check,
    devices,
    documents,
    extra_forms,
    household_operations,
    households,
    jobs,
    odk,
    personal_data,
    places,
    prepared_signings,
    quality,
    signing,
    surveys,
)
from webapp.models.base import Base

__all__ = [
    "Base",
    "accounts",
    "adoption",
    "audit",
    "back_check",
    "devices",
    "documents",
    "extra_forms",
    "household_operations",
    "households",
    "jobs",
    "odk",
    "personal_data",
    "places",
    "prepared_signings",
    "quality",
    "signing",
    "surveys",
]
