"""The handlers of this program, by kind."""

from webapp.core.jobs import JobKind
from webapp.core.ports import SigningGateway, WordDesk
from webapp.jobs.exports import export_workbook
from webapp.jobs.ledger import reconcile
from webapp.jobs.preservation import preserve
from webapp.jobs.quality import check_quality
from webapp.jobs.registry import Registry
from webapp.jobs.reminders import send_code, send_letters
from webapp.jobs.retention import tidy
from webapp.jobs.timestamps import stamp_with
from webapp.jobs.webhooks import send_webhooks
from webapp.jobs.word import convert_with


def standard_registry(signing: SigningGateway | None = None, word: WordDesk | None = None) -> Registry:
    """Give every kind its handler; what needs the signing room or Word is done where there is one."""
    registry = Registry()
    registry.register(JobKind.EXPORT, export_workbook)
    registry.register(JobKind.QUALITY, check_quality)
    registry.register(JobKind.RETENTION, tidy)
    if signing is not None:
        registry.register(JobKind.TIMESTAMP, stamp_with(signing))
    if signing is not None and word is not None:
        registry.register(JobKind.WORD, convert_with(word, signing))
    registry.register(JobKind.LEDGER, reconcile)
    registry.register(JobKind.WEBHOOKS, send_webhooks)
    registry.register(JobKind.LETTERS, send_letters)
    registry.register(JobKind.MAIL_CODE, send_code)
    registry.register(JobKind.PRESERVE, preserve)
    return registry
