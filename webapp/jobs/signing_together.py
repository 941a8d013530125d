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
from webapp.core.errors import N_, DomainError, Gone
from webapp.core.ports import OpenedKey, SigningGateway
from webapp.core.prepared_signings import StampPending, UnfinishedSigning
from webapp.core.signing_batches import BatchKind, BatchPaused
from webapp.jobs.context import JobContext
from webapp.queries.jobs import JobItemRow
from webapp.services.document_signing import SignDocument
from webapp.services.document_versions import BaseVersion
from webapp.services.job_leases import end_item
from webapp.services.pin_attempts import note_signing_failure
from webapp.services.prepared_attachments import check_raws, with_raws
from webapp.services.prepared_signings import give_up_signing
from webapp.services.signing_batches import check_room, note_outcome, prepare_for_key
from webapp.services.signing_elsewhere import finish_taken, take_checked, to_sign

_CODE_USED: Final = N_("Mã dùng một lần đã dùng hết cho các văn bản vừa ký. Hãy lấy mã mới để ký tiếp phần còn lại.")

Ready = Callable[[JobItemRow], tuple[Actor, BaseVersion]]
Guard = Callable[[JobItemRow, Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Begun:
    """A step that is prepared and lacks its raw signature."""

    number: int
    prepared_id: UUID
    unfinished: UnfinishedSigning
    actor: Actor

    @property
    def files(self) -> dict[int, UnfinishedSigning]:
        """What is signed, by number: the document, then its separate attachments."""
        return self.unfinished.files


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
        left, over = list(items), list[Begun]()
        while left or over:
            begun, over = self._prepared(left, over, going_on)
            if begun:
                self._finish_all(self._signed(begun), going_on)
            if begun and (left or over) and self._key.uses_code:
                raise BatchPaused(_CODE_USED)

    def _prepared(
        self, left: list[JobItemRow], over: list[Begun], going_on: Callable[[], None]
    ) -> tuple[list[Begun], list[Begun]]:
        """Prepare as many of the first steps as one authorisation covers, and take them off the list.

        `over`: what was prepared before and had no room; the second of the answer is that of this time.
        """
        begun, most = over, self._key.at_once or 1
        while left and sum(len(one.files) for one in begun) < most:
            going_on()
            found = list[Begun]()
            item = left.pop(0)
            self._guard(item, partial(self._prepare, item, found))
            if begun and sum(len(one.files) for one in (*begun, *found)) > most:
                return begun, found
            begun += found
        return begun, []

    def _prepare(self, item: JobItemRow, found: list[Begun]) -> None:
        if item.subject_id is None:
            return
        actor, base = self._ready(item)
        command = SignDocument(document_id=item.subject_id, base=base, opened=self._key)
        with self._context.own_session() as session:
            begun = prepare_for_key(session, self._kind, command, actor=actor, signing=self._signing, **self._stored)
            check_room(self._key, len(begun.attached) + 1)
            self._context.keep(session)
            session.commit()
        found.append(Begun(item.number, begun.id, to_sign(begun), actor))

    def _signed(self, begun: Sequence[Begun]) -> list[Begun]:
        """Ask the key once and keep what it made; without its answer every step waits as before."""
        context, clock = self._context, self._context.ports.clock
        try:
            raws = iter(self._key.sign_all([each for one in begun for each in one.files.values()]))
        except DomainError as error:
            with context.transaction() as session:
                note_signing_failure(session, None, error.code, actor=begun[0].actor, clock=clock)
            raise BatchPaused(error.text()) from error
        made = [(one, dict(zip(one.files, raws, strict=False))) for one in begun]
        wrong = {one.number: self._wrong(one, own) for one, own in made}
        taken = []
        with context.transaction() as session:
            for one, own in made:
                why = wrong[one.number]
                try:
                    if why is None:
                        take_checked(session, one.prepared_id, own, actor=one.actor, clock=clock)
                except Gone as late:
                    why = late
                text = why.text()[:500] if why else ""
                result = {} if why else {"waiting": "timestamp"}
                end_item(session, context.lease, one.number, clock=clock, error=text, result=result)
                taken += [] if why else [one]
        return taken

    def _wrong(self, one: Begun, raws: Mapping[int, bytes]) -> DomainError | None:
        """Check what the key made for one document against its certificate."""
        try:
            check_raws(with_raws(one.unfinished, raws), self._signing)
        except DomainError as error:
            return error
        return None

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
