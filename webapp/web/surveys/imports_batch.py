"""The batch that the import pages work on."""

from dataclasses import dataclass
from uuid import UUID

from webapp.core.import_layout import Sheet
from webapp.queries.imports import BatchRow
from webapp.services.imports import load_batch, load_sheets, open_round
from webapp.web.extensions import db
from webapp.web.shared.identity import current_actor
from webapp.web.shared.wiring import cipher, files


@dataclass(frozen=True, slots=True)
class OpenedBatch:
    """A batch on its way, with its sheets."""

    batch: BatchRow
    sheets: list[Sheet]


def open_batch(batch_id: UUID) -> OpenedBatch:
    """Load a batch that is still on its way. Raises NotFound, and WrongState when it or its round is closed."""
    batch = load_batch(db.session, batch_id, actor=current_actor())
    open_round(db.session, current_actor(), batch.round_id)
    return OpenedBatch(batch, load_sheets(batch, files=files(), cipher=cipher()))
