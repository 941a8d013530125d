"""The handlers of this program, by kind."""

from webapp.core.jobs import JobKind
from webapp.jobs.exports import export_workbook
from webapp.jobs.quality import check_quality
from webapp.jobs.registry import Registry
from webapp.jobs.retention import tidy


def standard_registry() -> Registry:
    """Give every kind its handler."""
    registry = Registry()
    registry.register(JobKind.EXPORT, export_workbook)
    registry.register(JobKind.QUALITY, check_quality)
    registry.register(JobKind.RETENTION, tidy)
    return registry
