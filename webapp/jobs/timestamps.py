"""Asking for a timestamp again: the key is not needed, and nothing is given up silently."""

from uuid import UUID

from webapp.core.ports import SigningGateway
from webapp.core.prepared_signings import StampPending
from webapp.jobs.context import Handler, JobContext, JobResult
from webapp.services.unstamped import count_failure, stamp


def stamp_with(signing: SigningGateway) -> Handler:
    """Give the handler of JobKind.TIMESTAMP."""

    def handle(context: JobContext) -> JobResult:
        """Stamp one signature. Done twice, the second time finds nothing to do."""
        prepared_id, ports = UUID(context.payload["prepared_id"]), context.ports
        with context.own_session() as session:
            try:
                done = stamp(
                    session, context.ward_id, prepared_id, clock=ports.clock, files=ports.files, signing=signing
                )
                context.keep(session)
                session.commit()
                return JobResult(result={"stamped": done is not None})
            except StampPending:
                session.rollback()
        with context.transaction() as session:
            count_failure(session, context.ward_id, prepared_id, clock=ports.clock)
        return JobResult(result={"stamped": False})

    return handle
