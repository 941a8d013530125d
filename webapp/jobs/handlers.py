"""The handlers of this program, by kind."""

from webapp.core.jobs import JobKind
from webapp.jobs.registry import Registry
from webapp.jobs.retention import tidy


def standard_registry() -> Registry:
    """Give every kind its handler."""
    registry = Registry()
    registry.register(JobKind.RETENTION, tidy)
    return registry
