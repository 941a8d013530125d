"""Batches with a key that authorises several signatures at once (a remote service): prepare, ask once, finish each.

What the key made is stored before anything else is done with it: killed after that, a worker finishes the documents
(jobs/timestamps.py) and nobody authorises them again. Killed before that, nothing is signed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from webapp.core.access import Actor
from webapp.core.errors import N_, DomainError
from webapp.core.ports import OpenedKey, SigningGateway
from webapp.core.prepared_signings import StampPending, UnfinishedSigning
from webapp.core.signing_batches import BatchKind, BatchPaused
from webapp.jobs.context import JobContext
from webapp.queries.jobs import JobItemRow
from webapp.services.document_signing import SignDocument
from webapp.services.document_versions import BaseVersion
from webapp.services.job_leases import end_item
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.prepared_signings import give_up_signing
from webapp.services.signing_batches import note_outcome, prepare_for_key
from webapp.services.signing_elsewhere import finish_taken, take_checked

_CODE_USED: Final = N_("Mã dùng một lần đã dùng hết cho các văn bản vừa ký. Hãy lấy mã mới để ký tiếp phần còn lại.")
_MISFIT: Final = N_("Dịch vụ ký từ xa trả về chữ ký không khớp với chứng thư số. Văn bản này chưa được ký.")

Ready = Callable[[JobItemRow], tuple[Actor, BaseVersion]]
Guard = Callable[[JobItemRow, Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Begun:
    """A step that is prepared and lacks its raw signature."""

    number: int
    prepared_id: UUID
    value: Mapping[str, Any]
    actor: Actor


class Together:
    """The steps of one batch, as many at a time as one authorisation covers.

    `ready` checks a step's right and base; `guard` runs the work on one step and writes down what is wrong with it.
    """

    def __init__(
        self,
        context: JobContext,
        kind: BatchKind,
        key: OpenedKey,
        signing: SigningGateway,
        *,
        ready: Ready,
        guard: Guard,
    ) -> None:
        self._context = context
        self._kind = kind
        self._key = key
        self._signing = signing
        self._ready = ready
        self._guard = guard

    def run(self, items: Sequence[JobItemRow], going_on: Callable[[], None]) -> None:
        """Do all steps. `going_on` raises when the batch must rest. Raises BatchPaused."""
        left = list(items)
        while left:
            begun = self._prepared(left, going_on)
            if begun:
                self._finish_all(self._signed(begun), going_on)
            if left and self._key.spent:
                raise BatchPaused(_CODE_USED)

    def _prepared(self, left: list[JobItemRow], going_on: Callable[[], None]) -> list[Begun]:
        """Prepare as many of the first steps as one authorisation covers, and take them off the list."""
        begun: list[Begun] = []
        while left and len(begun) < (self._key.at_once or 1):
            going_on()
            item = left.pop(0)
            self._guard(item, partial(self._prepare, item, begun))
        return begun

    def _prepare(self, item: JobItemRow, begun: list[Begun]) -> None:
        if item.subject_id is None:
            return
        actor, base = self._ready(item)
        command = SignDocument(document_id=item.subject_id, base=base, opened=self._key)
        with self._context.own_session() as session:
            found = prepare_for_key(session, self._kind, command, actor=actor, signing=self._signing, **self._stored)
            self._context.keep(session)
            session.commit()
        begun.append(Begun(item.number, found.id, found.value, actor))

    def _signed(self, begun: Sequence[Begun]) -> list[Begun]:
        """Ask the key once and keep what it made; without its answer every step waits as before."""
        context, clock = self._context, self._context.ports.clock
        try:
            raws = self._key.sign_all([UnfinishedSigning(value=one.value, pdf=b"") for one in begun])
        except DomainError as error:
            with context.transaction() as session:
                note_signing_failure(session, None, error.code, actor=begun[0].actor, clock=clock)
            raise BatchPaused(error.text()) from error
        fits = [self._fits(one, raw) for one, raw in zip(begun, raws, strict=True)]
        taken = []
        with context.transaction() as session:
            for one, raw, fit in zip(begun, raws, fits, strict=True):
                if not fit:
                    end_item(session, context.lease, one.number, clock=clock, error=_MISFIT)
                    continue
                take_checked(session, one.prepared_id, raw, actor=one.actor, clock=clock)
                end_item(session, context.lease, one.number, clock=clock, result={"waiting": "timestamp"})
                taken.append(one)
        return taken

    def _fits(self, one: Begun, raw: bytes) -> bool:
        try:
            self._signing.check_raw(UnfinishedSigning(value=one.value, pdf=b"", raw=raw))
        except DomainError:
            return False
        return True

    def _finish_all(self, taken: Sequence[Begun], going_on: Callable[[], None]) -> None:
        for one in taken:
            going_on()
            self._finish(one)

    def _finish(self, one: Begun) -> None:
        """Stamp, embed, check and store. Without a timestamp the step waits for it alone."""
        context = self._context
        with context.own_session() as session:
            try:
                sha256 = finish_taken(session, one.prepared_id, actor=one.actor, signing=self._signing, **self._stored)
                note_outcome(session, context.lease, one.number, signature_sha256=sha256)
            except StampPending:
                session.rollback()
                return
            except DomainError as error:
                session.rollback()
                if give_up_signing(session, one.prepared_id, error, actor=one.actor, clock=context.ports.clock):
                    note_outcome(session, context.lease, one.number, error=error.text()[:500])
            session.commit()

    @property
    def _stored(self) -> dict[str, Any]:
        return {"clock": self._context.ports.clock, "files": self._context.ports.files}
