"""Turning a Word file into the page of a draft, beside the pages: it takes seconds and may fail."""

from uuid import UUID

from webapp.core.errors import NotFound, SigningRefused
from webapp.core.ports import SigningGateway, WordDesk
from webapp.core.word_files import WordRefused
from webapp.jobs.context import Handler, JobContext, JobResult
from webapp.services.word_files import WordOrder, keep_converted, keep_problem, word_to_convert


def convert_with(word: WordDesk, signing: SigningGateway) -> Handler:
    """Give the handler of JobKind.WORD."""

    def handle(context: JobContext) -> JobResult:
        """Convert one file. Done twice, the second time finds nothing to do."""
        order = WordOrder(
            ward_id=context.ward_id,
            document_id=UUID(context.payload["document_id"]),
            number=int(context.payload["number"]),
        )
        try:
            return _convert(context, order, word, signing)
        except NotFound:
            return JobResult(result={"converted": False})

    return handle


def _convert(context: JobContext, order: WordOrder, word: WordDesk, signing: SigningGateway) -> JobResult:
    ports = context.ports
    with context.reading() as session:
        name = word_to_convert(session, order)
    try:
        pdf = word.convert(ports.files.get(name), beat=lambda: context.progress(0))
        signing.inspect(pdf)
    except (WordRefused, SigningRefused) as refused:
        problem = refused.problem if isinstance(refused, WordRefused) else "failed"
        with context.transaction() as session:
            keep_problem(session, order, problem, clock=ports.clock)
        return JobResult(result={"converted": False, "problem": problem})
    with context.transaction() as session:
        keep_converted(session, order, pdf, clock=ports.clock, files=ports.files)
    return JobResult(result={"converted": True})
